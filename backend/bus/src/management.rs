//! Stream management (XEP-0198): who has handled what, so that a lost connection can be resumed without loss or doubling.

use std::collections::VecDeque;

use minidom::Element;

/// After so many stanzas the server is told without being asked: in a burst it may ask too late, and end the session of whoever
/// seems to handle nothing (ejabberd's `max_ack_queue`).
const UNASKED: u32 = 100;

/// The server acknowledged more than was ever sent: its counting cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it acknowledged stanzas that were never sent")]
pub(crate) struct TooHigh;

/// The counters of one managed session. Both run modulo 2^32 (XEP-0198, 4).
#[derive(Debug, Default)]
pub(crate) struct Management {
    /// What the server calls the session when it is resumed; absent if it cannot be.
    id: Option<String>,
    received: u32,
    /// How many of them the server was told of.
    told: u32,
    acknowledged: u32,
    unacknowledged: VecDeque<Element>,
    asked: bool,
}

impl Management {
    /// Counting starts with `<enable/>` and `<enabled/>`.
    pub(crate) fn new(id: Option<String>) -> Self {
        Self {
            id,
            ..Self::default()
        }
    }

    /// The id to resume with.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// How many stanzas were handled, to be told to the server.
    pub(crate) fn received(&self) -> u32 {
        self.received
    }

    /// The same, told now.
    pub(crate) fn tell(&mut self) -> u32 {
        self.told = self.received;
        self.received
    }

    /// Whether the server should be told of what was handled, though it does not ask.
    pub(crate) fn owes(&self) -> bool {
        self.received.wrapping_sub(self.told) >= UNASKED
    }

    /// One stanza was handled, be it by refusing it.
    pub(crate) fn count(&mut self) {
        self.received = self.received.wrapping_add(1);
    }

    /// One stanza was written.
    pub(crate) fn keep(&mut self, stanza: Element) {
        self.unacknowledged.push_back(stanza);
    }

    /// The server has handled all stanzas up to number `h`.
    pub(crate) fn acknowledge(&mut self, h: u32) -> Result<(), TooHigh> {
        let fresh = usize::try_from(h.wrapping_sub(self.acknowledged)).map_err(|_| TooHigh)?;
        if fresh > self.unacknowledged.len() {
            return Err(TooHigh);
        }
        self.unacknowledged.drain(..fresh);
        self.acknowledged = h;
        self.asked = false;
        Ok(())
    }

    /// What the server may not have handled, in order.
    pub(crate) fn unacknowledged(&self) -> impl ExactSizeIterator<Item = &Element> {
        self.unacknowledged.iter()
    }

    /// Whether the server should be asked to acknowledge.
    pub(crate) fn should_ask(&self) -> bool {
        !self.asked && !self.unacknowledged.is_empty()
    }

    /// The server was asked.
    pub(crate) fn asked(&mut self) {
        self.asked = true;
    }

    /// A new connection: a question asked on the old one gets no answer.
    pub(crate) fn forget_question(&mut self) {
        self.asked = false;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn filled(start: u32, count: usize) -> Management {
        let mut management = Management {
            acknowledged: start,
            ..Management::default()
        };
        for n in 0..count {
            management.keep(Element::bare(format!("s{n}"), "urn:x"));
        }
        management
    }

    #[test]
    fn what_was_handled_is_told_unasked_after_many() {
        let mut management = Management::new(None);
        (1..UNASKED).for_each(|_| management.count());
        assert!(!management.owes());
        management.count();
        assert!(management.owes());
        assert_eq!(management.tell(), UNASKED);
        assert!(!management.owes());
    }

    #[test]
    fn only_what_was_handled_is_forgotten() {
        let mut management = filled(0, 3);
        management.acknowledge(2).unwrap();
        let left: Vec<_> = management.unacknowledged().map(Element::name).collect();
        assert_eq!(left, ["s2"]);
    }

    #[test]
    fn counters_wrap() {
        let mut management = filled(u32::MAX, 2);
        management.acknowledge(1).unwrap();
        assert_eq!(management.unacknowledged().len(), 0);
        management.received = u32::MAX;
        management.count();
        assert_eq!(management.received(), 0);
    }

    #[test]
    fn one_question_is_open_at_a_time() {
        let mut management = filled(0, 1);
        assert!(management.should_ask());
        management.asked();
        assert!(!management.should_ask());
        management.acknowledge(0).unwrap();
        assert!(management.should_ask());
    }

    proptest! {
        #[test]
        fn any_count_beyond_what_was_sent_is_refused(start: u32, sent in 0_usize..50, h: u32) {
            let mut management = filled(start, sent);
            let fresh = usize::try_from(h.wrapping_sub(start)).unwrap();
            let answer = management.acknowledge(h);
            prop_assert_eq!(answer.is_ok(), fresh <= sent);
            let left = if fresh <= sent { sent - fresh } else { sent };
            prop_assert_eq!(management.unacknowledged().len(), left);
        }
    }
}
