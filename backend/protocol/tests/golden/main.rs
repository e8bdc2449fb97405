//! The golden stanzas of `tests/wire`: each shape of the wire parses, and is written as it stands there. Then the same shapes, spoiled.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Tests may read files; the crate may not.
#![allow(clippy::disallowed_methods)]
// Expanded from `rxml::xml_ncname!`.
#![allow(clippy::transmute_ptr_to_ptr)]

#[path = "../common/mod.rs"]
mod common;
mod payloads;
mod raw;
mod spoiled;

use std::{collections::BTreeSet, sync::LazyLock};

use archipel_protocol::{Answer, Command, Element, Request, Stanza, envelope};
use common::{child, files, read, same};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/wire");

/// A request with its answer.
struct Golden {
    name: String,
    /// Attributes and children without which the request is refused.
    required: Vec<String>,
    query: Element,
    reply: Vec<Element>,
}

fn all(kind: &str) -> Vec<Element> {
    let files = files(FOLDER, "xml");
    let elements = files.iter().flat_map(|path| {
        let wire = read(path);
        wire.children().cloned().collect::<Vec<_>>()
    });
    elements.filter(|element| element.name() == kind).collect()
}

fn goldens() -> &'static [Golden] {
    static GOLDENS: LazyLock<Vec<Golden>> = LazyLock::new(read_goldens);
    &GOLDENS
}

fn read_goldens() -> Vec<Golden> {
    let exchanges = all("exchange");
    let golden = |exchange: &Element| Golden {
        name: exchange.attr("name").unwrap().to_owned(),
        required: exchange
            .attr("required")
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        query: child(exchange, "request")
            .unwrap()
            .children()
            .next()
            .unwrap()
            .clone(),
        reply: child(exchange, "reply")
            .unwrap()
            .children()
            .cloned()
            .collect(),
    };
    exchanges.iter().map(golden).collect()
}

#[test]
fn requests_come_back() {
    for golden in goldens() {
        let command =
            Command::parse(&golden.query).unwrap_or_else(|why| panic!("{}: {why}", golden.name));
        same(&golden.query, &command.to_element())
            .unwrap_or_else(|why| panic!("{}: {why}", golden.name));
    }
}

#[test]
fn replies_come_back() {
    for golden in goldens() {
        let command = Command::parse(&golden.query).unwrap();
        let mut iq = Element::bare("iq", "jabber:client");
        for payload in &golden.reply {
            iq.append_child(payload.clone());
        }
        let Stanza::Iq(iq) = Stanza::parse(iq).unwrap() else {
            unreachable!("an IQ is an IQ")
        };
        let Answer::Done(reply) = Answer::parse(&command.request, &iq)
            .unwrap_or_else(|why| panic!("{}: {why}", golden.name))
        else {
            panic!("{}: refused", golden.name)
        };
        let written = envelope::answer(&command.request, reply.to_elements(), None);
        assert_eq!(
            command.request.parse_reply(&written).unwrap(),
            reply,
            "{}",
            golden.name
        );
        // What the original puts beside the query, we write inside it.
        if let [query] = golden.reply.as_slice() {
            same(query, &written).unwrap_or_else(|why| panic!("{}: {why}", golden.name));
        }
    }
}

#[test]
fn every_action_has_a_golden_stanza() {
    let goldens = goldens();
    let has = |namespace: &str, word: &str| {
        goldens.iter().any(|golden| {
            let action = child(&golden.query, "archipel").unwrap().attr("action");
            golden.query.ns() == namespace && action == Some(word)
        })
    };
    for family in Request::TABLE {
        let namespace = family.namespace;
        for row in family.actions {
            assert!(has(namespace, row.word), "{namespace} {}", row.word);
        }
    }
}

#[test]
fn the_table_is_told_in_words() {
    let mut known = BTreeSet::new();
    for family in Request::TABLE {
        let namespace = family.namespace;
        for row in family.actions {
            assert!(
                known.insert((namespace, row.word)),
                "{namespace} {} twice",
                row.word
            );
            assert!(!row.summary.trim().is_empty(), "{namespace} {}", row.word);
            assert!(
                row.fields
                    .iter()
                    .all(|field| !field.summary.trim().is_empty()),
                "{}",
                row.word
            );
        }
    }
    // The original's 41 of the core and 79 of its modules, one of its client alone, and 16 of ours.
    assert_eq!(known.len(), 137);
}

/// Permissions of the original that cover our own actions.
const BORROWED: &[&str] = &[
    "destroy",
    "suspend",
    "create",
    "define",
    "setvcpus",
    "xmldesc",
    "screenshot",
    "migrate_in",
];

#[test]
fn codes_and_permissions_are_told() {
    for golden in goldens() {
        let request = Command::parse(&golden.query).unwrap().request;
        let own = request.permission().ends_with(request.action());
        assert!(
            own || BORROWED.contains(&request.permission()),
            "{}",
            golden.name
        );
        assert_ne!(request.failure_code(), 0, "{}", golden.name);
    }
}

#[test]
fn payloads_come_back() {
    let goldens = all("payload");
    for payload in &goldens {
        let kind = payload.attr("as").unwrap();
        let element = payload.children().next().unwrap();
        let again = payloads::again(kind, element).unwrap_or_else(|why| panic!("{kind}: {why}"));
        same(element, &again).unwrap_or_else(|why| panic!("{kind}: {why}"));
    }
    for kind in payloads::kinds() {
        assert!(
            goldens
                .iter()
                .any(|payload| payload.attr("as") == Some(kind)),
            "{kind}"
        );
    }
}

#[test]
fn stanzas_come_back() {
    let stanzas = all("stanza");
    assert!(!stanzas.is_empty());
    for stanza in stanzas.iter().flat_map(Element::children) {
        let read = Stanza::parse(stanza.clone()).unwrap();
        same(stanza, &read.into_element()).unwrap_or_else(|why| panic!("{why}"));
    }
}

#[test]
fn examples_of_the_fleet_wires_document_are_sound() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol-fleet.md");
    let document = std::fs::read_to_string(path).unwrap();
    let examples = document.split("```xml\n").skip(1);
    let mut count = 0;
    for example in examples {
        let text = example.split("```").next().unwrap();
        let element: Element = text.parse().unwrap_or_else(|why| panic!("{why}: {text}"));
        sound(&element).unwrap_or_else(|why| panic!("{why}: {text}"));
        count += 1;
    }
    assert!(count > 15, "{count}");
}

fn sound(element: &Element) -> Result<(), String> {
    let kind = match element.name() {
        "query" if child(element, "archipel").is_some() => {
            return Command::parse(element)
                .map(drop)
                .map_err(|why| why.to_string());
        }
        "query" => {
            let echoed = archipel_protocol::operation::echoed(element);
            return echoed.map(drop).ok_or_else(|| "no operation".into());
        }
        "series" => "history",
        "history" => "history-query",
        "events" if element.attr("newest").is_none() => "events-query",
        "audit" if element.attr("head").is_none() => "audit-query",
        "rights" if element.attr("pv").is_none() => "rights-query",
        "why" if element.attr("allowed").is_none() => "why-query",
        "tasks" if element.attr("limit").is_some() => "tasks-query",
        "cancel" => "task-cancel",
        name => name,
    };
    payloads::again(kind, element)
        .map(drop)
        .map_err(|why| why.to_string())
}
