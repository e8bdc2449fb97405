//! The golden stanzas with something unknown, something missing, something of the wrong type, too long or hostile. Nothing panics, every
//! refusal is short and names its fault, and whatever is accepted is written so that it reads back the same.

use archipel_protocol::{Command, Element};
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

/// Every way to change one thing somewhere in `element`.
fn changed(element: &Element, change: &mut dyn FnMut(&Element) -> Vec<Element>) -> Vec<Element> {
    let mut all = change(element);
    let count = element.children().count();
    for at in 0..count {
        let inner = element.children().nth(at).unwrap();
        for child in changed(inner, change) {
            let mut copy = element.clone();
            *copy.children_mut().nth(at).unwrap() = child;
            all.push(copy);
        }
    }
    all
}

fn names(element: &Element) -> Vec<rxml::NcName> {
    element
        .attrs()
        .iter()
        .map(|((_, name), _)| name.clone())
        .collect()
}

fn with(element: &Element, name: &rxml::NcName, value: &str) -> Element {
    let mut copy = element.clone();
    copy.set_attr(Namespace::NONE, name.clone(), value);
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
fn unknown_attributes_and_children_are_passed_over() {
    for golden in goldens() {
        let command = Command::parse(&golden.query).unwrap();
        let mut query = golden.query.clone();
        let archipel = query.children_mut().next().unwrap();
        archipel.set_attr(Namespace::NONE, xml_ncname!("unheard-of").to_owned(), "x");
        archipel.append_child(Element::bare("unheard-of", "urn:x"));
        query.append_child(Element::bare("unheard-of", "urn:x"));
        assert_eq!(Command::parse(&query).unwrap(), command, "{}", golden.name);
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
fn hostile_values_are_refused_or_come_back() {
    let hostile = hostile();
    for golden in goldens() {
        let mut change = |element: &Element| {
            let names = names(element);
            let values = |name: &rxml::NcName| {
                hostile
                    .iter()
                    .map(|value| with(element, name, value))
                    .collect::<Vec<_>>()
            };
            names.iter().flat_map(values).collect()
        };
        for query in changed(&golden.query, &mut change) {
            sound_or_refused(&query);
        }
    }
}

#[test]
fn hostile_replies_are_refused_or_come_back() {
    let hostile = hostile();
    for golden in goldens() {
        let request = Command::parse(&golden.query).unwrap().request;
        let mut change = |element: &Element| {
            let names = names(element);
            let values = |name: &rxml::NcName| {
                hostile
                    .iter()
                    .map(|value| with(element, name, value))
                    .collect::<Vec<_>>()
            };
            names.iter().flat_map(values).collect()
        };
        for query in golden
            .reply
            .iter()
            .flat_map(|reply| changed(reply, &mut change))
        {
            match request.parse_reply(&query) {
                Ok(reply) => {
                    let mut body = Element::bare("query", request.namespace());
                    for element in reply.to_elements() {
                        body.append_child(element);
                    }
                    assert_eq!(
                        written(&request.parse_reply(&body).unwrap()),
                        written(&reply),
                        "{}",
                        golden.name
                    );
                }
                Err(why) => brief(&why.to_string()),
            }
        }
    }
}

fn written(reply: &archipel_protocol::Reply) -> Vec<String> {
    reply.to_elements().iter().map(String::from).collect()
}

#[test]
fn hostile_payloads_are_refused_or_come_back() {
    let hostile = hostile();
    for payload in all("payload") {
        let kind = payload.attr("as").unwrap().to_owned();
        let mut change = |element: &Element| {
            let names = names(element);
            let values = |name: &rxml::NcName| {
                hostile
                    .iter()
                    .map(|value| with(element, name, value))
                    .collect::<Vec<_>>()
            };
            names.iter().flat_map(values).collect()
        };
        for element in changed(payload.children().next().unwrap(), &mut change) {
            match payloads::again(&kind, &element) {
                Ok(once) => {
                    let twice =
                        payloads::again(&kind, &once).unwrap_or_else(|why| panic!("{kind}: {why}"));
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

proptest::proptest! {
    #[test]
    fn any_value_anywhere_is_refused_or_comes_back(pick: usize, at: usize, value in ".{0,60}") {
        let goldens = goldens();
        let golden = &goldens[pick % goldens.len()];
        let mut change = |element: &Element| {
            let names = names(element);
            names.iter().map(|name| with(element, name, &value)).collect()
        };
        let queries = changed(&golden.query, &mut change);
        sound_or_refused(&queries[at % queries.len()]);
    }
}
