//! The budgets, measured on real parts: goal and figure side by side. Nothing here fails because something is slow.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unnecessary_debug_formatting
)]
// Bytes and KiB, far below 2^52.
#![allow(clippy::cast_precision_loss)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use archipel_lab::{ServerKind, missing};
use common::{Content, Plan, Screen, World};

/// Machines of the larger fleet.
const MACHINES: usize = 1_000;
/// How often something quick is measured.
const ROUNDS: usize = 40;

/// One line of the table.
struct Row {
    what: &'static str,
    goal: &'static str,
    figure: String,
    met: bool,
}

fn main() {
    if let Some(reason) = missing(&["prosody", "libvirtd", "virsh"]) {
        println!("bench: nothing measured, {reason}");
        return;
    }
    let only = std::env::var("ONLY").unwrap_or_default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let rows = runtime.block_on(measure(&only));
    print(&rows);
}

async fn measure(only: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let wanted = |name: &str| only.is_empty() || name.contains(only);
    if wanted("first-frame") {
        rows.push(first_frame().await);
    }
    if wanted("small") {
        rows.extend(small_fleet().await);
    }
    if wanted("large") {
        rows.extend(large_fleet().await);
    }
    rows
}

fn print(rows: &[Row]) {
    println!("| what (Prosody, TLS, everything on this machine) | goal | figure | |");
    println!("| --- | --- | --- | --- |");
    for row in rows {
        let verdict = if row.met { "met" } else { "not met" };
        println!(
            "| {} | {} | {} | {verdict} |",
            row.what, row.goal, row.figure
        );
    }
}

/// The program's start with a server that does not answer.
async fn first_frame() -> Row {
    let world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![],
    })
    .await;
    let text = format!(
        "jid = \"admin@dc.example\"\npassword_file = {:?}\n[bus]\nhosts = [\"127.0.0.1:9\"]\n",
        world.scratch.path().join("password")
    );
    world.write_profile_text("test", &text);
    let mut times: Vec<f64> = (0..10)
        .map(|_| {
            let start = Instant::now();
            let screen = Screen::open(world.screen_command(&[]), 200, 60);
            screen.wait_busily(|text| text.contains("archipel"));
            milliseconds(start)
        })
        .collect();
    let (median, worst) = spread(&mut times);
    Row {
        what: "first frame, no network: p50 (worst of 10)",
        goal: "50 ms",
        figure: format!("{median:.0} ms ({worst:.0} ms)"),
        met: median <= 50.0,
    }
}

/// One host with fifty machines: events, idle bytes, the agent's memory.
async fn small_fleet() -> Vec<Row> {
    let world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![Content::Machines(50)],
    })
    .await;
    let mut screen = Screen::open(world.screen_command(&[]), 200, 60);
    screen.wait_for("hosts 1/1");
    screen.press(":vms\r");
    let event = event_to_cell(&world, &screen).await;
    let idle = idle_bytes(&screen);
    let agent = memory(world.hosts[0].agent.pid());
    vec![
        event,
        idle,
        Row {
            what: "agent's private memory with 50 machines, a session each",
            goal: "15 MB",
            figure: agent.to_string(),
            met: agent.private_kib < 15_000,
        },
    ]
}

