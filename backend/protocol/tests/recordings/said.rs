//! What came unasked during an exchange: pushes, presence, messages, roster changes. Each must be known to the types.

use archipel_protocol::{
    Element, Message, Presence, PresenceKind, Stanza, VmState,
    central_agent::{Keepalive, NODE},
    chat::{Chat, Shout},
    presence::{Activity, HypervisorSaid, LIBVIRT_LOST, asker, vm_state},
    pubsub::Event,
    push::{Known, parse_event},
    roster, tags,
};

use super::common::child;

/// Looks at everything that an exchange holds beside request and reply.
pub(crate) fn check(exchange: &Element) -> Result<(), String> {
    for group in ["pushes", "presences", "messages", "other"] {
        let stanzas = child(exchange, group)
            .into_iter()
            .flat_map(Element::children);
        for stanza in stanzas {
            let stanza = Stanza::parse(stanza.clone()).map_err(|why| why.to_string())?;
            said(&stanza)?;
        }
    }
    Ok(())
}

fn said(stanza: &Stanza) -> Result<(), String> {
    match stanza {
        Stanza::Message(message) => match Event::parse(message) {
            Some(event) => notification(message, &event),
            None => spoken(message),
        },
        Stanza::Presence(presence) => present(presence),
        Stanza::Iq(iq) => {
            let query = iq.payload().ok_or("an empty IQ")?;
            let items = query.children().count();
            let read = roster::parse(query).len();
            expect(read == items, || format!("{read} of {items} contacts read"))
        }
    }
}

fn notification(message: &Message, event: &Event) -> Result<(), String> {
    let payloads = || event.items.iter().filter_map(|item| item.payload.as_ref());
    match event.node.as_str() {
        NODE => payloads().try_for_each(|item| match Keepalive::parse(item) {
            Ok(_) => Ok(()),
            Err(why) => Err(why.to_string()),
        }),
        tags::NODE => payloads().try_for_each(|item| match tags::Item::parse(item) {
            Ok(_) => Ok(()),
            Err(why) => Err(why.to_string()),
        }),
        _ if event.deleted => Ok(()),
        _ => {
            let pushes = parse_event(message);
            expect(pushes.len() == event.items.len(), || {
                "a push is lost".into()
            })?;
            let unknown = pushes.iter().find(|(_, push)| Known::of(push).is_none());
            expect(unknown.is_none(), || format!("{unknown:?} is not known"))
        }
    }
}

fn spoken(message: &Message) -> Result<(), String> {
    let known = Shout::of(message).is_some() || Chat::of(message).is_some();
    expect(known, || "neither shout nor chat".into())
}

fn present(presence: &Presence) -> Result<(), String> {
    if presence.kind == PresenceKind::Subscribe {
        return expect(asker(presence).is_some(), || {
            "a request without a name".into()
        });
    }
    let Some(status) = presence
        .status
        .as_deref()
        .filter(|_| presence.kind == PresenceKind::Available)
    else {
        return Ok(());
    };
    let known = HypervisorSaid::of(presence).is_some()
        || vm_state(presence) != VmState::Unknown
        || Activity::of(presence).is_some()
        || status == LIBVIRT_LOST;
    expect(known, || format!("status `{status}` is not known"))
}

fn expect(sound: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if sound { Ok(()) } else { Err(why()) }
}
