//! Long texts over the fleet wire (`urn:archipel:fleet:1`): a machine's definition in pieces that each fit into one stanza.
//!
//! `<chunk digest='…' size='…' offset='…'>text</chunk>`, as [`definitions`](crate::definitions) hand it out and in. The digest is that of
//! the whole text: a text that changed between two pieces is not put together from both.

use std::{fmt, str::FromStr};

use minidom::Element;
use rxml::NcNameStr;
use sha2::Digest as _;

use crate::{
    ns,
    table::Codec,
    text::valid_xml,
    xml::{Build, DOCUMENT_LIMIT, ParseError, expect, name, require, required, shown},
};

/// The most bytes of text in one piece, as written: references to characters included.
const PIECE: usize = crate::feed::LIMIT - 2_048;

/// SHA-256 of a text, hexadecimal on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of this text.
    pub fn of(text: &str) -> Self {
        Self(sha2::Sha256::digest(text.as_bytes()).into())
    }

    /// The sum itself.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::invalid("digest", format!("no SHA-256 ({})", shown(text)));
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = &text[2 * at..2 * at + 2];
            *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Of the whole text.
    pub digest: Digest,
    /// Bytes of the whole text, at most 256 KiB.
    pub size: usize,
    /// Which byte of it is the first of the piece.
    pub offset: usize,
    /// The piece.
    pub text: String,
}

/// Bytes that a character takes as written.
fn written(c: char) -> usize {
    match c {
        '&' | '<' | '>' | '"' | '\'' | '\r' | '\n' | '\t' => 6,
        c => c.len_utf8(),
    }
}

impl Chunk {
    /// The piece of `text` that begins at `offset` and fits into one stanza; `None` where no character begins there. The text must be
    /// one that XML can carry, and no longer than 256 KiB.
    pub fn cut(text: &str, offset: usize) -> Option<Self> {
        if text.len() > DOCUMENT_LIMIT || valid_xml(text) != text {
            return None;
        }
        let rest = text.get(offset..)?;
        let mut room = PIECE;
        let fits = |c: &char| {
            let enough = written(*c) <= room;
            room = room.saturating_sub(written(*c));
            enough
        };
        Some(Self {
            digest: Digest::of(text),
            size: text.len(),
            offset,
            text: rest.chars().take_while(fits).collect(),
        })
    }

    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("chunk", ns::FLEET)
            .attr(name!("digest"), self.digest)
            .attr(name!("size"), self.size)
            .attr(name!("offset"), self.offset)
            .text(&self.text)
            .done()
    }

    /// Reads a piece.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "chunk")?;
        let size = required(element, "size")?;
        if size > DOCUMENT_LIMIT {
            return Err(ParseError::invalid("size", "longer than 256 KiB"));
        }
        Ok(Self {
            digest: required(element, "digest")?,
            size,
            offset: required(element, "offset")?,
            text: valid_xml(element.text()).into_owned(),
        })
    }
}

/// As a piece of a text in its own element.
pub(crate) struct Piece;

impl Codec<Chunk> for Piece {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Chunk, ParseError> {
        Chunk::parse(require(element, name.as_str())?)
    }

    fn write(value: &Chunk, _: &'static NcNameStr, build: Build) -> Build {
        build.child(value.to_element())
    }
}

/// What is there of a text so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assembly {
    digest: Option<Digest>,
    text: String,
}

impl Assembly {
    /// From which byte on to ask.
    pub fn offset(&self) -> usize {
        self.text.len()
    }

    /// Adds the next piece; gives the text when it is whole. A piece of another text, or of another place, is an error: begin anew.
    pub fn add(&mut self, chunk: &Chunk) -> Result<Option<String>, ParseError> {
        let same = self.digest.is_none_or(|digest| digest == chunk.digest);
        if !same || chunk.offset != self.offset() {
            return Err(ParseError::invalid(
                "chunk",
                "not the next piece of this text",
            ));
        }
        self.digest = Some(chunk.digest);
        self.text.push_str(&chunk.text);
        if self.text.len() < chunk.size && !chunk.text.is_empty() {
            return Ok(None);
        }
        let text = std::mem::take(self).text;
        if text.len() == chunk.size && Digest::of(&text) == chunk.digest {
            return Ok(Some(text));
        }
        Err(ParseError::invalid("digest", "not that of the text"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Takes a text apart, sends it piece by piece, puts it together.
    fn travelled(text: &str) -> String {
        let mut assembly = Assembly::default();
        loop {
            let element = Chunk::cut(text, assembly.offset()).unwrap().to_element();
            let size = String::from(&element).len();
            assert!(size < crate::feed::LIMIT - 1_024, "{size}");
            let read: Element = String::from(&element).parse().unwrap();
            if let Some(whole) = assembly.add(&Chunk::parse(&read).unwrap()).unwrap() {
                return whole;
            }
        }
    }

    #[test]
    fn long_texts_travel_in_pieces_under_the_bound() {
        for text in [
            String::new(),
            "<domain/>".repeat(10_000),
            "&".repeat(100_000),
            "ü\n'\"".repeat(20_000),
        ] {
            assert_eq!(travelled(&text), text);
        }
        assert_eq!(Chunk::cut(&"x".repeat(300_000), 0), None);
        assert_eq!(Chunk::cut("ü", 1), None);
        assert_eq!(Chunk::cut("a\u{0}", 0), None);
    }

    #[test]
    fn a_text_that_changed_is_not_put_together() {
        let (one, other) = ("a".repeat(40_000), "b".repeat(40_000));
        let mut assembly = Assembly::default();
        assembly.add(&Chunk::cut(&one, 0).unwrap()).unwrap();
        let next = Chunk::cut(&other, assembly.offset()).unwrap();
        assert!(assembly.add(&next).is_err());
        let again = Chunk::cut(&one, 0).unwrap();
        assert!(assembly.add(&again).is_err());
        let forged = Chunk {
            text: "x".into(),
            ..Chunk::cut("y", 0).unwrap()
        };
        assert!(Assembly::default().add(&forged).is_err());
    }

    #[test]
    fn odd_pieces_are_refused() {
        let digest = Digest::of("x");
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        for bad in ["", "zz", &"g".repeat(64), &"ü".repeat(32)] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
        let huge = format!("<chunk xmlns='x' digest='{digest}' size='99999999' offset='0'/>");
        assert!(Chunk::parse(&huge.parse().unwrap()).is_err());
    }
}
