//! What every entity answers to everybody: what it can do, which program it is, what its clock says.

use archipel_protocol::{
    Element, Failure, Presence,
    disco::{Caps, Identity, Info},
    ns, presence, time,
    version::Version,
};
use jiff::Timestamp;

use crate::{host::Face, messages::Refusal, modules, state::VERSION};

/// The program's name where other programs ask for it.
const PROGRAM: &str = "archipel-agent";
/// Names the software in entity capabilities.
const CAPS_NODE: &str = "urn:archipel:agent";

/// The two kinds of entity of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Hypervisor,
    Machine,
}

/// What an entity of this kind can do.
pub(crate) fn info(kind: Kind) -> Info {
    let common = [
        ns::DISCO_INFO,
        ns::DISCO_ITEMS,
        ns::COMMANDS,
        ns::CAPS,
        ns::LAST,
        ns::PING,
        ns::TIME,
        ns::VERSION,
        ns::TASK,
    ];
    let own: Vec<&str> = match kind {
        Kind::Hypervisor => modules::features().collect(),
        Kind::Machine => modules::features_of_machines().collect(),
    };
    Info {
        identities: vec![Identity {
            category: "client".to_owned(),
            kind: "bot".to_owned(),
            name: match kind {
                Kind::Hypervisor => "Archipel hypervisor".to_owned(),
                Kind::Machine => "Archipel machine".to_owned(),
            },
        }],
        features: common.into_iter().chain(own).map(str::to_owned).collect(),
    }
}

/// The capabilities in presence.
pub(crate) fn caps(kind: Kind) -> Caps {
    Caps {
        node: CAPS_NODE.to_owned(),
        verification: info(kind).verification(),
    }
}

/// `presence` with what every presence of an entity carries.
pub(crate) fn dress(mut presence: Presence, kind: Kind, face: &Face) -> Presence {
    presence.payloads.push(caps(kind).to_element());
    if let Face::Known(photo) = face {
        let update = presence::vcard_update(photo.as_deref());
        presence.payloads.push(update);
    }
    presence
}

/// The answer to a question that needs no permission; `None`: it is none.
pub(crate) fn answer(
    kind: Kind,
    payload: &Element,
    now: Timestamp,
) -> Option<Result<Element, Failure>> {
    if payload.is("query", ns::DISCO_INFO) {
        return Some(disco(kind, payload.attr("node")));
    }
    if payload.is("query", ns::VERSION) {
        let version = Version {
            name: PROGRAM.to_owned(),
            version: VERSION.to_owned(),
        };
        return Some(Ok(version.to_element()));
    }
    payload.is("time", ns::TIME).then(|| Ok(time::answer(now)))
}

fn disco(kind: Kind, node: Option<&str>) -> Result<Element, Failure> {
    if node.is_some_and(|node| node != caps(kind).disco_node()) {
        return Err(Refusal::UnknownNode.into());
    }
    Ok(info(kind).to_element(node))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_protocol::disco;

    use super::*;

    #[test]
    fn a_hypervisor_announces_the_feed_and_a_machine_does_not() {
        assert!(info(Kind::Hypervisor).has(ns::FLEET));
        assert!(info(Kind::Hypervisor).has(ns::VM_CONTROL));
        assert!(!info(Kind::Machine).has(ns::FLEET));
    }

    #[test]
    fn what_is_announced_is_what_is_answered() {
        let kind = Kind::Hypervisor;
        let asked = disco::query(Some(&caps(kind).disco_node()));
        let answered = answer(kind, &asked, Timestamp::UNIX_EPOCH)
            .unwrap()
            .unwrap();
        let answered = Info::parse(&answered).unwrap();
        assert_eq!(answered.verification(), caps(kind).verification);
        let foreign = disco::query(Some("x#y"));
        assert!(
            answer(kind, &foreign, Timestamp::UNIX_EPOCH)
                .unwrap()
                .is_err()
        );
        let unknown = Element::bare("query", "x");
        assert!(answer(kind, &unknown, Timestamp::UNIX_EPOCH).is_none());
    }
}
