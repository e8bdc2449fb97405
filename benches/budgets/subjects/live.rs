//! One host with fifty machines: how fast news are, what silence costs.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use archipel_lab::ServerKind;

use crate::{
    common::{Content, Plan, Screen, World},
    frame::{Figures, Goal, Row, Table, Unit},
    subjects::milliseconds,
};

const PLACE: &str = "Prosody, limits raised, TLS, libvirt's test driver";

/// Rows of [`events`].
pub(super) const EVENTS: &[Row] = &[Row {
    name: "event-to-cell",
    what: "hypervisor event to painted cell",
    goal: Goal::Both {
        median: 50.0,
        p99: 250.0,
    },
    unit: Unit::Milliseconds,
    place: PLACE,
    table: Table::Budgets,
}];

/// Rows of [`idle`].
pub(super) const IDLE: &[Row] = &[
    Row {
        name: "idle-draws",
        what: "draws in a minute, connected, nothing happens",
        goal: Goal::Median(1.0),
        unit: Unit::Draws,
        place: PLACE,
        table: Table::Budgets,
    },
    Row {
        name: "idle-attempts",
        what: "draws in a minute while the server does not answer, its attempts to log in among them",
        goal: Goal::None,
        unit: Unit::Draws,
        place: "no server, 200x60",
        table: Table::Parts,
    },
    Row {
        name: "idle-bytes",
        what: "bytes to the terminal, 50 machines in view, nothing but live figures",
        goal: Goal::None,
        unit: Unit::BytesPerSecond,
        place: PLACE,
        table: Table::Parts,
    },
];

/// How long a screen may take to come to rest.
const SETTLE: Duration = Duration::from_secs(3);
/// Pauses of [`events`].
const ROUNDS: usize = 40;

/// A fleet of one host with fifty machines, and its screen on `:vms`.
async fn fifty() -> (World, Screen) {
    let world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![Content::Machines(50)],
    })
    .await;
    let mut screen = Screen::open(world.screen_command(&[]), 200, 60);
    screen.wait_for("hosts 1/1");
    screen.press(":vms\r");
    (world, screen)
}

/// From what another client of libvirt hears to what the terminal shows.
pub(super) async fn events() -> Vec<Figures> {
    let (world, screen) = fifty().await;
    let machine = world
        .archipel(&["vm", "list", "state = running", "-o", "json"])
        .await
        .json()[0]["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    let libvirt = &world.hosts[0].libvirt;
    let heard = follow_libvirt(&libvirt.uri());
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let (verb, state) = [("suspend", "paused"), ("resume", "running")][round % 2];
        libvirt.virsh(&[verb, &machine]).await.expect("virsh works");
        let happened = heard
            .recv_timeout(Duration::from_secs(10))
            .expect("libvirt tells its event");
        let painted = screen.wait_busily(|text| {
            text.lines()
                .any(|line| line.contains(&machine) && line.contains(state))
        });
        times.push(milliseconds(happened, painted));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    vec![EVENTS[0].values(times)]
}

/// The moments at which another client of libvirt hears of an event.
pub(super) fn follow_libvirt(uri: &str) -> mpsc::Receiver<Instant> {
    let (sender, receiver) = mpsc::channel();
    let mut child = Command::new("virsh")
        .args(["-c", uri, "event", "--event", "lifecycle"])
        .args(["--loop", "--timeout", "120"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("virsh starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    std::thread::spawn(move || {
        let events = lines.map_while(Result::ok);
        for _ in events.filter(|line| line.contains("event")) {
            if sender.send(Instant::now()).is_err() {
                break;
            }
        }
        let _ = child.kill();
        let _ = child.wait();
    });
    // The other client has no way to say that it listens now.
    std::thread::sleep(Duration::from_secs(1));
    receiver
}

/// What is written while nothing happens.
pub(super) async fn idle() -> Vec<Figures> {
    let (mut world, screen) = fifty().await;
    std::thread::sleep(SETTLE);
    let bytes = bytes_in(&screen, Duration::from_secs(30));
    for host in &mut world.hosts {
        host.agent.stop().await;
    }
    screen.wait_for("hosts 0/1");
    let silence = draws_in_a_minute(&screen);
    world.server.stop().await;
    let attempts = draws_in_a_minute(&screen);
    vec![
        IDLE[0].value(silence as f64),
        IDLE[1].value(attempts as f64),
        IDLE[2].value(bytes as f64 / 30.0),
    ]
}

/// How often the program writes in a minute, from soon on.
fn draws_in_a_minute(screen: &Screen) -> usize {
    std::thread::sleep(SETTLE);
    let end = Instant::now() + Duration::from_mins(1);
    let mut seen = screen.received();
    let mut draws = 0;
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
        let now = screen.received();
        draws += usize::from(now != seen);
        seen = now;
    }
    draws
}

fn bytes_in(screen: &Screen, span: Duration) -> u64 {
    let before = screen.received();
    std::thread::sleep(span);
    screen.received() - before
}
