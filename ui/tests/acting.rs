//! Verbs: on what, with which questions, and what becomes of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_fleet::{Event, Level, RunId};
use archipel_protocol::{Failure, failure::FailureKind, feed::Row};
use archipel_ui::{Command, Options};
use common::{FleetBuilder, Screen, delta, executed, noticed, running, sample, vm_id, vm_ref};

const SIZE: (u16, u16) = (120, 40);

fn screen() -> Screen {
    Screen::new(sample(), SIZE)
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
