//! One payload, read as every shape that the protocol knows.

// The table of shapes that the golden stanzas are read by.
#[path = "../../../backend/protocol/tests/golden/payloads.rs"]
mod shapes;

use archipel_protocol::{
    Command, Document, Element, Reply, Request, bounded, envelope, migration::Account,
    vmcast_feed::Feed,
};

pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let _ = Feed::parse(text);
    let _ = Account::parse(text);
    let Ok(element) = bounded(text) else { return };
    let children: Vec<&Element> = element.children().collect();
    if let [request, reply] = children.as_slice() {
        exchange(request, reply);
    }
    let _ = Document::from_wire(&element).text();
    shapes::kinds().for_each(|kind| comes_back(kind, &element));
}

/// What is read of a payload is written so that it reads back the same.
pub(super) fn comes_back(kind: &str, element: &Element) {
    match shapes::again(kind, element) {
        Ok(once) => {
            let twice = shapes::again(kind, &once).expect("own payloads are sound");
            assert_eq!(String::from(&twice), String::from(&once), "{kind}");
        }
        Err(why) => brief(&why.to_string()),
    }
}

/// A request and what answers it.
fn exchange(request: &Element, reply: &Element) {
    let request = match Command::parse(request) {
        Ok(command) => command.request,
        Err(why) => return brief(&why.to_string()),
    };
    match request.parse_reply(reply) {
        Ok(reply) => {
            let once = written(&request, &reply);
            let again = request.parse_reply(&once).expect("own replies are sound");
            assert_eq!(written(&request, &again), once);
        }
        Err(why) => brief(&why.to_string()),
    }
}

fn written(request: &Request, reply: &Reply) -> Element {
    envelope::answer(request, reply.to_elements(), None)
}

/// A refusal is short and harmless, whatever it is about.
fn brief(text: &str) {
    assert!(text.chars().count() <= 300, "{text}");
    assert!(!text.chars().any(char::is_control), "{text:?}");
}
