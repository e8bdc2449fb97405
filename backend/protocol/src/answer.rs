//! What came back for a request.

use minidom::Element;

use crate::{
    envelope::{Reply, Request},
    failure::Failure,
    stanza::{Iq, IqKind},
    xml::{Build, ParseError},
};

/// The answer to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It was done, or accepted.
    Done(Reply),
    /// It was refused.
    Refused(Failure),
}

impl Answer {
    /// Reads the answer to `request`. The original's IQ type `ignore`, which it sends instead of an empty result, counts as one.
    pub fn parse(request: &Request, iq: &Iq) -> Result<Self, ParseError> {
        if iq.kind == IqKind::Error {
            return Ok(Self::Refused(Failure::parse(iq)));
        }
        request.parse_reply(&body(iq)).map(Self::Done)
    }
}

/// The payload of an answer in one element, wherever it stood: in the `<query/>`, in the second of two (what the original passes on
/// from its central agent), or beside an empty one (the central agent's own answers).
pub fn body(iq: &Iq) -> Element {
    let queries = || iq.payloads.iter().filter(|child| child.name() == "query");
    let namespace = queries().next().map(Element::ns).unwrap_or_default();
    let beside = |child: &&Element| !matches!(child.name(), "query" | "error");
    let mut body = Build::new("query", &namespace).done();
    for node in queries().flat_map(Element::nodes) {
        body.append_node(node.clone());
    }
    for child in iq.payloads.iter().filter(beside) {
        body.append_child(child.clone());
    }
    body
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::{Stanza, central_agent, stanza::Stanza as Any, vm_control, xmpp_users};

    fn iq(xml: &str) -> Iq {
        match Stanza::parse(xml.parse().unwrap()).unwrap() {
            Any::Iq(iq) => iq,
            other => panic!("{other:?} is no IQ"),
        }
    }

    #[test]
    fn tolerates_two_queries_of_which_the_first_is_empty() {
        let request = Request::XmppUsers(xmpp_users::Action::Number { humans_only: None });
        let iq = iq(
            "<iq xmlns='jabber:client' type='result' id='1'><query xmlns='archipel:xmppserver:users'/><query xmlns='archipel:xmppserver:users'><users total='17'/></query></iq>",
        );
        let Answer::Done(Reply::XmppUsers(xmpp_users::Reply::Number(number))) =
            Answer::parse(&request, &iq).unwrap()
        else {
            panic!("not a number");
        };
        assert_eq!(number.total, 17);
    }

    #[test]
    fn tolerates_entries_beside_the_query() {
        let event = central_agent::Event::default();
        let request = Request::CentralAgent(central_agent::Action::ReadVms { event });
        let iq = iq(
            "<iq xmlns='jabber:client' type='result' id='1'><query xmlns='archipel:centralagent'/><entry><item key='uuid' value='x'/></entry></iq>",
        );
        let Answer::Done(Reply::CentralAgent(central_agent::Reply::Entries(entries))) =
            Answer::parse(&request, &iq).unwrap()
        else {
            panic!("no entries");
        };
        assert_eq!(entries[0].get("uuid"), Some("x"));
    }

    #[test]
    fn tolerates_the_type_ignore() {
        let request = Request::VmControl(vm_control::Action::Info);
        let iq = iq(
            "<iq xmlns='jabber:client' type='ignore' id='1'><query xmlns='archipel:vm:control'/></iq>",
        );
        let answer = Answer::parse(&request, &iq).unwrap();
        assert_eq!(
            answer,
            Answer::Done(Reply::VmControl(vm_control::Reply::Info(None)))
        );
    }

    #[test]
    fn a_refusal_is_a_failure() {
        let request = Request::VmControl(vm_control::Action::Info);
        let iq = iq(
            "<iq xmlns='jabber:client' type='error' id='1'><query xmlns='archipel:vm:control'/><error code='-1'/></iq>",
        );
        assert!(matches!(
            Answer::parse(&request, &iq).unwrap(),
            Answer::Refused(_)
        ));
    }
}
