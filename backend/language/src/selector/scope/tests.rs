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

#[test]
fn tags_bring_a_machine_in_as_far_as_tags_can() {
    for (scope, wanted) in [
        ("tag = web", &["web"][..]),
        ("tag = team/blue/**", &["team/blue"]),
        (
            "tag = web and tag in (a, b) and not tag = db",
            &["web", "a"],
        ),
        ("tag = a or tag = b", &["a"]),
        ("hypervisor = hv01", &[]),
        ("tag != web", &[]),
    ] {
        assert_eq!(Scope::parse(scope).unwrap().stamps(), wanted, "{scope}");
    }
}
