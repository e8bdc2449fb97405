//! What a verb would do, what stands against it, and what came of it.

#![allow(clippy::unwrap_used)]

mod common;

use archipel_fleet::{Confirm, Event, Link, Reason, RunId, StepState, plan, ready};
use archipel_language::{Noun, Verb};
use archipel_protocol::{
    Failure, VmState,
    failure::FailureKind,
    feed::{Rights, Row, VmFlags, VmRow},
};
use common::{World, at, delta, host, machine, properties, reach_offline, whole};

use VmState::{Crashed, Off, Paused, Running, ShuttingDown, Suspended, Undefined};

fn verb(word: &str) -> &'static Verb {
    Verb::by_word(Noun::Vm, word).unwrap()
}

/// For each state in the order of [`VmState::ALL`], whether `word` may be done: `x` yes, `.` no.
fn allowed(verb_word: &str) -> String {
    let numbered: Vec<_> = (0..).zip(VmState::ALL).collect();
    let world = World::live(1, &numbered);
    let may = |number| {
        if ready(&world.fleet, verb(verb_word), &at(1, number)).is_ok() {
            'x'
        } else {
            '.'
        }
    };
    (0..8).map(may).collect()
}

#[test]
fn the_state_decides_which_verbs_make_sense() {
    // running paused off shutting-down crashed suspended undefined unknown
    for (word, states) in [
        ("start", "..x.x..."),
        ("shutdown", "x......."),
        ("reboot", "x......."),
        ("pause", "x......."),
        ("resume", ".x...x.."),
        ("destroy", "xx.xxx.."),
        ("autostart-on", "xxxxxx.."),
        ("xml", "xxxxxx.."),
        ("info", "xxxxxxxx"),
    ] {
        assert_eq!(allowed(word), states, "{word}");
    }
    assert_eq!(
        [Paused, Off, ShuttingDown, Crashed, Suspended, Undefined],
        VmState::ALL[1..7]
    );
}

#[test]
fn a_wrong_state_is_said_in_words() {
    let world = World::live(1, &[(1, Off)]);
    let reason = ready(&world.fleet, verb("shutdown"), &at(1, 1)).unwrap_err();
    assert_eq!(
        reason.to_string(),
        "it is off, and `shutdown` needs running"
    );
}

#[test]
fn nothing_is_done_to_what_is_out_of_sight() {
    let mut world = World::live(1, &[(1, Off)]);
    let check = |world: &World| ready(&world.fleet, verb("start"), &at(1, 1));
    assert_eq!(check(&world), Ok(()));
    assert_eq!(
        ready(&world.fleet, verb("start"), &at(1, 99)),
        Err(Reason::Gone)
    );
    world.happens(reach_offline(1));
    assert_eq!(
        check(&world),
        Err(Reason::Offline {
            hypervisor: "hv01".into()
        })
    );
    world.happens(common::reach_online(1));
    assert!(matches!(check(&world), Err(Reason::NotCurrent { .. })));
    world.happens(Event::Link(Link::Ended("stopped".into())));
    assert_eq!(check(&world), Err(Reason::NotConnected));
}

#[test]
fn rights_are_those_that_the_agent_announced() {
    let mut world = World::live(1, &[(1, Off)]);
    let rights = Rights::Only(vec!["info".into(), "shutdown".into()]);
    world.feed(1, delta(vec![properties(rights)]));
    let refused = ready(&world.fleet, verb("start"), &at(1, 1)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "you lack the permission `create` on hv01"
    );
    assert_eq!(ready(&world.fleet, verb("info"), &at(1, 1)), Ok(()));
}

#[test]
fn a_duplicate_and_an_unmanaged_machine_are_left_alone() {
    let mut world = World::live(2, &[(1, Off), (2, Off)]);
    let shown = VmRow {
        flags: VmFlags::default(),
        ..machine(2, Off)
    };
    world.feed(1, delta(vec![Row::Vm(shown)]));
    world.feed(2, whole(vec![Row::Vm(machine(1, Running))]));
    let duplicate = ready(&world.fleet, verb("start"), &at(1, 1)).unwrap_err();
    assert_eq!(
        duplicate,
        Reason::Duplicate {
            others: "hv02".into()
        }
    );
    assert_eq!(
        ready(&world.fleet, verb("start"), &at(1, 2)),
        Err(Reason::Unmanaged)
    );
    assert_eq!(ready(&world.fleet, verb("info"), &at(1, 2)), Ok(()));
}

#[test]
fn a_transient_machine_has_no_autostart() {
    let mut world = World::live(1, &[(1, Running)]);
    let transient = VmFlags {
        transient: true,
        managed: true,
        ..VmFlags::default()
    };
    world.feed(
        1,
        delta(vec![Row::Vm(VmRow {
            flags: transient,
            ..machine(1, Running)
        })]),
    );
    assert_eq!(
        ready(&world.fleet, verb("autostart-on"), &at(1, 1)),
        Err(Reason::Transient)
    );
}

