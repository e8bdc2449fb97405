#![allow(clippy::unwrap_used)]
use super::*;

#[test]
fn there_is_no_empty_scope() {
    for text in ["", "  ", "()"] {
        assert!(Scope::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn the_tags_that_it_names_are_known() {
    let text = "tag = web and not (id = x or tag in (db, infra/**)) and hypervisor != tag";
    assert_eq!(
        Scope::parse(text).unwrap().tags(),
        ["web", "db", "infra/**"]
    );
}
