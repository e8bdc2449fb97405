//! The references in docs/guide are generated from the tables; a stale one fails here.
//!
//! `UPDATE=1 cargo test --test references` writes them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{fmt::Write, fs, path::Path};

use archipel_language::{
    Permission,
    permission::PERMISSIONS,
    verb::{Risk, VERBS},
};
use archipel_ui::{GlyphSet, Keymap, Scope, spelled};

/// Compares a page with what the tables say, or writes it.
fn fresh(page: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/guide")
        .join(page);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found, wanted,
        "{page} is stale: UPDATE=1 cargo test --test references"
    );
}

#[test]
fn the_verbs_are_those_of_the_table() {
    let mut page = String::from(
        "# Verbs\n\nGenerated from the table of verbs. On the screen a verb is a key or a line (`:start`); in the shell it is `archipel NOUN WORD`.\n\n\
         | verb | also | does | risk | permission |\n| --- | --- | --- | --- | --- |\n",
    );
    for verb in VERBS {
        let risk = match verb.risk {
            Risk::Safe => "safe",
            Risk::Disruptive => "disruptive: asks",
            Risk::Destructive => "destructive: wants the count",
        };
        let permission = if verb.permission == Permission::NONE {
            "none".to_owned()
        } else {
            format!("`{}`", verb.permission)
        };
        let aliases = verb.aliases.join(", ");
        writeln!(
            page,
            "| `{}` | {aliases} | {} | {risk} | {permission} |",
            verb.id, verb.summary
        )
        .unwrap();
    }
    page.push_str("\n## Permissions\n\nNobody has any but the admins of agent.toml, who have all.\n\n| permission | its holder may |\n| --- | --- |\n");
    for row in PERMISSIONS {
        writeln!(page, "| `{}` | {} |", row.name, row.summary).unwrap();
    }
    fresh("verbs.md", &page);
}

#[test]
fn the_keys_are_those_of_the_preset() {
    let keymap = Keymap::preset("default").unwrap();
    let mut page = String::from(
        "# Keys\n\nGenerated from `keymaps/default.toml`. A file of your own, named as `keymap` in the profile, overrides single keys of a scope; `\"none\"` unbinds one.\n",
    );
    for scope in Scope::ALL {
        let bindings = keymap.bindings(*scope);
        if bindings.is_empty() {
            continue;
        }
        writeln!(
            page,
            "\n## {}\n\n| key | command | does |\n| --- | --- | --- |",
            scope.title()
        )
        .unwrap();
        for (keys, action) in bindings {
            let keys = spelled(&keys, GlyphSet::Ascii).replace('|', "\\|");
            writeln!(
                page,
                "| `{keys}` | `{}` | {} |",
                action.id(),
                action.summary()
            )
            .unwrap();
        }
    }
    fresh("keys.md", &page);
}
