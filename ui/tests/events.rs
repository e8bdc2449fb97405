//! The logs of hypervisors: what an entry leads to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_fleet::{Event, VmRef};
use archipel_protocol::{
    events::{self, Severity},
    feed::Row,
};
use common::{Screen, delta, noticed, sample, vm_ref};

/// The screen of all events, the newest of which is about this machine.
fn screen(about: Option<&VmRef>) -> Screen {
    let mut screen = Screen::new(sample(), (120, 40));
    screen.happens(Event::Log {
        hypervisor: vm_ref(1, 0).hypervisor,
        event: events::Event {
            number: 9,
            at: "2026-11-20T14:30:00Z".parse().unwrap(),
            vm: about.map(|vm| vm.vm),
            name: about.map_or("", |_| "web01").into(),
            what: "command".into(),
            by: None,
            text: "shutdown: the guest does not answer".into(),
            severity: Severity::Error,
            verb: None,
            result: None,
        },
    });
    screen.press("E");
    screen.shows("the guest does not answer");
    screen
}

#[test]
fn an_entry_leads_to_its_machine() {
    let mut screen = screen(Some(&vm_ref(1, 0)));
    screen.press("enter");
    screen.shows("web01 · ▶ running");
    screen.press("esc");
    screen.shows("the guest does not answer");
}

#[test]
fn an_entry_about_the_hypervisor_itself_leads_there() {
    let mut screen = screen(None);
    screen.press("enter");
    screen.shows("hv01 · ● online");
}

#[test]
fn a_machine_that_is_no_more_cannot_be_gone_to() {
    let mut screen = screen(Some(&vm_ref(1, 0)));
    screen.happens(delta(vec![Row::Gone(vm_ref(1, 0).vm)]));
    let said = screen.press("enter");
    assert_eq!(noticed(&said).unwrap().text, "`web01` is no more");
}
