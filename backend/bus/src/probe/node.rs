//! Whether this account may make nodes (XEP-0060). The node that the probe makes is removed by it.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use archipel_protocol::{IqKind, pubsub};

use super::{Check, Inside, Purpose, inside::text};

pub(super) static CHECK: Check<Inside> = Check {
    id: "node",
    about: "Whether the operator may make nodes of publish-subscribe",
    deadline: Duration::from_mins(1),
    alone: false,
    faults: &[&REFUSED, &LEFT],
    run: |inside| Box::pin(run(inside)),
};

static REFUSED: Fault = Fault {
    id: "node.refused",
    severity: Severity::Warning,
    title: "This account may not make nodes",
    why: "Tags that all operators share live on a node, and somebody has to make it. Original agents make nodes of their own.",
    todo: "Make the account an administrator of the service, or let an account that is one make the nodes.",
    prosody: "Component \"pubsub.dc.example\" \"pubsub\"\n  admins = { \"admin@dc.example\" }",
    ejabberd: "access_rules:\n  pubsub_createnode: { allow: admin }\nmodules:\n  mod_pubsub: { access_createnode: pubsub_createnode }",
};

static LEFT: Fault = Fault {
    id: "node.left",
    severity: Severity::Warning,
    title: "The node that the check made could not be removed",
    why: "It is empty and harms nobody; it is in the way.",
    todo: "Remove it by the server's means.",
    prosody: "",
    ejabberd: "",
};

async fn run(inside: &Inside) -> Vec<Finding> {
    if inside.line.purpose != Purpose::Operator {
        return Vec::new();
    }
    let Some(service) = inside.service("pubsub", "service").await else {
        // Told by another check.
        return Vec::new();
    };
    let on = service.to_string();
    let node = format!("archipel-check-{:08x}", rand::random::<u32>());
    let create = pubsub::create(&node, &pubsub::NodeConfig::events());
    let made = inside.ask(IqKind::Set, Some(service.clone()), create).await;
    if made.is_err() {
        return vec![Finding::of(&REFUSED, on, text(&made))];
    }
    let removed = inside
        .ask(IqKind::Set, Some(service), pubsub::delete(&node))
        .await;
    let well = Finding::ok(CHECK.id, &on, "one was made and removed again");
    match removed {
        Ok(_) => vec![well],
        Err(_) => vec![well, Finding::of(&LEFT, on, node)],
    }
}
