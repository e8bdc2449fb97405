#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

const DOMAIN: &str = "<domain xmlns:q='urn:q'><memory unit='KiB'>7</memory><devices>\
    <disk><target dev='vda'/></disk><disk type='file'><source file='/a'/><target dev='vdb'/></disk>\
    <interface><alias name='net0'/></interface></devices><q:commandline><q:arg value='-S'/></q:commandline></domain>";

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn got(text: &str) -> Vec<String> {
    let document = Document::parse(DOMAIN).unwrap();
    document
        .all(&path(text))
        .map(|place| place.value())
        .collect()
}

#[test]
fn leads_to_what_it_names() {
    for (text, values) in [
        ("memory", vec!["7"]),
        ("memory/@unit", vec!["KiB"]),
        ("devices/disk/target/@dev", vec!["vda", "vdb"]),
        ("devices/disk[2]/source/@file", vec!["/a"]),
        ("devices/disk[@type]/target/@dev", vec!["vdb"]),
        ("devices/disk[target/@dev='vda']/target/@dev", vec!["vda"]),
        ("devices/disk[source][1]/target/@dev", vec!["vdb"]),
        ("devices/disk[3]", vec![]),
        ("devices/*/alias/@name", vec!["net0"]),
        ("q:commandline/q:arg[@value=\"-S\"]/@value", vec!["-S"]),
        ("commandline", vec![]),
        ("@xmlns:q", vec!["urn:q"]),
    ] {
        assert_eq!(got(text), values, "{text}");
    }
}

#[test]
fn the_address_of_an_element_leads_to_it_alone() {
    let document = Document::parse(DOMAIN).unwrap();
    for element in document.root().descendants() {
        let address = path(&document.path_to(&element).to_string());
        let found = address.elements(document.root());
        assert!(
            found.len() == 1 && found.first() == Some(&element),
            "{address}"
        );
    }
}

#[test]
fn what_is_no_path_is_pointed_at() {
    for (text, at) in [
        ("", 1),
        ("/a", 1),
        ("a//b", 3),
        ("a/", 3),
        ("a/@", 4),
        ("a/@b/c", 5),
        ("a[0]", 4),
        ("a[01]", 5),
        ("a[", 3),
        ("a[b", 4),
        ("a[b='c]", 8),
        ("a[b=c]", 5),
        ("a b", 2),
        ("a[99999999999999999999]", 23),
        ("ä[ö='ü'", 8),
    ] {
        assert_eq!(text.parse::<Path>().unwrap_err().at, at, "{text}");
    }
    assert!("a/".repeat(40).parse::<Path>().is_err() && "a".repeat(3000).parse::<Path>().is_err());
}

fn some_path() -> impl Strategy<Value = String> {
    let name = "(q:)?[a-c_][a-z0-9.-]{0,3}";
    let plain = prop_oneof![
        name.prop_map(|n| n),
        name.prop_map(|n| format!("@{n}")),
        (name, name).prop_map(|(a, b)| format!("{a}/@{b}"))
    ];
    let filter = prop_oneof![
        (1..99_u32).prop_map(|n| n.to_string()),
        plain.clone(),
        (plain, "[^'\u{0}-\u{1f}\u{7f}-\u{a0}\u{fffe}\u{ffff}]{0,5}")
            .prop_map(|(p, v)| format!("{p}='{v}'"))
    ];
    let filters = proptest::collection::vec(filter, 0..3).prop_map(|all| {
        all.iter()
            .map(|one| ["[", one, "]"].concat())
            .collect::<String>()
    });
    let step = (
        prop_oneof![Just("*".to_owned()), name.prop_map(|n| n)],
        filters,
    )
        .prop_map(|(name, filters)| name + &filters);
    (
        proptest::collection::vec(step, 1..5),
        proptest::option::of(name),
    )
        .prop_map(|(steps, attribute)| {
            steps
                .into_iter()
                .chain(attribute.map(|name| format!("@{name}")))
                .collect::<Vec<_>>()
                .join("/")
        })
}

proptest! {
    #[test]
    fn print_and_parse_is_the_identity(text in some_path()) {
        prop_assert_eq!(path(&text).to_string(), text);
    }

    #[test]
    fn nothing_makes_it_panic(text in "[a-b@/\\[\\]='\"*0-9 ä]{0,30}") {
        if let Ok(found) = text.parse::<Path>() {
            let document = Document::parse(DOMAIN).unwrap();
            let _ = document.get(&found);
            prop_assert_eq!(path(&found.to_string()), found);
        }
    }
}
