//! Selectors that are typed: filters, and what completes them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Screen, sample};

const SIZE: (u16, u16) = (120, 40);

fn screen() -> Screen {
    Screen::new(sample(), SIZE)
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
