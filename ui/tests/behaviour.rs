//! Keys in, commands and text out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_fleet::{Event, Fleet, Level, Look, Moment, Notice, Range, RunId};
use archipel_protocol::{
    Failure, VmState,
    failure::FailureKind,
    feed::{Kind, Row, Update},
};
use archipel_ui::{Command, Options, Question, Told};
use common::{FleetBuilder, HostBuilder, Screen, VmSpec, sample, vm_id, vm_ref};

const SIZE: (u16, u16) = (120, 40);

fn screen() -> Screen {
    Screen::new(sample(), SIZE)
}

/// A fleet of one hypervisor with `count` machines that run.
fn running(count: usize) -> Fleet {
    let spec = |at| VmSpec::new(&format!("vm{at:05}"), VmState::Running);
    let host = HostBuilder {
        vms: (0..count).map(spec).collect(),
        ..HostBuilder::new(1, None)
    };
    FleetBuilder::online().host(&host).done()
}

fn executed(commands: &[Command]) -> Option<(&'static str, Vec<String>)> {
    commands.iter().find_map(|command| match command {
        Command::Execute(plan) => Some((
            plan.verb.word,
            plan.ready().map(|step| step.name.clone()).collect(),
        )),
        _ => None,
    })
}

fn noticed(commands: &[Command]) -> Option<&Notice> {
    commands.iter().find_map(|command| match command {
        Command::Notice(notice) => Some(notice),
        _ => None,
    })
}

