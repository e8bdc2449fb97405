//! What Tab goes through in the `/` line.

use archipel_fleet::Fleet;
use archipel_language::{
    Noun,
    selector::{Completion, complete},
};

/// The endings of what was typed, one after the other, then what was typed again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cycle {
    /// What stands before all of them.
    head: String,
    endings: Vec<String>,
    next: usize,
}

impl Cycle {
    /// Of a filter of `nouns` in which `typed` stands; nothing, where nothing follows.
    pub(crate) fn of(nouns: &[Noun], typed: &str, fleet: &Fleet) -> Option<Self> {
        let end = typed.chars().count();
        let found = nouns.iter().map(|noun| complete(*noun, typed, end, fleet));
        let found: Vec<Completion> = found.collect();
        let from = found.first()?.from;
        let mut endings: Vec<String> = Vec::new();
        for candidate in found.into_iter().flat_map(|found| found.candidates) {
            if !endings.contains(&candidate.text) {
                endings.push(candidate.text);
            }
        }
        if endings.is_empty() {
            return None;
        }
        endings.push(typed.chars().skip(from).collect());
        Some(Self {
            head: typed.chars().take(from).collect(),
            endings,
            next: 0,
        })
    }

    /// The next text.
    pub(crate) fn turn(&mut self) -> String {
        let ending = self.endings.get(self.next).map_or("", String::as_str);
        let text = format!("{}{ending}", self.head);
        self.next = (self.next + 1) % self.endings.len().max(1);
        text
    }
}
