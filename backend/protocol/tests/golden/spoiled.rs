//! The golden stanzas with something unknown, something missing, something of the wrong type, too long or hostile. Nothing panics, every
//! refusal is short and names its fault, and whatever is accepted is written so that it reads back the same.

use std::sync::LazyLock;

use archipel_protocol::{Command, Element, Reply, Request, envelope};
use rxml::{Namespace, xml_ncname};

use super::{all, child, goldens, payloads};

/// The longest text of a refusal, in characters.
const REFUSAL_LIMIT: usize = 300;

/// Values that no field is meant to hold.
fn hostile() -> Vec<String> {
    vec![
        String::new(),
        " ".to_owned(),
        "@@".to_owned(),
        "../../etc/passwd".to_owned(),
        "-1".to_owned(),
        "99999999999999999999".to_owned(),
        "NaN".to_owned(),
        "1e999".to_owned(),
        "' or '1'='1".to_owned(),
        "\u{202e}\u{200b}\u{1b}[2J\u{0}".to_owned(),
        "\u{fffe}".to_owned(),
        "<&>\"'".to_owned(),
        "ü".repeat(4_000),
        "9".repeat(8_000),
    ]
}

/// Every way to spoil one thing somewhere in `element`: an attribute or text of another kind, an attribute or child missing, something
/// unknown added.
fn spoiled(element: &Element) -> Vec<Element> {
    let mut all = spoiled_here(element);
    for (at, inner) in element.children().enumerate() {
        for child in spoiled(inner) {
            let mut copy = element.clone();
            *copy.children_mut().nth(at).unwrap() = child;
            all.push(copy);
        }
    }
    all
}

fn spoiled_here(element: &Element) -> Vec<Element> {
    let hostile = hostile();
    let mut all = vec![with_unknown(element)];
    for name in names(element) {
        all.push(without(element, name.as_str()));
        all.extend(hostile.iter().map(|value| with(element, &name, value)));
    }
    for child in element.children() {
        all.push(without(element, child.name()));
    }
    if !element.text().trim().is_empty() {
        all.extend(hostile.iter().map(|value| with_text(element, value)));
    }
    all
}

fn names(element: &Element) -> Vec<rxml::NcName> {
    let attributes = element.attrs().iter();
    attributes.map(|((_, name), _)| name.clone()).collect()
}

fn with(element: &Element, name: &rxml::NcName, value: &str) -> Element {
    let mut copy = element.clone();
    copy.set_attr(Namespace::NONE, name.clone(), value);
    copy
}

fn with_unknown(element: &Element) -> Element {
    let mut copy = with(element, &xml_ncname!("unheard-of").to_owned(), "x");
    copy.append_child(Element::bare("unheard-of", "urn:x"));
    copy
}

fn with_text(element: &Element, text: &str) -> Element {
    let mut copy = Element::bare(element.name(), element.ns());
    for ((namespace, key), value) in element.attrs() {
        copy.set_attr(namespace.clone(), key.clone(), value.clone());
    }
    copy.append_text_node(text);
    copy
}

fn without(element: &Element, name: &str) -> Element {
    let mut copy = Element::bare(element.name(), element.ns());
    for ((namespace, key), value) in element.attrs() {
        if key.as_str() != name {
            copy.set_attr(namespace.clone(), key.clone(), value.clone());
        }
    }
    for node in element.nodes() {
        match node.as_element() {
            Some(child) if child.name() == name => {}
            Some(child) => {
                copy.append_child(without(child, name));
            }
            None => copy.append_node(node.clone()),
        }
    }
    copy
}

/// A request that is accepted is written so that it reads back; one that is refused says so briefly.
fn sound_or_refused(query: &Element) {
    match Command::parse(query) {
        Ok(command) => {
            let again = Command::parse(&command.to_element());
            let again = again.unwrap_or_else(|why| panic!("{why}: {}", String::from(query)));
            assert_eq!(again, command);
        }
        Err(why) => brief(&why.to_string()),
    }
}

