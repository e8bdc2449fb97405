//! Fifty machines started at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use archipel_bus::Session;
use archipel_protocol::{FullJid, Request, VmState, hypervisor_control, vm_control};
use futures::future::join_all;

use super::{rows::AT_ONCE, stage::Stage};
use crate::{
    client::ask_plainly,
    frame::{Figures, Unit},
    subjects::milliseconds,
};

/// All of [`AT_ONCE`].
pub(crate) async fn at_once() -> Vec<Figures> {
    let stage = Stage::of(50).await;
    let over = Arc::new(AtomicBool::new(false));
    let meanwhile = tokio::spawn(meanwhile(
        stage.session.clone(),
        stage.address.clone(),
        Arc::clone(&over),
    ));
    let ours = creates(&stage).await;
    over.store(true, Ordering::Release);
    let answers = meanwhile.await.expect("a questioner");
    each(&stage, "destroy").await;
    let floor = each(&stage, "start").await;
    each(&stage, "destroy").await;
    vec![
        AT_ONCE[0].value(ours).bound(1.1 * floor).beside(
            "50 parallel virsh",
            Unit::Seconds,
            vec![floor],
        ),
        AT_ONCE[1].values(answers),
    ]
}

/// Seconds until all are seen running.
async fn creates(stage: &Stage) -> f64 {
    let start = Instant::now();
    let replies = (0..stage.machines.len()).map(async |at| {
        let create = Request::VmControl(vm_control::Action::Create);
        ask_plainly(&stage.session, &stage.machine(at), create).await
    });
    let running = stage
        .machines
        .iter()
        .map(|machine| stage.seen.state(machine, VmState::Running, start));
    let (_, seen) = tokio::join!(join_all(replies), join_all(running));
    let last = seen.into_iter().max().expect("machines");
    last.duration_since(start).as_secs_f64()
}

/// Asks every 200 ms; milliseconds each.
async fn meanwhile(session: Session, to: FullJid, over: Arc<AtomicBool>) -> Vec<f64> {
    let mut times = Vec::new();
    while !over.load(Ordering::Acquire) {
        let start = Instant::now();
        let ip = Request::HypervisorControl(hypervisor_control::Action::Ip);
        ask_plainly(&session, &to, ip).await;
        times.push(milliseconds(start, Instant::now()));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    times
}

/// One `virsh` process per machine, all at once; seconds.
async fn each(stage: &Stage, verb: &str) -> f64 {
    let libvirt = &stage.world.hosts[0].libvirt;
    let start = Instant::now();
    let all = stage
        .names
        .iter()
        .map(async |name| libvirt.virsh(&[verb, name]).await.expect("virsh works"));
    join_all(all).await;
    start.elapsed().as_secs_f64()
}
