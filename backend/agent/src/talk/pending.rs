//! What waits for a yes: one request per conversation, for a short while.

use std::{collections::HashMap, time::Duration};

use archipel_protocol::{FullJid, VmId};
use tokio::time::Instant;

/// How long a question stands.
const LIFE: Duration = Duration::from_mins(2);
/// The most questions that stand at a time.
const QUESTIONS: usize = 256;

/// A request that waits.
#[derive(Debug)]
struct Question<T> {
    meant: T,
    /// What has to be said, in small letters.
    wanted: String,
    until: Instant,
}

/// What an answer was.
#[derive(Debug)]
pub(crate) enum Verdict<T> {
    /// Yes: this is to be done.
    Go(Box<T>),
    /// No, or something that is neither; what would have been a yes.
    Leave(String),
    /// Nothing was asked.
    NotAsked,
}

/// Whoever talks, and with whom.
type Talk = (FullJid, Option<VmId>);

/// All questions, each about one `T`.
#[derive(Debug)]
pub(crate) struct Pending<T>(HashMap<Talk, Question<T>>);

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Pending<T> {
    /// Keeps a question; the earlier one of the same conversation is forgotten. Says whether there was room.
    pub(crate) fn ask(&mut self, talk: Talk, meant: T, wanted: &str, now: Instant) -> bool {
        self.0.retain(|_, question| now < question.until);
        if self.0.len() >= QUESTIONS && !self.0.contains_key(&talk) {
            return false;
        }
        let question = Question {
            meant,
            wanted: wanted.to_lowercase(),
            until: now + LIFE,
        };
        self.0.insert(talk, question);
        true
    }

    /// Whatever is said next settles the question.
    pub(crate) fn answered(&mut self, talk: &Talk, line: &str, now: Instant) -> Verdict<T> {
        let question = self.0.remove(talk);
        let Some(question) = question.filter(|question| now < question.until) else {
            return Verdict::NotAsked;
        };
        let line = line.trim().trim_end_matches(['.', '!']).to_lowercase();
        if line
            .split_whitespace()
            .eq(question.wanted.split_whitespace())
        {
            return Verdict::Go(Box::new(question.meant));
        }
        Verdict::Leave(question.wanted)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn talk(number: usize) -> Talk {
        (format!("u{number}@dc.example/r").parse().unwrap(), None)
    }

    fn ask(pending: &mut Pending<u8>, number: usize, now: Instant) -> bool {
        pending.ask(talk(number), 7, "yes Web01", now)
    }

    #[test]
    fn only_what_is_wanted_is_a_yes_and_only_once() {
        let (mut pending, now) = (Pending::default(), Instant::now());
        let said =
            |pending: &mut Pending<u8>, number, line| pending.answered(&talk(number), line, now);
        assert!(ask(&mut pending, 1, now));
        assert!(matches!(
            said(&mut pending, 2, "yes web01"),
            Verdict::NotAsked
        ));
        assert!(matches!(
            said(&mut pending, 1, "yes"),
            Verdict::Leave(wanted) if wanted == "yes web01"
        ));
        assert!(matches!(
            said(&mut pending, 1, "yes web01"),
            Verdict::NotAsked
        ));
        assert!(ask(&mut pending, 1, now));
        assert!(matches!(
            said(&mut pending, 1, " Yes  WEB01!"),
            Verdict::Go(_)
        ));
        assert!(matches!(
            said(&mut pending, 1, "yes web01"),
            Verdict::NotAsked
        ));
    }

    #[test]
    fn a_question_does_not_stand_for_ever_and_their_number_is_bounded() {
        let (mut pending, now) = (Pending::default(), Instant::now());
        for number in 0..QUESTIONS {
            assert!(ask(&mut pending, number, now));
        }
        assert!(!ask(&mut pending, QUESTIONS, now));
        assert!(ask(&mut pending, 0, now));
        let late = now + LIFE;
        let answer = pending.answered(&talk(0), "yes web01", late);
        assert!(matches!(answer, Verdict::NotAsked));
        assert!(ask(&mut pending, QUESTIONS, late));
        assert_eq!(pending.0.len(), 1);
    }
}
