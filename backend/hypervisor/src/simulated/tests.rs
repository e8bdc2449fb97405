#![allow(clippy::unwrap_used, clippy::panic)]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use archipel_protocol::VmState;

use super::*;
use crate::{ErrorKind, Lifecycle};

fn driver() -> SimulatedDriver {
    SimulatedDriver::new(machines(3))
}

fn first(driver: &SimulatedDriver) -> VmId {
    driver.domains().unwrap()[0].id
}

fn read(news: &mut mpsc::Receiver<DriverEvent>) -> Vec<DriverEvent> {
    std::iter::from_fn(|| news.try_recv().ok()).collect()
}

/// A driver whose clock the test moves, in seconds.
fn with_clock(domains: Vec<Domain>) -> (SimulatedDriver, Arc<AtomicU64>) {
    let time = Arc::new(AtomicU64::new(0));
    let shown = time.clone();
    let driver = SimulatedDriver::with(Setup {
        domains,
        seed: 5,
        clock: Arc::new(move || Duration::from_secs(shown.load(Ordering::Relaxed))),
        ..Setup::default()
    });
    (driver, time)
}

#[test]
fn while_lost_nothing_answers_and_nothing_is_heard() {
    let driver = driver();
    let id = first(&driver);
    let mut news = driver.subscribe();
    driver.lose("socket closed");
    let error = driver.domains().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Lost);
    assert!(error.message.contains("socket closed"));
    driver.outside(Change::Power(id, Power::Start)).unwrap();
    driver.restore();
    assert_eq!(driver.domain(id).unwrap().state, VmState::Running);
    let reason = "socket closed".to_owned();
    assert_eq!(
        read(&mut news),
        [DriverEvent::Lost { reason }, DriverEvent::Restored]
    );
}

#[test]
fn a_fault_strikes_as_often_as_ordered() {
    let driver = driver();
    let id = first(&driver);
    let refused = DriverError::new(ErrorKind::Denied, "access denied");
    driver.inject(
        Fault::fail(refused.clone())
            .on(|call| matches!(call, Call::Power(..)))
            .times(1),
    );
    assert_eq!(driver.power(id, Power::Start), Err(refused));
    assert_eq!(driver.domain(id).unwrap().state, VmState::Off);
    assert_eq!(driver.power(id, Power::Start), Ok(()));
    driver.inject(Fault::fail(DriverError::new(ErrorKind::Busy, "busy")));
    assert!(driver.node().is_err() && driver.node().is_err());
    driver.heal();
    assert!(driver.node().is_ok());
}

#[test]
fn a_hanging_call_holds_up_nobody_else() {
    let driver = driver();
    let id = first(&driver);
    let gate = Gate::new();
    driver.inject(Fault::hang(&gate).on(move |call| *call == Call::Power(id, Power::Start)));
    std::thread::scope(|scope| {
        let hung = scope.spawn(|| driver.power(id, Power::Start));
        while gate.waiting() == 0 {
            std::thread::yield_now();
        }
        assert_eq!(driver.domain(id).unwrap().state, VmState::Off);
        gate.open();
        assert_eq!(hung.join().unwrap(), Ok(()));
    });
    assert_eq!(driver.domain(id).unwrap().state, VmState::Running);
}

#[test]
fn every_call_is_written_down() {
    let driver = driver();
    let id = first(&driver);
    let refused = driver.power(id, Power::Resume).unwrap_err();
    assert_eq!(
        (refused.kind, refused.code),
        (ErrorKind::WrongState, Some(55)),
        "refused with libvirt's number"
    );
    assert_eq!(
        driver.take_calls(),
        [Call::Domains, Call::Power(id, Power::Resume)]
    );
    driver.outside(Change::Power(id, Power::Start)).unwrap();
    assert_eq!(driver.calls(), [], "what happens outside is no call");
}

#[test]
fn a_deaf_guest_hears_no_shutdown() {
    let driver = driver();
    let id = first(&driver);
    driver.power(id, Power::Start).unwrap();
    driver.set_deaf(id, true).unwrap();
    driver.power(id, Power::Shutdown).unwrap();
    assert_eq!(driver.domain(id).unwrap().state, VmState::Running);
    driver.power(id, Power::Destroy).unwrap();
    assert_eq!(driver.domain(id).unwrap().state, VmState::Off);
}

#[test]
fn an_unheard_change_is_there_all_the_same() {
    let driver = driver();
    let id = first(&driver);
    let mut news = driver.subscribe();
    driver
        .outside_unheard(Change::Become(id, VmState::Crashed))
        .unwrap();
    assert_eq!(driver.domain(id).unwrap().state, VmState::Crashed);
    assert_eq!(read(&mut news), []);
}

#[test]
fn definitions_come_and_go() {
    let driver = driver();
    let mut news = driver.subscribe();
    let xml = "<domain type='test'><name>new</name><memory>2048</memory><description>login::hunter2</description></domain>";
    let id = driver.define(xml).unwrap();
    assert_eq!(driver.domain(id).unwrap().memory_kib, 2048);
    assert!(!driver.definition(id).unwrap().contains("hunter2"));
    let taken = driver.define(xml).unwrap_err();
    assert_eq!((taken.kind, taken.code), (ErrorKind::Failed, Some(9)));
    driver.power(id, Power::Start).unwrap();
    driver.undefine(id).unwrap();
    assert!(!driver.domain(id).unwrap().persistent);
    driver.power(id, Power::Shutdown).unwrap();
    assert_eq!(driver.domain(id).unwrap_err().kind, ErrorKind::NotFound);
    let told = [
        Lifecycle::Defined,
        Lifecycle::Started,
        Lifecycle::Undefined,
        Lifecycle::ShutDown,
        Lifecycle::Stopped,
    ];
    assert_eq!(
        read(&mut news),
        told.map(|what| DriverEvent::Machine { id, what })
    );
}

#[test]
fn a_new_definition_counts_from_the_next_start() {
    let driver = driver();
    let before = driver.domains().unwrap()[0].clone();
    driver.power(before.id, Power::Start).unwrap();
    let larger = driver
        .definition(before.id)
        .unwrap()
        .replace("</vcpu>", "0</vcpu>")
        .replace("current=", "x=");
    driver.define(&larger).unwrap();
    assert_eq!(driver.domain(before.id).unwrap().vcpus, before.vcpus);
    driver.power(before.id, Power::Destroy).unwrap();
    assert_eq!(driver.domain(before.id).unwrap().vcpus, before.vcpus * 10);
}

#[test]
fn counters_follow_the_clock_and_stand_while_paused() {
    let (driver, time) = with_clock(machines(2));
    let id = first(&driver);
    driver.power(id, Power::Start).unwrap();
    let cpu = || driver.statistics().unwrap()[0].cpu_ns.unwrap();
    assert_eq!((driver.statistics().unwrap().len(), cpu()), (1, 0));
    time.store(60, Ordering::Relaxed);
    let busy = cpu();
    assert!(busy > 0);
    driver.power(id, Power::Suspend).unwrap();
    time.store(600, Ordering::Relaxed);
    assert_eq!(cpu(), busy);
    driver.power(id, Power::Destroy).unwrap();
    let host = driver.host().unwrap();
    assert_eq!(
        (host.cpu_busy_ns, host.uptime_s),
        (Some(busy), Some(600)),
        "what it used stays used"
    );
    assert_eq!(driver.statistics().unwrap(), []);
}
