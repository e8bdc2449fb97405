//! `docs/protocol.md` is generated from the tables and the golden stanzas; a stale one fails here.
//!
//! `UPDATE=1 cargo test -p archipel-protocol --test reference` writes it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Tests may read files; the crate may not.
#![allow(clippy::disallowed_methods)]

mod common;

use std::{collections::BTreeMap, fmt::Write, fs};

use archipel_protocol::{ActionRow, Element, Family, FieldRow, Request, push::Known};
use common::{child, files, read};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol.md");
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/wire");

#[test]
fn the_page_says_what_the_tables_say() {
    let wanted = page();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(PAGE, &wanted).unwrap();
    }
    let found = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/protocol.md is stale: UPDATE=1 cargo test -p archipel-protocol --test reference"
    );
}

fn page() -> String {
    let pieces = pieces();
    let mut page = HEAD.to_owned();
    let mut families: BTreeMap<&str, Vec<&Family>> = BTreeMap::new();
    for family in Request::TABLE {
        families.entry(family.namespace).or_default().push(family);
    }
    for namespace in families.keys() {
        writeln!(page, "- [{namespace}](#{})", anchor(namespace)).unwrap();
    }
    for (namespace, families) in &families {
        writeln!(page, "\n## `{namespace}`").unwrap();
        for family in families {
            writeln!(page, "\n{}", family.summary.trim()).unwrap();
            for row in family.actions {
                action(&mut page, namespace, row, &pieces);
            }
        }
    }
    pushes(&mut page);
    payloads(&mut page, &pieces);
    // What is a link in the crate's own documentation leads nowhere here.
    page.replace("[`", "`").replace("`]", "`")
}

const HEAD: &str = "# The wire

Generated from the tables of `archipel-protocol` and from `tests/wire`; `UPDATE=1 cargo test -p archipel-protocol --test reference` writes it.

A request is an IQ with `<query xmlns='NAMESPACE'><archipel action='ACTION' …/></query>`. What changes something is sent as `set`, what reads as
`get`; either is read. The answer is an IQ of type `result` with a `<query/>` of the same namespace, or one of type `error` with the original's
negative code, a condition of RFC 6120 and a text for people. Unknown attributes and children are passed over. What
[our own wire](protocol-fleet.md) adds (an operation id, a machine addressed through its hypervisor, the feed, tasks) is on its own page.

The permission is the one that the agent asks for. An argument is an attribute of `<archipel/>` unless its example shows a child. Types are those of
the crate: `Option<…>` may be absent; a name that ends in `kib`, `bytes` or `percent` says its unit, and so does the meaning beside it. Whole numbers
are decimal. Yes and no are read in any of the usual spellings and written as the original's client expects.

## Namespaces

";

fn anchor(namespace: &str) -> String {
    namespace.replace(':', "")
}

fn action(page: &mut String, namespace: &str, row: &ActionRow, pieces: &[Element]) {
    let kind = if row.is_change { "changes" } else { "reads" };
    writeln!(page, "\n### `{}`\n\n{}\n", row.word, row.summary.trim()).unwrap();
    let mut facts = vec![
        kind.to_owned(),
        format!("permission `{}`", row.permission),
        format!("code of a failure {}", row.failure_code),
    ];
    if !row.aliases.is_empty() {
        facts.push(format!("also read as `{}`", row.aliases.join("`, `")));
    }
    facts.push(answered(row));
    writeln!(page, "{}.", facts.join(" · ")).unwrap();
    arguments(page, row.fields);
    let example = pieces.iter().find(|piece| asks(piece, namespace, row.word));
    let example = example.unwrap_or_else(|| panic!("no golden stanza of {namespace} {}", row.word));
    let parts = example.children().flat_map(Element::children);
    let texts: Vec<_> = parts.map(String::from).collect();
    writeln!(page, "\n```xml\n{}\n```", texts.join("\n")).unwrap();
}

fn answered(row: &ActionRow) -> String {
    if row.answer.is_empty() {
        "answered by success alone".to_owned()
    } else {
        format!("answered by `{}`", row.answer)
    }
}

fn arguments(page: &mut String, fields: &[FieldRow]) {
    if fields.is_empty() {
        return;
    }
    page.push_str("\n| argument | type | meaning |\n| --- | --- | --- |\n");
    for field in fields {
        let kind = field.kind.replace('|', "\\|");
        writeln!(
            page,
            "| `{}` | `{kind}` | {} |",
            field.name,
            field.summary.trim()
        )
        .unwrap();
    }
}

/// The golden stanzas.
fn pieces() -> Vec<Element> {
    let wires = files(GOLDEN, "xml").into_iter().map(|path| read(&path));
    wires
        .flat_map(|wire| wire.children().cloned().collect::<Vec<_>>())
        .collect()
}

fn asks(piece: &Element, namespace: &str, word: &str) -> bool {
    let query = child(piece, "request").and_then(|request| request.children().next());
    query.is_some_and(|query| {
        let action = child(query, "archipel").and_then(|archipel| archipel.attr("action"));
        query.ns() == namespace && action == Some(word)
    })
}

fn pushes(page: &mut String) {
    page.push_str(
        "\n## Pushes\n\nWhat changed, as an item on the entity's node of publish-subscribe (XEP-0060) with a payload in the namespace \
         `archipel:push:FAMILY`. Family and change are closed lists; one of another version is passed over.\n\n\
         | family | about | change | says |\n| --- | --- | --- | --- |\n",
    );
    for row in Known::TABLE {
        for (word, summary) in row.changes {
            let about = row.summary.trim();
            writeln!(
                page,
                "| `{}` | {about} | `{word}` | {} |",
                row.family,
                summary.trim()
            )
            .unwrap();
        }
    }
    page.push_str(
        "| `permissions` | Rights of an entity. | an address | Those of this account changed. |\n",
    );
}

/// All other shapes, by example.
fn payloads(page: &mut String, pieces: &[Element]) {
    page.push_str("\n## Other payloads\n\nItems of nodes, cards, forms, rooms, private storage and the payloads of our own wire, by example.\n");
    let mut last = "";
    for piece in pieces.iter().filter(|piece| piece.name() == "payload") {
        let kind = piece.attr("as").unwrap();
        let element = piece.children().next().unwrap();
        if kind != last {
            writeln!(page, "\n### {kind}\n\nIn `{}`.", element.ns()).unwrap();
        }
        last = kind;
        writeln!(page, "\n```xml\n{}\n```", String::from(element)).unwrap();
    }
}
