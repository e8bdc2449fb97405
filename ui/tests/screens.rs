//! What the operator sees: whole frames at the two sizes that matter, without colour; colours are asserted by role below.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_fleet::{Fleet, Link};
use archipel_ui::Role;
use common::{FleetBuilder, HostBuilder, Screen, VmSpec, sample};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (200, 60);

/// The frame after `keys`, at `size`.
#[track_caller]
fn frame(name: &str, size: (u16, u16), keys: &str) {
    let mut screen = Screen::new(sample(), size);
    for key in keys.split_whitespace() {
        let commands = match key.strip_prefix('"') {
            Some(text) => screen.type_text(&text.replace('_', " ")),
            None => screen.press(key),
        };
        screen.carry_out(&commands);
    }
    insta::assert_snapshot!(name, screen.backend());
}

#[test]
fn the_first_frame() {
    frame("fleet-80x24", SMALL, "");
    frame("fleet-200x60", LARGE, "");
}

#[test]
fn health() {
    frame("health-80x24", SMALL, "tab");
    frame("health-offline-200x60", LARGE, "G up up");
}

#[test]
fn machines_of_a_hypervisor() {
    frame("vms-80x24", SMALL, "tab .");
    frame(
        "vms-sorted-200x60",
        LARGE,
        "tab . shift-right shift-right shift-right O",
    );
}

#[test]
fn a_group() {
    frame("group-200x60", LARGE, "g g");
    frame("group-80x24", SMALL, "g g tab");
}

#[test]
fn a_machine() {
    frame("machine-80x24", SMALL, "down down tab");
    frame("machine-200x60", LARGE, "down down");
    frame("definition-80x24", SMALL, "down down y");
}

#[test]
fn tables_of_the_whole_fleet() {
    frame("all-vms-80x24", SMALL, ": \"vms enter");
    frame("all-vms-200x60", LARGE, ": \"vms enter");
    frame("all-hypervisors-80x24", SMALL, ": \"hypervisors enter");
    frame("all-hypervisors-200x60", LARGE, ": \"hypervisors enter");
}

#[test]
fn what_was_said_and_done() {
    frame("messages-80x24", SMALL, "tab . * p x y esc esc M");
    frame("tasks-80x24", SMALL, "tab . * p x y esc esc T enter");
    frame("events-80x24", SMALL, "E");
    frame("log-80x24", SMALL, "tab l");
}

#[test]
fn menus_and_dialogs() {
    frame("power-80x24", SMALL, "tab . space space p");
    frame("plan-80x24", SMALL, "tab . * p x");
    frame("destroy-80x24", SMALL, "tab . * p k");
    frame("run-80x24", SMALL, "tab . * p x y");
    frame("run-200x60", LARGE, "tab . * p x y");
}

#[test]
fn finding_things() {
    frame("help-80x24", SMALL, "?");
    frame("help-narrowed-80x24", SMALL, "? \"mark");
    frame("palette-80x24", SMALL, "tab . ctrl-p \"shut");
    frame("command-line-80x24", SMALL, ": \"st");
    frame("filter-80x24", SMALL, "tab . / \"tag=web");
    frame("filter-roster-200x60", LARGE, "/ \"web enter");
}

/// A host with an original agent: one machine told what it is, the other cannot.
fn original() -> Fleet {
    let mut silent = VmSpec::new("db01", archipel_protocol::VmState::Unknown);
    (silent.vcpus, silent.memory_mib, silent.managed) = (0, 0, false);
    let host = HostBuilder::new(1, None)
        .vm(VmSpec::new("web01", archipel_protocol::VmState::Running))
        .vm(silent);
    let speaks = archipel_fleet::Event::Speaks {
        hypervisor: host.id(),
        wire: archipel_fleet::Wire::Original,
    };
    FleetBuilder::online().host(&host).then(speaks).done()
}

#[track_caller]
fn state(name: &str, fleet: Fleet, keys: &str) {
    let mut screen = Screen::new(fleet, SMALL);
    for key in keys.split_whitespace() {
        screen.press(key);
    }
    insta::assert_snapshot!(name, screen.backend());
}

