//! The guide lists what can be said. `UPDATE=1 cargo test -p archipel-agent --lib talk::guide` writes it.

#![allow(clippy::unwrap_used)]

use std::{fmt::Write, fs};

use archipel_language::Risk;

use super::{Deed, Place, usage};
use crate::entity::Kind;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/chat.md");
const HEAD: &str = "Written from the agent's tables.\n\n";

#[test]
fn the_guide_lists_what_can_be_said() {
    let known = fs::read_to_string(PAGE).unwrap();
    let (text, _) = known.split_once(HEAD).unwrap();
    let wanted = format!("{text}{HEAD}{}", tables());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(PAGE, &wanted).unwrap();
    }
    let found = fs::read_to_string(PAGE).unwrap();
    assert!(
        found == wanted,
        "docs/guide/chat.md is stale: UPDATE=1 cargo test -p archipel-agent --lib talk::guide"
    );
}

fn tables() -> String {
    let own = Deed::all(Kind::Hypervisor).filter(|deed| deed.place() != Place::Machine);
    let machines = Deed::all(Kind::Machine);
    format!(
        "To a hypervisor:\n\n{}\nTo a machine; to its hypervisor with the machine's name:\n\n{}",
        table(Kind::Hypervisor, own),
        table(Kind::Machine, machines)
    )
}

fn table(kind: Kind, deeds: impl Iterator<Item = Deed>) -> String {
    let mut text = String::from(
        "| say | or | does | permission | asks first |\n| --- | --- | --- | --- | --- |\n",
    );
    for deed in deeds {
        let words = deed.words();
        let asks = match deed.risk() {
            Risk::Safe => "",
            Risk::Disruptive => "yes",
            Risk::Destructive => "yes, and the name",
        };
        writeln!(
            text,
            "| `{}` | {} | {} | `{}` | {asks} |",
            usage(kind, deed).replace('|', "\\|"),
            words.get(1..).unwrap_or_default().join(", "),
            deed.summary(),
            deed.permission(),
        )
        .unwrap();
    }
    text
}