fn delta(rows: Vec<Row>) -> Event {
    let update = Update {
        watch: "w".parse().unwrap(),
        epoch: "e".parse().unwrap(),
        seq: archipel_protocol::Seq(2),
        kind: Kind::Delta {
            from: archipel_protocol::Seq(1),
        },
        newest_event: 3,
        rows,
    };
    Event::Feed {
        hypervisor: vm_ref(1, 0).hypervisor,
        update,
    }
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
fn a_safe_verb_on_one_machine_is_done_at_once() {
    let mut screen = screen();
    screen.press("down down down");
    screen.shows("db02 · ■ off");
    let commands = screen.press("p s");
    assert_eq!(
        executed(&commands),
        Some(("start", vec!["db02".to_owned()]))
    );
}

#[test]
fn a_verb_that_cannot_be_done_says_why() {
    let mut screen = screen();
    screen.press("down down");
    let commands = screen.press("p s");
    let notice = noticed(&commands).unwrap();
    assert_eq!(notice.level, Level::Warning);
    assert!(
        notice
            .text
            .starts_with("cannot start `db01`: it is running"),
        "{}",
        notice.text
    );
    assert_eq!(executed(&commands), None);
}

#[test]
fn a_disruptive_verb_asks_with_the_name_and_cancels_by_default() {
    for key in ["n", "esc", "q", "enter", "x"] {
        let mut screen = screen();
        screen.press("down down");
        assert_eq!(executed(&screen.press("p x")), None);
        screen.shows("shutdown db01");
        screen.shows("Ask the guest to shut down · prod");
        assert_eq!(executed(&screen.press(key)), None, "{key}");
        assert!(
            executed(&screen.press("y")).is_none() || key == "enter" || key == "x",
            "{key} closed it"
        );
    }
    let mut screen = screen();
    screen.press("down down p x");
    assert_eq!(
        executed(&screen.press("y")),
        Some(("shutdown", vec!["db01".to_owned()]))
    );
}

#[test]
fn a_destructive_verb_wants_the_count() {
    let mut screen = screen();
    screen.press("tab .");
    screen.press("* p k");
    screen.shows("Type 7 and enter to destroy 7 machines");
    screen.type_text("9");
    let commands = screen.press("enter");
    assert_eq!(executed(&commands), None);
    assert!(noticed(&commands).unwrap().text.contains("`9` is not 7"));
    screen.press("p k");
    screen.type_text("7");
    let (verb, names) = executed(&screen.press("enter")).unwrap();
    assert_eq!((verb, names.len()), ("destroy", 7));
}

#[test]
fn a_group_and_a_hypervisor_stand_for_their_machines() {
    let mut screen = screen();
    screen.press("p x");
    screen.shows("4 machines can");
    screen.press("n");
    screen.press("g g");
    screen.press("p x");
    screen.shows("11 machines can");
    screen.press("n");
    screen.press("space");
    screen.shows("18 marked");
    screen.press("g g");
    screen.press("space");
    screen.hides("marked");
}

#[test]
fn results_come_in_line_by_line_and_the_failed_can_be_retried() {
    let mut screen = Screen::new(running(3), SIZE);
    screen.press("tab .");
    screen.press("* p x");
    let commands = screen.press("y");
    let Some(Command::Execute(plan)) = commands.first() else {
        panic!("{commands:?}")
    };
    let run = RunId(9);
    screen.happens(Event::Started {
        run,
        plan: plan.clone(),
    });
    screen.app.started(run, &screen.fleet);
    screen.draw();
    screen.shows("waiting");
    screen.happens(Event::StepSent {
        run,
        vm: vm_ref(1, 0),
    });
    screen.shows("sent");
    screen.happens(Event::Step {
        run,
        vm: vm_ref(1, 0),
        result: Ok(()),
    });
    screen.shows("asked to shut down");
    let failure = Failure::new(FailureKind::Busy, "another task holds it");
    screen.happens(Event::Step {
        run,
        vm: vm_ref(1, 1),
        result: Err(failure),
    });
    screen.happens(Event::Step {
        run,
        vm: vm_ref(1, 2),
        result: Ok(()),
    });
    screen.shows("another task holds it");
    screen.shows("1 failed");
    screen.press("r");
    screen.shows("shutdown vm00001");
    assert_eq!(
        executed(&screen.press("y")),
        Some(("shutdown", vec!["vm00001".to_owned()]))
    );
}

#[test]
fn marks_and_cursor_stay_on_their_machines_when_rows_move() {
    let mut screen = screen();
    screen.press("tab .");
    screen.press("down down down down space");
    screen.press("down");
    let name = |screen: &Screen| {
        let commands = screen.commands.clone();
        commands.into_iter().rev().find_map(|command| {
            if let Command::Copy(text) = command {
                Some(text)
            } else {
                None
            }
        })
    };
    screen.press("c");
    let before = name(&screen).unwrap();
    screen.press("shift-left O");
    screen.press("c");
    assert_eq!(name(&screen).unwrap(), before, "the order changed");
    screen.happens(delta(vec![Row::Gone(vm_id(1, 6))]));
    screen.press("c");
    assert_eq!(name(&screen).unwrap(), before, "another row went");
    screen.shows("1 marked");
    screen.happens(delta(vec![Row::Gone(vm_id(1, 7))]));
    screen.hides("1 marked");
}

#[test]
fn a_range_is_marked_and_inverted() {
    let mut screen = Screen::new(running(10), SIZE);
    screen.press("tab .");
    screen.press("down space down down");
    screen.press("V");
    screen.shows("4 marked");
    screen.press("*");
    screen.shows("6 marked");
    screen.press("u");
    screen.hides("marked");
}

#[test]
fn read_only_mode_takes_risky_verbs_away_everywhere() {
    let options = Options {
        read_only: true,
        ..common::options("mono")
    };
    let mut screen = Screen::with(sample(), SIZE, options);
    screen.shows("read-only");
    screen.press("down down p");
    screen.shows("start");
    screen.hides("shutdown");
    screen.hides("destroy");
    let commands = screen.press("x");
    assert_eq!(executed(&commands), None);
    assert!(noticed(&commands).unwrap().text.contains("read-only"));
    screen.press("ctrl-p");
    screen.type_text("destroy");
    screen.hides("Power the machine off");
    screen.press("esc ?");
    screen.type_text("destroy");
    screen.hides("Power the machine off");
    screen.press("esc :");
    screen.type_text("destroy db01");
    let commands = screen.press("enter");
    assert!(noticed(&commands).unwrap().text.contains("read-only"));
}

#[test]
fn a_filter_narrows_while_it_is_typed_and_belongs_to_its_view() {
    let mut screen = screen();
    screen.press(":");
    screen.type_text("vms");
    screen.press("enter /");
    screen.type_text("web*");
    screen.shows("Machines 3 of 29");
    screen.press("enter");
    screen.hides("app01");
    screen.press("F");
    screen.shows("app01");
    screen.press("-");
    screen.shows("Machines 3 of 29");
    screen.press("/");
    screen.type_text("x");
    screen.press("esc");
    screen.shows("Machines 3 of 29");
    screen.press("esc");
    screen.shows("Machines 29");
}

#[test]
fn a_filter_that_cannot_be_read_says_so_and_keeps_the_last_one() {
    let mut screen = screen();
    screen.press(":");
    screen.type_text("vms");
    screen.press("enter /");
    screen.type_text("state = off");
    screen.shows("Machines 4 of 29");
    screen.type_text(" and");
    screen.shows("Machines 4 of 29");
    screen.shows("/state = off and   ");
    assert_ne!(
        screen.lines().last().unwrap().trim_end(),
        "/state = off and",
        "and why it cannot be read"
    );
}

#[test]
fn tab_goes_through_what_may_follow_in_a_filter() {
    let mut screen = screen();
    screen.press(":");
    screen.type_text("vms");
    screen.press("enter /");
    screen.type_text("state = o");
    screen.press("tab");
    screen.shows("/state = off");
    screen.shows("Machines 4 of 29");
    screen.press("tab");
    assert_eq!(
        screen
            .lines()
            .last()
            .unwrap()
            .trim_end()
            .split("  ")
            .next()
            .unwrap(),
        "/state = o"
    );
    screen.press("tab");
    screen.type_text(" and me");
    screen.press("tab");
    screen.shows("/state = off and memory");
}

#[test]
fn a_selector_is_completed_in_the_command_line() {
    let mut screen = screen();
    screen.press(":");
    screen.type_text("vms state = runn");
    screen.shows("running");
    screen.press("tab enter");
    screen.shows("Machines ");
    screen.hides("Machines 29");
    screen.press(":");
    screen.type_text("start hyperv");
    screen.shows("name or address of its hypervisor");
}

#[test]
fn verbs_are_typed_with_a_selector() {
    let mut screen = screen();
    screen.press(":");
    screen.type_text("shutdown web0? and state = running");
    screen.press("enter");
    screen.shows("2 machines can");
    screen.press("n :");
    screen.type_text("start nobody");
    let commands = screen.press("enter");
    assert!(
        noticed(&commands)
            .unwrap()
            .text
            .contains("no machine matches `nobody`")
    );
    screen.press(":");
    screen.type_text("sart");
    let commands = screen.press("enter");
    assert!(
        noticed(&commands)
            .unwrap()
            .text
            .contains("there is no command `sart`")
    );
}

#[test]
fn hypervisors_are_added_and_trusted_by_name_or_under_the_cursor() {
    let fleet = FleetBuilder::online().contact("hv07").done();
    let mut screen = Screen::new(fleet, SIZE);
    screen.press(":");
    screen.type_text("add hv09@dc.example");
    assert_eq!(
        screen.press("enter"),
        [Command::Add("hv09@dc.example".parse().unwrap())]
    );
    screen.press(":");
    screen.type_text("add nonsense");
    assert!(
        noticed(&screen.press("enter"))
            .unwrap()
            .text
            .contains("is not an address")
    );
    screen.press(":");
    screen.type_text("hypervisors");
    screen.press("enter");
    screen.shows("not trusted");
    assert_eq!(
        screen.press("t"),
        [Command::Trust("hv07@dc.example".parse().unwrap())]
    );
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
fn leaving_asks_while_something_runs() {
    let mut screen = Screen::new(running(2), SIZE);
    assert_eq!(screen.press("q"), [Command::Quit]);
    screen.press("tab .");
    screen.press("* p x");
    let commands = screen.press("y");
    let Some(Command::Execute(plan)) = commands.first() else {
        panic!("{commands:?}")
    };
    screen.happens(Event::Started {
        run: RunId(1),
        plan: plan.clone(),
    });
    assert_eq!(screen.press("q"), []);
    screen.shows("1 task not over");
    assert_eq!(screen.press("n"), []);
    assert_eq!(screen.press("q y"), [Command::Quit]);
}

#[test]
fn pasted_text_is_never_a_command() {
    let mut screen = screen();
    assert_eq!(screen.app.paste("pk9\ny", &screen.fleet, screen.now), []);
    screen.press(":");
    screen.app.paste("vms\nquit\n", &screen.fleet, screen.now);
    screen.draw();
    screen.shows(":vms");
    screen.press("enter");
    screen.shows("Machines 29");
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

#[test]
fn a_selector_decides_the_order_until_a_column_does() {
    let mut screen = screen();
    screen.press(":");
    screen.type_text("vms: state = running sort by name desc");
    screen.press("enter");
    let names = |screen: &Screen| -> Vec<String> {
        let lines = screen.lines();
        let running = lines.iter().filter(|line| line.contains("▶ running"));
        let name = |line: &String| line.split_whitespace().nth(3).map(str::to_owned);
        // A stale row tells its age first.
        let named = |name: &String| !name.starts_with(char::is_numeric);
        running.filter_map(name).filter(named).collect()
    };
    let descending = names(&screen);
    assert!(
        descending.len() > 2 && descending.is_sorted_by(|a, b| a >= b),
        "{descending:?}"
    );
    // The name is what the table is sorted by when nothing else is said, so its order turns twice.
    for _ in 0..2 {
        screen.press(":");
        screen.type_text("sort name");
        screen.press("enter");
    }
    let chosen = names(&screen);
    assert!(chosen.is_sorted() && chosen != descending, "{chosen:?}");
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