fn brief(text: &str) {
    assert!(text.chars().count() <= REFUSAL_LIMIT, "{text}");
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

#[test]
fn unknown_attributes_and_children_of_requests_are_passed_over() {
    for golden in goldens() {
        let command = Command::parse(&golden.query).unwrap();
        let mut query = with_unknown(&golden.query);
        let archipel = query.children_mut().next().unwrap();
        *archipel = with_unknown(archipel);
        assert_eq!(Command::parse(&query).unwrap(), command, "{}", golden.name);
    }
}

#[test]
fn unknown_attributes_and_children_of_replies_are_passed_over() {
    for golden in goldens() {
        let request = Command::parse(&golden.query).unwrap().request;
        let reply = request.parse_reply(&golden.reply[0]).unwrap();
        let mut noisy = Element::bare("query", golden.query.ns());
        noisy.append_child(Element::bare("unheard-of", "urn:x"));
        for node in golden.reply[0].nodes() {
            noisy.append_node(node.clone());
        }
        let noisy = with_unknown(&noisy);
        assert_eq!(
            request.parse_reply(&noisy).unwrap(),
            reply,
            "{}",
            golden.name
        );
    }
}

#[test]
fn unknown_attributes_and_children_of_payloads_are_passed_over() {
    for payload in all("payload") {
        let kind = payload.attr("as").unwrap();
        let element = payload.children().next().unwrap();
        let plain = payloads::again(kind, element).unwrap();
        let again = payloads::again(kind, &with_unknown(element));
        if kind == "change-rights" {
            // Half a change of rights would be another change.
            assert!(again.is_err());
            continue;
        }
        let again = again.unwrap();
        assert_eq!(String::from(&again), String::from(&plain), "{kind}");
    }
}

#[test]
fn what_is_missing_is_named() {
    for golden in goldens() {
        for name in &golden.required {
            let why = Command::parse(&without(&golden.query, name))
                .expect_err(&golden.name)
                .to_string();
            assert!(why.contains(name.as_str()), "{}: {why}", golden.name);
        }
    }
}

#[test]
fn what_is_not_required_may_be_missing() {
    let kept = [
        "action",
        "op",
        "issued",
        "expires",
        "permission_type",
        "month",
        "year",
        "day",
        "hour",
        "minute",
        "second",
    ];
    for golden in goldens() {
        let archipel = child(&golden.query, "archipel").unwrap();
        for name in names(archipel) {
            let name = name.as_str();
            let required = golden.required.iter().any(|known| known == name);
            if !required && !kept.contains(&name) {
                Command::parse(&without(&golden.query, name))
                    .unwrap_or_else(|why| panic!("{} without {name}: {why}", golden.name));
            }
        }
    }
}

#[test]
fn spoiled_requests_are_refused_or_come_back() {
    for golden in goldens() {
        spoiled(&golden.query).iter().for_each(sound_or_refused);
    }
}

#[test]
fn spoiled_replies_are_refused_or_come_back() {
    for golden in goldens() {
        let request = Command::parse(&golden.query).unwrap().request;
        for body in golden.reply.iter().flat_map(spoiled) {
            match request.parse_reply(&body) {
                Ok(reply) => {
                    let once = written(&request, &reply);
                    let again = request.parse_reply(&once).unwrap();
                    assert_eq!(written(&request, &again), once, "{}", golden.name);
                }
                Err(why) => brief(&why.to_string()),
            }
        }
    }
}

fn written(request: &Request, reply: &Reply) -> Element {
    envelope::answer(request, reply.to_elements(), None)
}

#[test]
fn spoiled_payloads_are_refused_or_come_back() {
    for payload in all("payload") {
        let kind = payload.attr("as").unwrap();
        for element in spoiled(payload.children().next().unwrap()) {
            match payloads::again(kind, &element) {
                Ok(once) => {
                    let twice = payloads::again(kind, &once);
                    let twice = twice.unwrap_or_else(|why| panic!("{kind}: {why}"));
                    assert_eq!(String::from(&twice), String::from(&once), "{kind}");
                }
                Err(why) => brief(&why.to_string()),
            }
        }
    }
}

#[test]
fn deep_nesting_does_no_harm() {
    let mut deep = Element::bare("a", "urn:x");
    for _ in 0..60 {
        let mut outer = Element::bare("a", "urn:x");
        outer.append_child(deep);
        deep = outer;
    }
    for golden in goldens() {
        let mut query = golden.query.clone();
        let archipel = query.children_mut().next().unwrap();
        archipel.append_child(deep.clone());
        sound_or_refused(&query);
        for inner in query.children_mut().next().unwrap().children_mut() {
            inner.append_child(deep.clone());
        }
        sound_or_refused(&query);
    }
}

/// `element` with this value in one of its places.
fn with_value_at(element: &Element, at: usize, value: &str) -> Element {
    let mut places = places(element);
    let mut copy = element.clone();
    if places.is_empty() {
        return copy;
    }
    let (path, name) = places.swap_remove(at % places.len());
    let mut inner = &mut copy;
    for step in path {
        inner = inner.children_mut().nth(step).unwrap();
    }
    inner.set_attr(Namespace::NONE, name, value);
    copy
}

proptest::proptest! {
    #[test]
    fn any_value_in_any_request_is_refused_or_comes_back(pick: usize, at: usize, value in ".{0,60}") {
        let golden = &goldens()[pick % goldens().len()];
        sound_or_refused(&with_value_at(&golden.query, at, &value));
    }

    #[test]
    fn any_value_in_any_reply_is_refused_or_comes_back(pick: usize, at: usize, value in ".{0,60}") {
        let golden = &goldens()[pick % goldens().len()];
        let request = Command::parse(&golden.query).unwrap().request;
        let body = with_value_at(&golden.reply[0], at, &value);
        if let Ok(reply) = request.parse_reply(&body) {
            let once = written(&request, &reply);
            let again = request.parse_reply(&once).unwrap();
            proptest::prop_assert_eq!(written(&request, &again), once);
        }
    }

    #[test]
    fn any_value_in_any_payload_is_refused_or_comes_back(pick: usize, at: usize, value in ".{0,60}") {
        static PAYLOADS: LazyLock<Vec<Element>> = LazyLock::new(|| all("payload"));
        let payload = &PAYLOADS[pick % PAYLOADS.len()];
        let kind = payload.attr("as").unwrap();
        let element = with_value_at(payload.children().next().unwrap(), at, &value);
        if let Ok(once) = payloads::again(kind, &element) {
            let twice = payloads::again(kind, &once).unwrap();
            proptest::prop_assert_eq!(twice, once);
        }
    }
}

/// Where attributes stand: the way down to their element, and their name.
fn places(element: &Element) -> Vec<(Vec<usize>, rxml::NcName)> {
    let mut all: Vec<_> = names(element)
        .into_iter()
        .map(|name| (Vec::new(), name))
        .collect();
    for (at, child) in element.children().enumerate() {
        let below = places(child).into_iter();
        all.extend(below.map(|(path, name)| ([vec![at], path].concat(), name)));
    }
    all
}
