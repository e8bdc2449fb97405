//! One command, from the operator's session to its answer.

use std::time::Instant;

use archipel_lab::ServerKind;
use archipel_protocol::{
    Command, OperationId, Request, VmId, operation::Operation, vm_control::Action,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    client::{Client, ask},
    common::{Content, Plan, World},
    frame::{Figures, Goal, Row, Table, Unit},
    subjects::milliseconds,
};

/// Rows of [`command`].
pub(super) const COMMAND: &[Row] = &[Row {
    name: "one-command",
    what: "one command through TLS, permission, journal fsync",
    goal: Goal::Both {
        median: 8.0,
        p99: 40.0,
    },
    unit: Unit::Milliseconds,
    place: "Prosody, limits raised, TLS, libvirt's test driver",
    table: Table::Budgets,
}];

/// Pauses and resumptions of [`command`].
const ROUNDS: usize = 200;

/// A machine paused and resumed in turn; the same by a `virsh` process beside it.
pub(super) async fn command() -> Vec<Figures> {
    let world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![Content::Machines(50)],
    })
    .await;
    let running = world
        .archipel(&["vm", "list", "state = running", "-o", "json"])
        .await
        .json();
    let text = |field: &str| running[0][field].as_str().expect("a text").to_owned();
    let vm: VmId = text("id").parse().expect("a uuid");
    let mut client = Client::log_in(&world.server, "bench").await;
    let to = client.address_of("hv01").await;
    let session = client.deaf();
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let action = [Action::Suspend, Action::Resume][round % 2];
        let start = Instant::now();
        ask(&session, &to, &operation(vm, action)).await;
        times.push(milliseconds(start, Instant::now()));
    }
    session.stop();
    let virsh = virsh(&world, &text("name")).await;
    vec![
        COMMAND[0]
            .values(times)
            .beside("virsh suspend", Unit::Milliseconds, virsh),
    ]
}

fn operation(vm: VmId, action: Action) -> Command {
    let id = OperationId::from_random(rand::random());
    let life = SignedDuration::from_mins(5);
    Command::new(Request::VmControl(action))
        .for_vm(vm)
        .with_operation(Operation::new(id, Timestamp::now(), life))
}

async fn virsh(world: &World, machine: &str) -> Vec<f64> {
    let mut times = Vec::new();
    for round in 0..20 {
        let start = Instant::now();
        let verb = ["suspend", "resume"][round % 2];
        let said = world.hosts[0].libvirt.virsh(&[verb, machine]).await;
        times.push(milliseconds(start, Instant::now()));
        said.expect("virsh works");
    }
    times
}
