//! A whole stream, as a bus sends it: the guard, then every stanza as everything that it can be.

use archipel_bus::guard::{Guarded, read_stream};
use archipel_protocol::{
    Answer, Command, Document, Element, Iq, Message, Presence, Request, Stanza, chat,
    disco::Caps,
    presence, pubsub,
    push::{self, Known},
    roster,
};

/// So many requests of a stream are remembered for their answers.
const REQUESTS: usize = 4;

pub(super) fn run(input: &[u8]) {
    let (children, _) = read_stream(input);
    let mut asked = Vec::new();
    for child in children {
        match child {
            Guarded::Element(element) => read(&element, &mut asked),
            Guarded::Refused(header, refusal) => drop(format!("{header:?}: {refusal}")),
        }
    }
}

fn read(element: &Element, asked: &mut Vec<Request>) {
    match Stanza::parse(element.clone()) {
        Ok(stanza) => {
            match &stanza {
                Stanza::Iq(iq) => read_iq(iq, asked),
                Stanza::Message(message) => read_message(message),
                Stanza::Presence(said) => read_presence(said),
            }
            let again =
                Stanza::parse(stanza.clone().into_element()).expect("own stanzas are sound");
            assert_eq!(again, stanza);
        }
        Err(why) => drop(why.to_string()),
    }
}

fn read_iq(iq: &Iq, asked: &mut Vec<Request>) {
    for request in asked.iter() {
        if let Ok(answer) = Answer::parse(request, iq) {
            drop(format!("{answer:?}"));
        }
    }
    for payload in &iq.payloads {
        let _ = roster::parse(payload);
        let _ = pubsub::parse_items(payload);
        let _ = pubsub::parse_subscriptions(payload);
        if let Ok(command) = Command::parse(payload) {
            let again = Command::parse(&command.to_element()).expect("own requests are sound");
            assert_eq!(again, command);
            asked.push(command.request);
        }
        asked.drain(..asked.len().saturating_sub(REQUESTS));
    }
}

fn read_message(message: &Message) {
    let _ = (chat::Chat::of(message), chat::Shout::of(message));
    let _ = pubsub::Event::parse(message);
    for (_, push) in push::parse_event(message) {
        let _ = Known::of(&push);
    }
    for payload in &message.payloads {
        let _ = Document::from_wire(payload).text();
    }
}

fn read_presence(said: &Presence) {
    let _ = (presence::vm_state(said), presence::asker(said));
    let _ = presence::Activity::of(said);
    let _ = presence::HypervisorSaid::of(said);
    let _ = Caps::parse(said);
}
