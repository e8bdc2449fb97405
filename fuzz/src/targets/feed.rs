//! Items of our own wire: parts of the feed, pages of events and tasks, history, pieces of a text, rights.

use archipel_protocol::{
    Element, bounded,
    chunks::{Assembly, Chunk},
    feed::{self, Update},
};

use super::payloads;

const KINDS: &[&str] = &[
    "feed",
    "page",
    "watch",
    "unwatch",
    "events",
    "events-query",
    "history",
    "history-query",
    "tasks",
    "tasks-query",
    "task",
    "task-cancel",
    "chunk",
    "rights",
    "rights-query",
    "change-rights",
    "why",
    "why-query",
];

/// The input holds one item, or several inside an element of any name.
pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(element) = bounded(text) else { return };
    let mut assembly = Assembly::default();
    for item in std::iter::once(&element).chain(element.children()) {
        for kind in KINDS.iter().copied() {
            payloads::comes_back(kind, item);
        }
        pages(item);
        if let Ok(chunk) = Chunk::parse(item) {
            let _ = assembly.add(&chunk);
        }
    }
    pieces(text);
}

/// However many rows there are, a page of them is within the bound.
fn pages(item: &Element) {
    let Ok(update) = Update::parse(item) else {
        return;
    };
    let mut rows = update.rows.clone().into_iter().peekable();
    while rows.peek().is_some() {
        let rows = feed::fill(&mut rows);
        let alone = rows.len() == 1;
        let page = Update {
            rows,
            ..update.clone()
        };
        let size = String::from(&page.to_element()).len();
        assert!(alone || size <= feed::LIMIT, "{size}");
    }
}

/// A text that was cut into pieces is put together again.
fn pieces(text: &str) {
    let mut assembly = Assembly::default();
    while let Some(piece) = Chunk::cut(text, assembly.offset()) {
        let element = piece.to_element();
        assert!(String::from(&element).len() <= feed::LIMIT);
        let piece = Chunk::parse(&element).expect("own pieces are sound");
        if let Some(whole) = assembly.add(&piece).expect("it is the next piece") {
            return assert_eq!(whole, text);
        }
    }
}