/// Loading, empty, failed; live and stale are in the frames above.
#[test]
fn views_without_content_say_why() {
    let host =
        HostBuilder::new(1, None).vm(VmSpec::new("web01", archipel_protocol::VmState::Running));
    state("state-connecting", FleetBuilder::new().done(), "tab");
    let lost = Link::Connecting {
        reason: Some("the server's certificate is not trusted".into()),
        retry_in_s: 12,
    };
    state(
        "state-link-failed",
        FleetBuilder::new()
            .then(archipel_fleet::Event::Link(lost))
            .done(),
        "tab",
    );
    let ended = Link::Ended("wrong password for olga@dc.example".into());
    state(
        "state-link-ended",
        FleetBuilder::new()
            .then(archipel_fleet::Event::Link(ended))
            .done(),
        "tab",
    );
    state("state-empty", FleetBuilder::online().done(), "tab");
    state(
        "state-untrusted",
        FleetBuilder::online().contact("hv07").done(),
        "tab",
    );
    state(
        "state-asking",
        FleetBuilder::online().asked(&host).done(),
        "tab",
    );
    let failed = archipel_fleet::WatchState::Failed(
        "the original agent refused: Cannot use 'rostervm': permission denied".into(),
    );
    let failed = archipel_fleet::Event::Watching {
        hypervisor: host.id(),
        watch: failed,
    };
    state(
        "state-no-feed",
        FleetBuilder::online().asked(&host).then(failed).done(),
        "tab",
    );
    state("state-original", original(), "tab .");
    state(
        "state-never-heard",
        FleetBuilder::online()
            .trusted(&host)
            .offline(&host, "not there since the login")
            .done(),
        "tab",
    );
    state(
        "state-no-machines",
        FleetBuilder::online()
            .host(&HostBuilder::new(2, None))
            .done(),
        "tab .",
    );
}

/// The last state stays, grey and with its age, and the first line says what is amiss.
#[test]
fn a_lost_link_leaves_the_last_state() {
    let mut screen = Screen::with(sample(), LARGE, common::options("dark"));
    let lost = Link::Suspended {
        reason: "the server closed the connection".into(),
        retry_in_s: 4,
    };
    screen.happens(archipel_fleet::Event::Link(lost));
    screen.now.moment = archipel_fleet::Moment(screen.now.moment.0 + 180_000);
    screen.app.wake(screen.now);
    screen.draw();
    screen.is_drawn_as("reconnecting", Role::Warning);
    screen.is_drawn_as("web01", Role::Stale);
    insta::assert_snapshot!("link-lost-200x60", screen.backend());
    screen.press("down down p");
    screen.shows("not connected to the bus");
}

#[test]
fn colours_follow_meanings() {
    for theme in ["dark", "light", "colour-blind"] {
        let options = common::options(theme);
        let mut screen = Screen::with(sample(), LARGE, options);
        screen.is_drawn_as("crashed", Role::StateCrashed);
        screen.is_drawn_as("suspended", Role::StateSuspended);
        screen.is_drawn_as("shutting", Role::StateShuttingDown);
        screen.is_drawn_as("1/2", Role::Warning);
        screen.is_drawn_as("backup01", Role::Stale);
        screen.is_drawn_as("power", Role::BarDim);
        screen.press("tab . * p");
        screen.is_drawn_as("destroy", Role::Error);
        screen.is_drawn_as("9 marked  p", Role::Mark);
    }
}

#[test]
fn without_colour_nothing_is_coloured() {
    let mut screen = Screen::new(sample(), LARGE);
    screen.press("tab . * p x");
    let plain = |cell: &ratatui::buffer::Cell| {
        use ratatui::style::Color::Reset;
        (cell.fg, cell.bg) == (Reset, Reset)
    };
    assert!(screen.buffer().content().iter().all(plain));
}

#[test]
fn the_ascii_set_draws_ascii_alone() {
    let options = archipel_ui::Options {
        glyphs: archipel_ui::GlyphSet::Ascii,
        ..common::options("mono")
    };
    let mut screen = Screen::with(sample(), LARGE, options);
    for keys in ["tab", ". space", "p", "esc", "?", "esc", ":", "esc"] {
        screen.press(keys);
        let strange = screen
            .text()
            .chars()
            .find(|letter| !letter.is_ascii() && *letter != '\n');
        assert_eq!(strange, None, "after {keys}:\n{}", screen.text());
    }
}
