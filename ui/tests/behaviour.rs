//! Keys in, commands and text out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_fleet::{Event, Level, Look, Moment, Notice, Range};
use archipel_protocol::{VmState, feed::Row};
use archipel_ui::{Command, Question, Told};
use common::{FleetBuilder, HostBuilder, Screen, VmSpec, delta, running, sample, vm_id, vm_ref};

const SIZE: (u16, u16) = (120, 40);

fn screen() -> Screen {
    Screen::new(sample(), SIZE)
}

#[test]
fn the_first_hypervisor_is_looked_at_closely() {
    let screen = screen();
    let id = vm_ref(1, 0).hypervisor;
    assert!(screen.commands.contains(&Command::Look(Look::At(id))));
    assert!(
        !screen
            .commands
            .iter()
            .any(|command| matches!(command, Command::History(..))),
        "it is there already"
    );
}

#[test]
fn another_span_of_time_is_fetched_once() {
    let mut screen = screen();
    let id = vm_ref(1, 0).hypervisor;
    assert_eq!(
        screen.press("w"),
        [Command::History(id.clone(), Range::Day)]
    );
    assert_eq!(screen.press("tab tab"), []);
    assert_eq!(
        screen.press("w"),
        [Command::History(id, Range::FiveMinutes)]
    );
}

#[test]
fn history_that_does_not_come_is_asked_for_again() {
    let mut screen = screen();
    let id = vm_ref(1, 0).hypervisor;
    let wanted = Command::History(id, Range::Day);
    screen.press("w");
    let load = || delta(vec![Row::HostLoad(Box::default())]);
    assert_eq!(screen.happens(load()), [], "it is waited for");
    screen.now.moment = Moment(screen.now.moment.0 + 20_000);
    assert_eq!(screen.happens(load()), [wanted]);
}

#[test]
fn the_palette_finds_by_alias_and_key_and_says_what_is_in_the_way() {
    let mut screen = screen();
    screen.press("down down ctrl-p");
    screen.type_text("poweroff");
    screen.shows("destroy");
    screen.press("esc ctrl-p");
    screen.type_text("boot");
    screen.shows("it is running, and `start` needs");
    screen.press("esc ctrl-p");
    screen.type_text("p z");
    screen.shows("Pause the machine, memory kept");
    screen.press("enter");
    screen.shows("pause db01");
}

#[test]
fn only_rows_that_are_seen_are_built() {
    let mut screen = Screen::new(running(10_000), SIZE);
    screen.press("tab .");
    screen.press("G");
    screen.shows("vm09999");
    assert!(screen.app.rows_built() < 100, "{}", screen.app.rows_built());
    screen.press("F");
    screen.press(":");
    screen.type_text("vms");
    screen.press("enter pagedown");
    assert!(screen.app.rows_built() < 100, "{}", screen.app.rows_built());
}

#[test]
fn nothing_changed_is_nothing_to_draw() {
    let mut screen = screen();
    assert!(!screen.app.dirty());
    let none = archipel_fleet::Changes::NONE;
    assert_eq!(screen.app.changed(&none, &screen.fleet, screen.now), []);
    assert!(!screen.app.dirty());
    assert_eq!(
        screen.app.next_wake(screen.now),
        Some(Moment(screen.now.moment.0 + 40_000)),
        "at the full minute"
    );
    screen.happens(delta(vec![Row::Gone(vm_id(1, 6))]));
    assert!(!screen.app.dirty(), "drawn");
}

#[test]
fn hostile_names_cannot_disturb_the_screen() {
    let evil = [
        "\u{1b}[2J\u{1b}[31mred",
        "\u{202e}gpj.exe",
        &"x".repeat(10_000),
        "日本語の名前はとても長いです",
        "a\u{300}\u{301}\u{302}",
    ];
    let mut host = HostBuilder::new(1, Some("rack\u{1b}]0;x\u{7}"));
    for name in evil {
        host = host.vm(VmSpec {
            tags: vec![name.into()],
            ..VmSpec::new(name, VmState::Running)
        });
    }
    for size in [(80, 24), (200, 60), (20, 5), (1, 1)] {
        let mut screen = Screen::new(FleetBuilder::online().host(&host).done(), size);
        for keys in [
            "tab", ".", "p", "esc", "* p x", "n", "G", "enter", "M", "T", "E", "?",
        ] {
            screen.press(keys);
            let text = screen.text();
            let bad = text.chars().find(|letter| {
                letter.is_control() && *letter != '\n' || ('\u{202a}'..='\u{202e}').contains(letter)
            });
            assert_eq!(bad, None, "{size:?} after {keys}");
        }
    }
}

#[test]
fn every_size_can_be_drawn() {
    for size in [
        (1, 1),
        (2, 3),
        (10, 4),
        (40, 10),
        (79, 23),
        (99, 30),
        (100, 30),
        (300, 100),
    ] {
        let mut screen = Screen::new(sample(), size);
        for keys in [
            "tab", ".", ".", "p", "esc", "* p k", "esc", "?", "esc", ":", "esc", "ctrl-p", "esc",
            "M", "T", "E", "F", "g g", "R", "R",
        ] {
            screen.press(keys);
        }
    }
}

