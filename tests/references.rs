//! docs/guide/keys.md is generated from the shipped keymap; a stale one fails here. The references of verbs and selectors are
//! those of `archipel-language`.
//!
//! `UPDATE=1 cargo test --test references` writes it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{fmt::Write, fs, path::Path};

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
