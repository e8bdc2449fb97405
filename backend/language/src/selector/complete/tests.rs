#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

struct Fleet;

impl Values for Fleet {
    fn visit(&self, noun: Noun, field: Field, each: &mut dyn FnMut(&str)) {
        let values: &[&str] = match (noun, field) {
            (Noun::Vm, Field::Name) => &["web01", "web02", "web01", "my db"],
            (Noun::Vm, Field::Tag) => &["web", "infra/net"],
            (Noun::Hypervisor, Field::Name) => &["hv01"],
            _ => &[],
        };
        for value in values {
            each(value);
        }
    }
}

/// The candidates at `|`, and where they begin.
fn at(text: &str) -> (usize, Vec<String>) {
    let cursor = text.find('|').unwrap();
    let all = complete(Noun::Vm, &text.replace('|', ""), cursor, &Fleet);
    let texts = all.candidates.into_iter().map(|candidate| candidate.text);
    (all.from, texts.collect())
}

#[test]
fn fields_operators_and_values_are_offered() {
    for (text, from, wanted) in [
        ("me|", 0, &["memory"][..]),
        ("we|", 0, &["web01", "web02"]),
        ("my|", 0, &["\"my db\""]),
        ("vm|", 0, &["vms:"]),
        ("state | = up", 6, &["=", "!=", "in", "not in"]),
        ("memory >|", 8, &[]),
        ("name h|", 5, &["has"]),
        ("state = r|x", 8, &["running"]),
        ("tag = in|", 6, &["infra/net"]),
        ("tag in (web, i|", 13, &["infra/net"]),
        ("tag in (web |", 12, &[",", ")"]),
        ("tag not |", 8, &["in"]),
        ("protected = |", 12, &["yes", "no"]),
        ("web* |", 5, &["and", "or", "sort by", "limit"]),
        ("(web* |", 6, &["and", "or", ")"]),
        ("hypervisor.c|", 0, &["hypervisor.cpu"]),
        ("any(sn|", 4, &["snapshots"]),
        ("any(snapshots|: x) and q", 4, &["snapshots"]),
        ("any(snapshots: cu|", 15, &["current"]),
        (
            "count(snapshots) |",
            17,
            &["=", "!=", "<", "<=", ">", ">=", "in", "not in"],
        ),
        ("hypervisors: h|", 13, &["hv01"]),
        ("since t|", 6, &["today"]),
        ("web* sort |", 10, &["by"]),
        ("web* sort by mem|", 13, &["memory"]),
        ("web* sort by memory d|", 20, &["desc"]),
        ("name = \"we|", 8, &[]),
        ("nouns: |", 7, &[]),
    ] {
        let wanted = wanted.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(at(text), (from, wanted), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-z=<>!(),\"'* %0-9.:~/ü]{0,40}", cursor in 0_usize..50) {
        let all = complete(Noun::Vm, &text, cursor, &Fleet);
        prop_assert!(all.from <= text.chars().count());
    }
}