#[test]
fn a_verb_for_hypervisors_does_not_act_on_machines() {
    let world = World::live(1, &[(1, Off)]);
    let add = Verb::by_id("hypervisor.add").unwrap();
    assert!(matches!(
        ready(&world.fleet, add, &at(1, 1)),
        Err(Reason::NotForMachines(_))
    ));
}

#[test]
fn confirmation_grows_with_risk_and_number() {
    let world = World::live(1, &[(1, Off), (2, Off), (3, Running), (4, Running)]);
    let confirm = |word, vms: &[u32]| {
        let targets: Vec<_> = vms.iter().map(|vm| at(1, *vm)).collect();
        plan(&world.fleet, verb(word), &targets).confirmation()
    };
    let names =
        |names: &[&str]| Confirm::Key(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(confirm("start", &[1]), Confirm::None);
    assert_eq!(confirm("start", &[1, 2, 3]), names(&["web01", "web02"]));
    assert_eq!(confirm("shutdown", &[3]), names(&["web03"]));
    assert_eq!(confirm("destroy", &[3, 4]), Confirm::TypeCount(2));
    assert_eq!(
        confirm("destroy", &[1]),
        Confirm::None,
        "there is nothing to do"
    );
}

#[test]
fn each_machine_is_in_a_plan_once() {
    let world = World::live(1, &[(1, Off)]);
    let plan = plan(&world.fleet, verb("start"), &[at(1, 1), at(1, 1), at(1, 9)]);
    assert_eq!(plan.steps.len(), 2);
    assert_eq!((plan.ready().count(), plan.refused().count()), (1, 1));
    assert_eq!(plan.steps[1].name, common::vm_id(9).to_string());
}

fn failure() -> Failure {
    Failure::new(FailureKind::Busy, "the image is in use")
}

#[test]
fn a_run_has_a_line_per_machine_and_the_failed_are_tried_again() {
    let mut world = World::live(1, &[(1, Off), (2, Off), (3, Running)]);
    let targets = [at(1, 1), at(1, 2), at(1, 3)];
    let (run, start) = (RunId(7), verb("start"));
    let plan_made = plan(&world.fleet, start, &targets);
    world.happens(Event::Started {
        run,
        plan: plan_made,
    });
    world.happens(Event::StepSent { run, vm: at(1, 1) });
    world.happens(Event::Step {
        run,
        vm: at(1, 1),
        result: Ok(()),
    });
    assert!(!world.fleet.run(run).unwrap().is_over());
    world.happens(Event::Step {
        run,
        vm: at(1, 2),
        result: Err(failure()),
    });
    let seen = world.fleet.run(run).unwrap();
    let states: Vec<_> = seen.steps.iter().map(|step| &step.state).collect();
    assert_eq!(*states[0], StepState::Done);
    assert_eq!(*states[1], StepState::Failed(failure()));
    assert!(matches!(states[2], StepState::Refused(_)));
    assert_eq!(
        (seen.progress().all, seen.is_over(), seen.failed()),
        (2, true, vec![at(1, 2)])
    );
    assert_eq!(
        world.fleet.vm(&at(1, 2)).unwrap().last_error.as_deref(),
        Some("the image is in use")
    );

    let (again, failed) = (RunId(8), seen.failed());
    let retry = plan(&world.fleet, start, &failed);
    world.happens(Event::Started {
        run: again,
        plan: retry,
    });
    world.happens(Event::Step {
        run: again,
        vm: at(1, 2),
        result: Ok(()),
    });
    assert_eq!(world.fleet.vm(&at(1, 2)).unwrap().last_error, None);
    assert_eq!(
        world.fleet.notices().next_back().unwrap().notice.text,
        "web02 started"
    );
}

#[test]
fn the_first_word_about_a_step_counts() {
    let mut world = World::live(1, &[(1, Off)]);
    let run = RunId(1);
    let plan = plan(&world.fleet, verb("start"), &[at(1, 1)]);
    world.happens(Event::Started { run, plan });
    world.happens(Event::Step {
        run,
        vm: at(1, 1),
        result: Err(failure()),
    });
    assert!(
        world
            .happens(Event::Step {
                run,
                vm: at(1, 1),
                result: Ok(())
            })
            .is_empty()
    );
    assert!(
        world
            .happens(Event::StepSent { run, vm: at(1, 1) })
            .is_empty()
    );
    assert!(
        world
            .happens(Event::Step {
                run: RunId(9),
                vm: at(1, 1),
                result: Ok(())
            })
            .is_empty()
    );
    assert_eq!(world.fleet.run(run).unwrap().progress().failed, 1);
    assert!(world.fleet.hypervisor(&host(1)).is_some());
}
