//! docs/selectors.md and docs/verbs.md are generated from the tables; a stale one fails here.
//!
//! `UPDATE=1 cargo test -p archipel-language --test references` writes them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods
)]

use std::{fmt::Write, fs, path::Path};

use archipel_language::{
    Noun, Permission,
    noun::{self, NOUNS, Relation},
    permission::{Origin, PERMISSIONS, Place},
    role::{Grants, ROLES},
    selector::{Kind, Measure, fields},
    verb::{Argument, ArgumentKind, Mass, Risk, VERBS, WireAction},
};

/// Compares a page with what the tables say, or writes it.
fn fresh(page: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(page);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found, wanted,
        "{page} is stale: UPDATE=1 cargo test -p archipel-language --test references"
    );
}

fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Tags => "tags".to_owned(),
        Kind::Number(Measure::Count) => "number".to_owned(),
        Kind::Number(Measure::Bytes) => "size: `512MiB`, `4GiB`, `1TB`".to_owned(),
        Kind::Number(Measure::Percent) => "percent: `80%`".to_owned(),
        Kind::Number(Measure::Duration) => "how long: `90s`, `15m`, `2h`, `7d`, `1w`".to_owned(),
        Kind::Time => "time".to_owned(),
        Kind::State => "state of a machine".to_owned(),
        Kind::Word(words) => listed(words),
        Kind::Level(words) => format!("{}, in this order", listed(words)),
        Kind::Yes => "`yes`, `no`".to_owned(),
    }
}

#[test]
fn the_selectors_are_those_of_the_tables() {
    let mut page = String::from(include_str!("selectors-head.md"));
    for row in NOUNS {
        let noun = row.noun;
        write!(page, "\n## {}\n\n{}.", row.plural, row.summary).unwrap();
        if !row.aliases.is_empty() {
            write!(page, " Also {}.", listed(row.aliases)).unwrap();
        }
        let ways: Vec<&str> = noun::of(noun).map(Relation::word).collect();
        if !ways.is_empty() {
            write!(page, " Leads to {}.", listed(&ways)).unwrap();
        }
        page.push_str(
            "\n\n| field | also | values | says | comes from |\n| --- | --- | --- | --- | --- |\n",
        );
        for row in fields(noun) {
            writeln!(
                page,
                "| `{}` | {} | {} | {} | {} |",
                row.name,
                listed(row.aliases),
                kind(row.kind),
                row.summary,
                row.source
            )
            .unwrap();
        }
    }
    fresh("selectors.md", &page);
}

fn argument(argument: &Argument) -> String {
    let what = match argument.kind {
        ArgumentKind::Selector(_) => "SELECTOR",
        ArgumentKind::Jid | ArgumentKind::Name => "NAME",
        ArgumentKind::Memory => "SIZE",
        ArgumentKind::Number => "NUMBER",
        ArgumentKind::Processors => "PROCESSORS",
    };
    match (argument.several, argument.optional) {
        (true, _) => format!("`{what}…`"),
        (_, true) => format!("`[--{} {what}]`", argument.name),
        _ => format!("`{what}`"),
    }
}

fn wire(action: WireAction) -> String {
    match action.words() {
        Some((namespace, action)) => format!("`{action}` in `{namespace}`"),
        None => "the roster".to_owned(),
    }
}

#[test]
fn the_verbs_are_those_of_the_tables() {
    let mut page = String::from(
        "# Verbs, permissions and roles\n\nGenerated from the tables of `archipel-language`.\n\n## Verbs\n\n\
         On the screen a verb is a key or a line (`:start`); in the shell it is `archipel NOUN WORD`. \
         What may be left out is in brackets; on the screen it is typed without its `--name`, before the machines.\n\n\
         | verb | also | does | arguments | risk | for | permission | on the wire |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for verb in VERBS {
        let risk = match verb.risk {
            Risk::Safe => "safe",
            Risk::Disruptive => "disruptive: asks",
            Risk::Destructive => "destructive: wants the count",
        };
        let mass = match verb.mass {
            Mass::One => "one",
            Mass::Many => "many",
        };
        let permission = match verb.permission {
            Permission::NONE => "none".to_owned(),
            permission => format!("`{permission}`"),
        };
        let arguments: Vec<String> = verb.arguments.iter().map(argument).collect();
        writeln!(
            page,
            "| `{}` | {} | {} | {} | {risk} | {mass} | {permission} | {} |",
            verb.id,
            listed(verb.aliases),
            verb.summary,
            arguments.join(" "),
            wire(verb.wire)
        )
        .unwrap();
    }
    permissions(&mut page);
    roles(&mut page);
    fresh("verbs.md", &page);
}

fn permissions(page: &mut String) {
    page.push_str(
        "\n## Permissions\n\nThe original's names, so that old grants keep their meaning, and ours, marked. By default nobody has \
         any but the admins of agent.toml, who have all; in the original everybody has the one that says so.\n\n\
         | permission | on | its holder may | origin |\n| --- | --- | --- | --- |\n",
    );
    for row in PERMISSIONS {
        let place = match row.place {
            Place::Hypervisor => "hypervisors",
            Place::Vm => "machines",
            Place::Both => "both",
            Place::Bus => "the XMPP service",
        };
        let origin = match row.origin {
            Origin::Original { granted: false } => "original",
            Origin::Original { granted: true } => "original, there granted to all",
            Origin::AskedFor => "original, asked for and never made",
            Origin::Ours => "**ours**",
        };
        writeln!(
            page,
            "| `{}` | {place} | {} | {origin} |",
            row.name, row.summary
        )
        .unwrap();
    }
}

fn roles(page: &mut String) {
    page.push_str(
        "\n## Roles\n\nA role is a template: applying it grants its permissions one by one.\n\n\
         | role | for one who | grants |\n| --- | --- | --- |\n",
    );
    for role in ROLES {
        let grants = match role.grants {
            Grants::All => "`all`".to_owned(),
            Grants::Groups(_) => {
                let held = role.permissions();
                listed(&held.iter().map(|held| held.0).collect::<Vec<_>>())
            }
        };
        writeln!(page, "| `{}` | {} | {grants} |", role.name, role.summary).unwrap();
    }
}

#[test]
fn every_argument_says_what_it_is() {
    for verb in VERBS {
        let selects = |argument: &Argument| argument.kind == ArgumentKind::Selector(Noun::Vm);
        assert_eq!(verb.arguments.iter().any(selects), verb.noun == Noun::Vm);
        let several = verb.arguments.iter().any(|argument| argument.several);
        assert_eq!(several, verb.mass == Mass::Many, "{}", verb.id);
        assert!(verb.own_arguments().all(|argument| !argument.several));
    }
}