#[test]
fn an_error_stays_until_it_is_dismissed() {
    let mut screen = screen();
    let text = "could not start `web03`: image store is read-only".to_owned();
    screen.happens(Event::Notice(Notice {
        level: Level::Error,
        text,
    }));
    screen.happens(Event::Notice(Notice {
        level: Level::Info,
        text: "web01 started".into(),
    }));
    screen.now.moment = Moment(screen.now.moment.0 + 600_000);
    screen.app.wake(screen.now);
    assert!(screen.app.dirty());
    screen.draw();
    screen.shows("image store is read-only");
    screen.press("esc");
    screen.hides("image store is read-only");
    screen.press("M");
    screen.shows("image store is read-only");
    screen.shows("web01 started");
}

#[test]
fn a_definition_that_nobody_waits_for_is_dropped() {
    let mut screen = screen();
    screen.press("down down");
    let vm = vm_ref(1, 3);
    let question = Question::Definition(vm);
    let ask = Command::Ask(question.clone());
    let text = |text: &str| Ok(Told::Text(text.to_owned()));
    assert!(screen.press("y").contains(&ask));
    screen.shows("Asking hv01 for the definition");
    let other = Question::Definition(vm_ref(1, 0));
    screen.answer(&other, text("<other/>"));
    screen.hides("other");
    screen.answer(&question, Err("it took too long".into()));
    screen.shows("hv01 did not give the definition: it took too long");
    assert!(screen.press("y").contains(&ask), "asked again");
    screen.answer(&question, text("<domain>\u{1b}[2J</domain>"));
    screen.shows("<domain>[2J</domain>");
}

#[test]
fn the_log_is_read_when_it_is_looked_at_and_when_it_grew() {
    let mut screen = screen();
    let id = vm_ref(1, 0).hypervisor;
    assert_eq!(screen.press("l"), [Command::Log(id.clone())]);
    assert_eq!(screen.press("tab"), []);
    screen.shows("shutdown: done by olga");
}

#[test]
fn back_leads_to_where_one_was() {
    let mut screen = screen();
    screen.press("tab .");
    screen.press("down down enter");
    screen.shows("db02 · ");
    screen.press("esc");
    screen.shows("VMs  Log");
    screen.press(":");
    screen.type_text("vms");
    screen.press("enter enter");
    screen.shows("app01 · ");
    screen.press("q");
    screen.shows("Machines 29");
    screen.press("q");
    screen.shows("VMs  Log");
    screen.press("q");
    assert_eq!(screen.commands.last(), Some(&Command::Quit));
}

/// Keys that mean something somewhere, and some that do not.
const KEYS: &[&str] = &[
    "j",
    "k",
    "up",
    "down",
    "left",
    "right",
    "enter",
    "esc",
    "tab",
    "space",
    "V",
    "*",
    "u",
    "p",
    "s",
    "x",
    "y",
    "n",
    "q",
    "/",
    ":",
    "?",
    "ctrl-p",
    "g",
    "G",
    "O",
    "shift-left",
    "shift-right",
    ".",
    ",",
    "w",
    "l",
    "d",
    "R",
    "-",
    "F",
    "T",
    "M",
    "E",
    "t",
    "r",
    "c",
    "pageup",
    "pagedown",
    "backspace",
    "a",
    "1",
    "ü",
    "ctrl-c",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// Whatever is pressed, at whatever size: a frame is drawn, and nothing is done to a machine without a confirmation.
    #[test]
    fn no_sequence_of_keys_breaks_the_screen(
        keys in proptest::collection::vec(proptest::sample::select(KEYS), 1..60),
        size in (1_u16..140, 1_u16..50),
    ) {
        let mut screen = Screen::new(sample(), size);
        for key in keys {
            let commands = screen.press(key);
            let risky = |command: &Command| matches!(command, Command::Execute(plan) if plan.verb.risk != archipel_language::Risk::Safe);
            let confirmed = key == "y" || key == "enter";
            proptest::prop_assert!(confirmed || !commands.iter().any(risky), "{key}");
        }
    }
}

/// A table of machines of few hypervisors has the figures of all, one of many those of the machine under the cursor.
#[test]
fn figures_are_wanted_of_what_is_seen_and_of_few() {
    let mut fleet = FleetBuilder::online();
    for number in 1..=20 {
        let mut host = HostBuilder::new(number, None);
        for at in 0..10 {
            let name = format!("vm{number:02}-{at}");
            host = host.vm(VmSpec::new(&name, VmState::Running));
        }
        fleet = fleet.host(&host);
    }
    let mut screen = Screen::new(fleet.done(), SIZE);
    let looked = |screen: &mut Screen, keys: &str| {
        screen.press(keys);
        let mut looks = std::mem::take(&mut screen.commands).into_iter();
        let last = looks.rfind(|command| matches!(command, Command::Look(_)));
        match last {
            Some(Command::Look(look)) => look.hypervisors().to_vec(),
            _ => panic!("nothing else is looked at"),
        }
    };
    screen.press(":");
    screen.type_text("vms");
    let first = looked(&mut screen, "enter");
    assert_eq!(first.len(), 4, "of 36 rows in order: {first:?}");
    let last = looked(&mut screen, "G");
    assert_eq!(last.len(), 4, "{last:?}");
    assert!(first.iter().all(|id| !last.contains(id)), "they are let go");

    screen.press("/");
    screen.type_text("vm*-3");
    let many = looked(&mut screen, "enter g g");
    assert_eq!(many.len(), 1, "20 hypervisors are in sight: {many:?}");
    assert_eq!(looked(&mut screen, "T"), []);
}
