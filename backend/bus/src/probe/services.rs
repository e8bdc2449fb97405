//! The services that a fleet uses besides the accounts: publish-subscribe and rooms.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};

use super::{Check, Inside};

pub(super) static CHECK: Check<Inside> = Check {
    id: "services",
    about: "Whether the server has publish-subscribe and rooms",
    deadline: Duration::from_secs(40),
    alone: false,
    faults: &[&NO_PUBSUB, &NO_ROOMS],
    run: |inside| Box::pin(run(inside)),
};

static NO_PUBSUB: Fault = Fault {
    id: "services.no-pubsub",
    severity: Severity::Warning,
    title: "The server has no publish-subscribe service",
    why: "Tags that all operators share, feeds of appliances and the nodes of original agents live there.",
    todo: "",
    prosody: "Component \"pubsub.dc.example\" \"pubsub\"\nVirtualHost \"dc.example\"\n  disco_items = { { \"pubsub.dc.example\" } }",
    ejabberd: "modules:\n  mod_pubsub: { plugins: [flat, pep], access_createnode: pubsub_createnode }",
};

static NO_ROOMS: Fault = Fault {
    id: "services.no-rooms",
    severity: Severity::Hint,
    title: "The server has no rooms",
    why: "Original agents and the original client meet in a room to talk; nothing of ours needs one.",
    todo: "",
    prosody: "Component \"conference.dc.example\" \"muc\"",
    ejabberd: "modules:\n  mod_muc: {}",
};

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    let told = |jid: Option<jid::Jid>, fault| match jid {
        Some(jid) => Finding::ok(CHECK.id, on, jid.as_str()),
        None => Finding::of(fault, on, ""),
    };
    vec![
        told(inside.service("pubsub", "service").await, &NO_PUBSUB),
        told(inside.service("conference", "text").await, &NO_ROOMS),
    ]
}
