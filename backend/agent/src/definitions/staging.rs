//! Texts that are handed in piece by piece.

use std::collections::VecDeque;

use archipel_protocol::{
    BareJid, ParseError,
    chunks::{Assembly, Chunk, Digest},
};

/// Texts that may wait; the oldest gives way.
const WAITING: usize = 16;
/// Texts of one person that may wait.
const OWN: usize = 4;

/// What was handed in and not yet written.
#[derive(Debug, Default)]
pub(crate) struct Staging(VecDeque<Staged>);

#[derive(Debug)]
struct Staged {
    who: BareJid,
    digest: Digest,
    text: Text,
}

enum Text {
    Part(Assembly),
    Whole(String),
}

/// Without the text: it may hold secrets.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Part(_) => "Part",
            Self::Whole(_) => "Whole",
        })
    }
}

impl Staging {
    /// Takes a piece. The first one of a text begins it anew.
    pub(crate) fn add(&mut self, who: &BareJid, piece: &Chunk) -> Result<(), ParseError> {
        let mut assembly = match self.take(who, piece.digest) {
            Some(Text::Part(assembly)) if piece.offset > 0 => assembly,
            _ => Assembly::default(),
        };
        let text = match assembly.add(piece)? {
            Some(whole) => Text::Whole(whole),
            None => Text::Part(assembly),
        };
        self.make_room(who);
        self.0.push_back(Staged {
            who: who.clone(),
            digest: piece.digest,
            text,
        });
        Ok(())
    }

    /// A text that is whole.
    pub(crate) fn text(&self, who: &BareJid, digest: Digest) -> Option<&str> {
        let mut own = self.0.iter().filter(|staged| staged.who == *who);
        let staged = own.find(|staged| staged.digest == digest)?;
        match &staged.text {
            Text::Whole(text) => Some(text),
            Text::Part(_) => None,
        }
    }

    fn take(&mut self, who: &BareJid, digest: Digest) -> Option<Text> {
        let mut all = self.0.iter();
        let at = all.position(|staged| staged.who == *who && staged.digest == digest)?;
        self.0.remove(at).map(|staged| staged.text)
    }

    fn make_room(&mut self, who: &BareJid) {
        let own = self.0.iter().filter(|staged| staged.who == *who).count();
        if own >= OWN
            && let Some(at) = self.0.iter().position(|staged| staged.who == *who)
        {
            self.0.remove(at);
        }
        if self.0.len() >= WAITING {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pieces(text: &str) -> Vec<Chunk> {
        let mut pieces = Vec::new();
        let mut offset = 0;
        while offset < text.len() {
            let piece = Chunk::cut(text, offset).unwrap();
            offset += piece.text.len();
            pieces.push(piece);
        }
        pieces
    }

    #[test]
    fn a_text_is_there_when_its_last_piece_came_and_for_whom_it_came() {
        let (olga, eve): (BareJid, BareJid) = ("o@x".parse().unwrap(), "e@x".parse().unwrap());
        let text = "<domain/>".repeat(5_000);
        let mut staging = Staging::default();
        for piece in pieces(&text) {
            assert_eq!(staging.text(&olga, piece.digest), None);
            staging.add(&olga, &piece).unwrap();
        }
        let digest = Digest::of(&text);
        assert_eq!(staging.text(&olga, digest), Some(text.as_str()));
        assert_eq!(staging.text(&eve, digest), None);
        assert!(staging.add(&eve, &pieces(&text)[1]).is_err());
    }

    #[test]
    fn nobody_fills_the_room_of_others() {
        let olga: BareJid = "o@x".parse().unwrap();
        let mut staging = Staging::default();
        let piece = |number: usize| Chunk::cut(&format!("<domain>{number}</domain>"), 0).unwrap();
        staging.add(&olga, &piece(0)).unwrap();
        let eve: BareJid = "e@x".parse().unwrap();
        for number in 1..100 {
            staging.add(&eve, &piece(number)).unwrap();
        }
        assert!(staging.text(&olga, piece(0).digest).is_some());
        assert!(staging.text(&eve, piece(99).digest).is_some());
        assert!(staging.text(&eve, piece(1).digest).is_none());
    }
}
