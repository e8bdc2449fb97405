//! The operator's program itself, in a terminal, while a thousand machines a second change.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use archipel_hypervisor::{Power, simulated::Change};
use archipel_lab::{
    ServerKind,
    sim::{SimHost, Simulation},
};

use super::{
    fleet::{login, online},
    rows::{KEYS_FULL, KEYS_LARGE},
};
use crate::{
    common::Screen,
    frame::{Figures, Row, Unit},
    home::Home,
    processes::{Memory, memory},
    subjects::milliseconds,
};

/// Keys that are timed.
const KEYS: usize = 300;
/// How long the program settles before its memory is read.
const SETTLE: Duration = Duration::from_secs(10);

pub(crate) async fn keys_large() -> Vec<Figures> {
    keys("625x16", KEYS_LARGE).await
}

pub(crate) async fn keys_full() -> Vec<Figures> {
    keys("2500x16", KEYS_FULL).await
}

async fn keys(size: &str, rows: &'static [Row]) -> Vec<Figures> {
    let sim = online(size, ServerKind::Ejabberd).await;
    let home = Home::new(&login(&sim));
    let screen = Screen::open(home.screen(), 200, 60);
    let (hosts, machines) = (sim.hosts().len(), sim.blueprint().machines());
    let all = format!("hosts {hosts}/{hosts}");
    let count = format!("vms {machines}");
    screen.wait_at_most(Duration::from_mins(3), "the whole fleet", |text| {
        text.contains(&all) && text.contains(&count)
    });
    let (times, memory) = tokio::task::spawn_blocking(move || under_load(&sim, screen))
        .await
        .expect("a measurement");
    let resident = vec![memory.resident_mb()];
    vec![
        rows[0].values(times),
        rows[1]
            .value(memory.private_mb())
            .beside("RSS", Unit::Megabytes, resident),
    ]
}

/// Milliseconds from a key to the cursor's row, while the fleet changes; and the program's memory before.
fn under_load(sim: &Simulation, mut screen: Screen) -> (Vec<f64>, Memory) {
    screen.press(":vms\r");
    thread::sleep(SETTLE);
    let memory = memory(screen.pid());
    let over = AtomicBool::new(false);
    let times = thread::scope(|scope| {
        scope.spawn(|| change(sim, &over));
        thread::sleep(Duration::from_secs(3));
        let times = press(&mut screen);
        over.store(true, Ordering::Release);
        times
    });
    (times, memory)
}

/// A thousand changes a second, spread over all hosts.
fn change(sim: &Simulation, over: &AtomicBool) {
    let hosts = sim.hosts();
    let begun = Instant::now();
    let mut done = 0_usize;
    while !over.load(Ordering::Acquire) {
        let wanted = begun.elapsed().as_millis() as usize;
        while done < wanted {
            change_one(&hosts[done % hosts.len()], done / hosts.len());
            done += 1;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Pauses a machine that runs, or lets a paused one go on.
fn change_one(host: &SimHost, round: usize) {
    let driver = host.driver();
    let domains = driver.truth();
    let active: Vec<_> = domains
        .iter()
        .filter(|domain| domain.state.is_active())
        .collect();
    let Some(domain) = active.get(round % active.len().max(1)) else {
        return;
    };
    let power = if domain.state == archipel_protocol::VmState::Paused {
        Power::Resume
    } else {
        Power::Suspend
    };
    // A machine that changed by itself meanwhile is left alone.
    let _ = driver.outside(Change::Power(domain.id, power));
}

/// The cursor goes down and up again within the first page.
fn press(screen: &mut Screen) -> Vec<f64> {
    let mut times = Vec::new();
    for at in 0..KEYS {
        let key = if at / 30 % 2 == 0 { "j" } else { "k" };
        let before = screen.highlighted();
        let start = Instant::now();
        screen.press(key);
        let painted = screen.wait_for_highlight(|row| row != before);
        times.push(milliseconds(start, painted));
        thread::sleep(Duration::from_millis(37));
    }
    times
}
