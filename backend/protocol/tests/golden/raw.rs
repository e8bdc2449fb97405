//! Text that was damaged on its way: whatever it is read as, nothing panics.

use std::sync::LazyLock;

use archipel_protocol::{
    Answer, Command, Document, Element, Iq, Message, Stanza, bounded, chat, disco::Caps,
    migration::Account, presence, pubsub, push, roster, vmcast_feed::Feed,
};
use proptest::prelude::*;

use super::{common, goldens, payloads};

/// The texts that are damaged: every golden file in pieces, and bytes of our choice.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let files = common::files(super::FOLDER, "xml");
    let wires = files.iter().map(|path| common::read(path));
    let pieces = wires.flat_map(|wire| {
        let pieces = wire.children().flat_map(Element::children);
        pieces.map(String::from).collect::<Vec<_>>()
    });
    pieces.collect()
});

/// Reads a text as everything that the crate knows.
fn read_as_everything(text: &str) {
    let _ = Feed::parse(text);
    let _ = Account::parse(text);
    let Ok(element) = bounded(text) else { return };
    for element in std::iter::once(&element).chain(element.children()) {
        read_element(element);
    }
}

fn read_element(element: &Element) {
    let _ = Document::from_wire(element).text();
    let _ = roster::parse(element);
    for kind in payloads::kinds() {
        let _ = payloads::again(kind, element);
    }
    if let Ok(command) = Command::parse(element) {
        let _ = command.to_element();
    }
    match Stanza::parse(element.clone()) {
        Ok(Stanza::Iq(iq)) => read_iq(&iq),
        Ok(Stanza::Message(message)) => read_message(&message),
        Ok(Stanza::Presence(said)) => {
            let _ = (presence::vm_state(&said), presence::asker(&said));
            let _ = (
                presence::Activity::of(&said),
                presence::HypervisorSaid::of(&said),
            );
            let _ = Caps::parse(&said);
        }
        Err(_) => {}
    }
}

fn read_iq(iq: &Iq) {
    for golden in goldens().iter().take(20) {
        let request = Command::parse(&golden.query).unwrap().request;
        let _ = Answer::parse(&request, iq);
    }
}

fn read_message(message: &Message) {
    let _ = (chat::Chat::of(message), chat::Shout::of(message));
    for (_, push) in push::parse_event(message) {
        let _ = push::Known::of(&push);
    }
    let _ = pubsub::Event::parse(message);
}

fn any_text() -> impl Strategy<Value = String> {
    (
        any::<prop::sample::Index>(),
        prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 0..4),
    )
        .prop_map(|(pick, changes)| {
            let mut letters: Vec<char> = pick.get(&TEXTS).chars().collect();
            for (at, letter) in changes {
                let at = at.index(letters.len());
                letters[at] = letter;
            }
            letters.into_iter().collect()
        })
}

proptest! {
    #[test]
    fn damaged_text_does_no_harm(text in any_text()) {
        read_as_everything(&text);
    }

    #[test]
    fn a_cut_text_does_no_harm(pick: prop::sample::Index, at: prop::sample::Index) {
        let text = pick.get(&TEXTS);
        let end = at.index(text.len() + 1);
        if let Some(text) = text.get(..end) {
            read_as_everything(text);
        }
    }
}

#[test]
fn sound_text_is_read_as_everything() {
    TEXTS.iter().for_each(|text| read_as_everything(text));
}
