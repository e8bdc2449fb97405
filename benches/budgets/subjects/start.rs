//! From the program's start to something to look at.

use std::time::Instant;

use archipel_fleet::Moment;
use archipel_lab::ServerKind;

use crate::{
    common::{ADMIN, Plan, Screen, World},
    frame::{Figures, Goal, Row, Table, Unit},
    invented::{self, Size},
    processes::memory,
    subjects::milliseconds,
};

/// Rows of [`first_frame`].
pub(super) const FIRST_FRAME: &[Row] = &[Row {
    name: "first-frame",
    what: "first frame, no network",
    goal: Goal::Median(50.0),
    unit: Unit::Milliseconds,
    place: "no server, 200x60",
    table: Table::Budgets,
}];

/// Rows of [`from_cache`].
pub(super) const FROM_CACHE: &[Row] = &[
    Row {
        name: "from-cache",
        what: "usable from cache with 40,000 machines",
        goal: Goal::Median(150.0),
        unit: Unit::Milliseconds,
        place: "no server, 2,500 hypervisors, 200x60",
        table: Table::Budgets,
    },
    Row {
        name: "from-cache-memory",
        what: "operator's private memory, 40,000 machines from the cache alone",
        goal: Goal::None,
        unit: Unit::Megabytes,
        place: "no server, 2,500 hypervisors",
        table: Table::Parts,
    },
];

/// The program's start with a server that does not answer.
pub(super) async fn first_frame() -> Vec<Figures> {
    let world = silent().await;
    let times = (0..10).map(|_| {
        let start = Instant::now();
        let screen = Screen::open(world.screen_command(&[]), 200, 60);
        milliseconds(start, screen.wait_busily(|text| text.contains("archipel")))
    });
    vec![FIRST_FRAME[0].values(times.collect())]
}

/// The program's start with the last known fleet, until the whole of it is counted and a key moves the cursor.
pub(super) async fn from_cache() -> Vec<Figures> {
    let world = silent().await;
    let file = world.scratch.path().join("cache/archipel/test/fleet.json");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let account = format!("{ADMIN}@dc.example").parse().expect("an address");
    let fleet = invented::fleet(Size::FULL);
    archipel_operator::save_fleet(&file, &account, &fleet, Moment(1_000)).expect("a file");
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let start = Instant::now();
        let mut screen = Screen::open(world.screen_command(&[]), 200, 60);
        screen.wait_busily(|text| text.contains("vms 40000"));
        let before = screen.look();
        screen.press("j");
        times.push(milliseconds(start, screen.wait_for_another_look(&before)));
        sizes.push(memory(screen.pid()).private_mb());
    }
    vec![FROM_CACHE[0].values(times), FROM_CACHE[1].values(sizes)]
}

/// An operator whose server does not answer.
async fn silent() -> World {
    let world = World::start(Plan {
        kind: ServerKind::Prosody,
        hosts: vec![],
    })
    .await;
    let password = world.scratch.path().join("password");
    let groups: Vec<String> = (0..Size::FULL.hosts / 25).map(invented::group).collect();
    let text = format!(
        "jid = \"admin@dc.example\"\npassword_file = \"{}\"\ntrusted_groups = {groups:?}\n[bus]\nhosts = [\"127.0.0.1:9\"]\n",
        password.display()
    );
    world.write_profile_text("test", &text);
    world
}