async fn event_to_cell(world: &World, screen: &Screen) -> Row {
    let machine = world
        .archipel(&["vm", "list", "state = running", "-o", "json"])
        .await
        .json()[0]["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    let events = follow_libvirt(&world.hosts[0].libvirt.uri());
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let (verb, state) = if round % 2 == 0 {
            ("suspend", "paused")
        } else {
            ("resume", "running")
        };
        world.hosts[0]
            .libvirt
            .virsh(&[verb, &machine])
            .await
            .expect("virsh works");
        let happened = events
            .recv_timeout(Duration::from_secs(10))
            .expect("libvirt tells its event");
        let painted = screen.wait_busily(|text| {
            text.lines()
                .any(|line| line.contains(&machine) && line.contains(state))
        });
        times.push(painted.saturating_duration_since(happened).as_secs_f64() * 1_000.0);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (median, worst) = spread(&mut times);
    Row {
        what: "libvirt event to painted cell: p50 (worst of 40)",
        goal: "50 ms (p99 250 ms)",
        figure: format!("{median:.0} ms ({worst:.0} ms)"),
        met: median <= 50.0 && worst <= 250.0,
    }
}

/// The moments at which another client of libvirt hears of an event.
fn follow_libvirt(uri: &str) -> mpsc::Receiver<Instant> {
    let (sender, receiver) = mpsc::channel();
    let mut child = Command::new("virsh")
        .args([
            "-c",
            uri,
            "event",
            "--event",
            "lifecycle",
            "--loop",
            "--timeout",
            "120",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("virsh starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    std::thread::spawn(move || {
        for _ in lines
            .map_while(Result::ok)
            .filter(|line| line.contains("event"))
        {
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

fn idle_bytes(screen: &Screen) -> Row {
    const SECONDS: u64 = 30;
    std::thread::sleep(Duration::from_secs(3));
    let before = screen.received();
    std::thread::sleep(Duration::from_secs(SECONDS));
    let bytes = screen.received() - before;
    Row {
        what: "bytes to the terminal in 30 s, nothing happens but live figures",
        goal: "500 B/s",
        figure: format!("{bytes} B, {:.0} B/s", bytes as f64 / SECONDS as f64),
        met: bytes <= 500 * SECONDS,
    }
}

/// One host with a thousand machines: keys, the operator's memory.
async fn large_fleet() -> Vec<Row> {
    let world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![Content::Machines(MACHINES)],
    })
    .await;
    let mut screen = Screen::open(world.screen_command(&[]), 200, 60);
    screen.wait_for("hosts 1/1");
    screen.press(":vms\r");
    screen.wait("all machines", |text| {
        text.contains("1000") || text.contains("1,000")
    });
    std::thread::sleep(Duration::from_secs(2));
    let key = key_to_frame(&mut screen);
    let operator = memory(screen.pid());
    let agent = memory(world.hosts[0].agent.pid());
    vec![
        key,
        Row {
            what: "operator's private memory at 1,000 machines",
            goal: "60 MB (at 10,000)",
            figure: operator.to_string(),
            met: operator.private_kib < 60_000,
        },
        Row {
            what: "agent's private memory at 1,000 machines, a session each",
            goal: "20 MB and 60 KiB a session",
            figure: agent.to_string(),
            met: agent.private_kib < 20_000 + 60 * 1_000,
        },
    ]
}

fn key_to_frame(screen: &mut Screen) -> Row {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let before = screen.look();
        let start = Instant::now();
        screen.press("j");
        let painted = screen.wait_for_another_look(&before);
        times.push(painted.saturating_duration_since(start).as_secs_f64() * 1_000.0);
        std::thread::sleep(Duration::from_millis(30));
    }
    let (median, worst) = spread(&mut times);
    Row {
        what: "key to frame at 1,000 machines, 200x60: p50 (worst of 40)",
        goal: "16 ms (p99)",
        figure: format!("{median:.1} ms ({worst:.1} ms)"),
        met: worst <= 16.0,
    }
}

/// A process's memory.
struct Memory {
    private_kib: u64,
    resident_kib: u64,
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mb = |kib: u64| kib as f64 * 1.024 / 1_000.0;
        write!(
            f,
            "{:.1} MB (RSS {:.1} MB)",
            mb(self.private_kib),
            mb(self.resident_kib)
        )
    }
}

/// From `/proc/PID/smaps_rollup`.
fn memory(pid: u32) -> Memory {
    let text =
        std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("a running process");
    let field = |name: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
            .unwrap_or(0)
    };
    Memory {
        private_kib: field("Private_Clean:") + field("Private_Dirty:"),
        resident_kib: field("Rss:"),
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

/// The median and the worst.
fn spread(times: &mut [f64]) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() - 1])
}
