#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

/// Reads `stanza` followed by a sound one, which must always come through.
fn read(stanza: &str) -> Guarded {
    let text = format!("{HEADER}{stanza}<presence id='next'/>");
    let (mut children, error) = read_stream(text.as_bytes());
    assert_eq!(error, None);
    assert_eq!(children.len(), 2);
    let next = children.pop().unwrap();
    assert!(matches!(next, Guarded::Element(next) if next.attr("id") == Some("next")));
    children.pop().unwrap()
}

fn nested(depth: usize) -> String {
    format!(
        "<message from='a@b/c'>{}{}</message>",
        "<x>".repeat(depth - 1),
        "</x>".repeat(depth - 1)
    )
}

fn attributes(count: usize, value: &str) -> String {
    let each: Vec<_> = (0..count).map(|n| format!(" a{n}='{value}'")).collect();
    each.concat()
}

fn refusal(stanza: &str) -> Option<Refusal> {
    match read(stanza) {
        Guarded::Element(_) => None,
        Guarded::Refused(_, refusal) => Some(refusal),
    }
}

#[test]
fn depth_is_bounded_and_a_stack_survives_30_000() {
    assert_eq!(refusal(&nested(MAX_DEPTH)), None);
    assert_eq!(refusal(&nested(MAX_DEPTH + 1)), Some(Refusal::TooDeep));
    assert_eq!(refusal(&nested(30_000)), Some(Refusal::TooDeep));
}

#[test]
fn the_own_server_may_send_the_roster_of_a_large_fleet() {
    let item = "<item jid='hv0001@dc.example' name='hv0001' subscription='both'><group>munich</group></item>";
    let roster = |from: &str| {
        let items = item.repeat(2_500);
        refusal(&format!(
            "<iq type='result' id='1' to='admin@dc.example/desk'{from}><query xmlns='jabber:iq:roster'>{items}</query></iq>"
        ))
    };
    assert_eq!(roster(""), None);
    assert_eq!(roster(" from='admin@dc.example'"), None);
    for other in ["mallory@dc.example", "admin@dc.example/desk", "dc.example"] {
        let refused = roster(&format!(" from='{other}'"));
        assert_eq!(refused, Some(Refusal::TooManyElements), "{other}");
    }
}

#[test]
fn length_is_bounded_in_text_attributes_and_names() {
    let body = |length| format!("<message><body>{}</body></message>", "x".repeat(length));
    assert_eq!(refusal(&body(MAX_BYTES - 1000)), None);
    assert_eq!(refusal(&body(MAX_BYTES)), Some(Refusal::TooLong));
    assert_eq!(refusal(&body(5_000_000)), Some(Refusal::TooLong));
    let attributes = attributes(60, &"x".repeat(8_000));
    assert_eq!(
        refusal(&format!("<message{attributes}/>")),
        Some(Refusal::TooLong)
    );
}

#[test]
fn elements_and_attributes_are_counted() {
    let children = |count| format!("<message>{}</message>", "<x/>".repeat(count));
    assert_eq!(refusal(&children(MAX_ELEMENTS - 1)), None);
    assert_eq!(
        refusal(&children(MAX_ELEMENTS)),
        Some(Refusal::TooManyElements)
    );
    let attributes = attributes(MAX_ELEMENTS, "");
    assert_eq!(
        refusal(&format!("<message><x{attributes}/></message>")),
        Some(Refusal::TooManyElements)
    );
}

#[test]
fn the_header_of_a_refused_request_is_kept() {
    let deep = nested(100)
        .replace(
            "<message from='a@b/c'>",
            "<iq from='a@b/c' type='get' id='7'>",
        )
        .replace("</message>", "</iq>");
    let Guarded::Refused(header, _) = read(&deep) else {
        panic!("too deep")
    };
    assert!(header.is_request());
    assert_eq!(
        (header.sender().unwrap().as_str(), header.id.as_deref()),
        ("a@b/c", Some("7"))
    );
}

#[test]
fn a_long_attribute_ends_the_stream() {
    let text = format!(
        "{HEADER}<presence id='first'/><message id='{}'/>",
        "x".repeat(9_000)
    );
    let (children, error) = read_stream(text.as_bytes());
    assert_eq!(children.len(), 1);
    assert!(error.is_some());
}

/// XML with random shape: opening and closing tags always match.
fn tree() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z ]{0,40}",
        Just("<e/>".to_owned()),
        Just("<e a='1' b='2'/>".to_owned())
    ];
    leaf.prop_recursive(100, 400, 4, |inner| {
        prop::collection::vec(inner, 0..4)
            .prop_map(|children| format!("<n>{}</n>", children.concat()))
    })
}

fn depth(element: &Element) -> usize {
    1 + element.children().map(depth).max().unwrap_or_default()
}

fn elements(element: &Element) -> usize {
    1 + element.attrs().len() + element.children().map(elements).sum::<usize>()
}

proptest! {
    #[test]
    fn what_passes_is_within_all_bounds(tree in tree(), wraps in 0_usize..80) {
        let stanza = format!("<message>{}{tree}{}</message>", "<w>".repeat(wraps), "</w>".repeat(wraps));
        match read(&stanza) {
            Guarded::Element(element) => {
                prop_assert!(depth(&element) <= MAX_DEPTH);
                prop_assert!(elements(&element) <= MAX_ELEMENTS);
            }
            Guarded::Refused(header, _) => prop_assert!(header.is_stanza() && wraps + 1 + stanza.matches("<n>").count() >= MAX_DEPTH),
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut text = HEADER.as_bytes().to_vec();
        text.extend(&bytes);
        read_stream(&text);
        read_stream(&bytes);
    }
}
