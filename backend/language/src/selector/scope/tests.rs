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
    let text = "tag = web and not (id = x or tag in (db, infra/**)) and hypervisor != rack";
    let scope = Scope::parse(text).unwrap();
    for named in ["web", "WEB", "db", "infra", "infra/dns/1"] {
        assert!(scope.names_tag(named), "{named}");
    }
    for other in ["we", "web/1", "x", "rack", "infrared"] {
        assert!(!scope.names_tag(other), "{other}");
    }
}
