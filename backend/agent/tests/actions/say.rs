//! What people say to the hypervisor and its machines.

use crate::common::{Client, eventually};
use archipel_protocol::{
    Command, Failure, Reply, Request, VmId,
    chunks::Assembly,
    definitions::{self, Action, Version, Which, Written},
    failure::FailureKind,
    feed::{Detail, Row, VmFlags},
    machines,
    vm_control::{self, Action as Control},
    vm_definition,
    vm_resources::{self},
};

pub(crate) async fn ask(client: &Client, id: VmId, request: Request) -> Result<Reply, Failure> {
    let command = Command::new(request).for_vm(id);
    let answer = client.command(&command).await?;
    Ok(command.request.parse_reply(&answer).unwrap())
}

pub(crate) async fn control(
    client: &Client,
    id: VmId,
    action: vm_control::Action,
) -> Result<Reply, Failure> {
    ask(client, id, Request::VmControl(action)).await
}

pub(crate) async fn give(
    client: &Client,
    id: VmId,
    action: vm_resources::Action,
) -> Result<Reply, Failure> {
    ask(client, id, Request::VmResources(action)).await
}

pub(crate) async fn written(client: &Client, id: VmId, action: Action) -> Result<Written, Failure> {
    match ask(client, id, Request::Definitions(action)).await? {
        Reply::Definitions(definitions::Reply::Written(written)) => Ok(written),
        other => panic!("{other:?}"),
    }
}

/// A text, piece by piece.
pub(crate) async fn text(
    client: &Client,
    id: VmId,
    action: impl Fn(u64) -> Action,
) -> Result<String, Failure> {
    let mut assembly = Assembly::default();
    loop {
        let offset = u64::try_from(assembly.offset()).unwrap();
        let reply = ask(client, id, Request::Definitions(action(offset))).await?;
        let Reply::Definitions(definitions::Reply::Piece(piece)) = reply else {
            panic!("{reply:?}");
        };
        if let Some(whole) = assembly.add(&piece).unwrap() {
            return Ok(whole);
        }
    }
}

pub(crate) async fn definition(client: &Client, id: VmId, which: Which) -> Result<String, Failure> {
    text(client, id, |offset| Action::Read { which, offset }).await
}

pub(crate) async fn history(client: &Client, id: VmId) -> Vec<Version> {
    let request = Request::Definitions(Action::History { before: None });
    match ask(client, id, request).await.unwrap() {
        Reply::Definitions(definitions::Reply::Versions(versions)) => versions,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn define(client: &Client, id: VmId, xml: &str) -> Result<Reply, Failure> {
    let domain = archipel_protocol::document::Document::from_text(xml).unwrap();
    let action = vm_definition::Action::Define { domain };
    ask(client, id, Request::VmDefinition(action)).await
}

/// The flags that the feed tells.
pub(crate) async fn flags(client: &Client, watch: &str, id: VmId) -> VmFlags {
    let rows = client.watch(watch, Detail::State).await;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Vm(row) if row.id == id => Some(row.flags),
        _ => None,
    });
    found.unwrap()
}

pub(crate) async fn refused(
    client: &Client,
    id: VmId,
    request: Request,
    wanted: fn(&FailureKind) -> bool,
) -> String {
    let failure = ask(client, id, request).await.unwrap_err();
    assert!(wanted(&failure.kind), "{failure:?}");
    failure.text
}

pub(crate) async fn machines(
    client: &Client,
    action: machines::Action,
) -> Result<machines::Reply, Failure> {
    let command = Command::new(Request::Machines(action));
    let answer = client.command(&command).await?;
    match command.request.parse_reply(&answer).unwrap() {
        Reply::Machines(reply) => Ok(reply),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn alloc(name: &str, domain: Option<&str>) -> machines::Action {
    let domain = domain.map(|text| archipel_protocol::document::Document::from_text(text).unwrap());
    machines::Action::Alloc {
        name: Some(name.into()),
        organisation: None,
        unit: None,
        locality: None,
        owner: None,
        categories: None,
        scope: None,
        domain,
    }
}

/// The machine that was made.
pub(crate) fn made(reply: machines::Reply) -> VmId {
    match reply {
        machines::Reply::Machine(machine) => machine.jid.node().unwrap().as_str().parse().unwrap(),
        other @ machines::Reply::Done => panic!("{other:?}"),
    }
}

pub(crate) fn address(id: VmId) -> archipel_protocol::Jid {
    format!("{id}@{}", crate::common::DOMAIN).parse().unwrap()
}

/// Waits until the agent knows the machine.
pub(crate) async fn known(client: &Client, id: VmId) {
    let asked = async || control(client, id, Control::Info).await.is_ok();
    eventually("the machine is known", asked).await;
}
