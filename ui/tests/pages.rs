//! The pages of a machine: what its hypervisor is asked for when they are looked at, in the five states of a view.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_fleet::{Event, Moment, Reach, RunId};
use archipel_protocol::rights::Explained;
use archipel_ui::{Command, Question, Role, Told};
use common::{Screen, options, sample, versions, vm_ref};

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];
/// The key that opens each page, and its name.
const PAGES: [(&str, &str); 4] = [
    ("i p", "pending"),
    ("i h", "history"),
    ("i s", "screen"),
    ("i w", "access"),
];

/// On web01, which runs.
fn on_web01(size: (u16, u16), theme: &str) -> Screen {
    let mut screen = Screen::with(sample(), size, options(theme));
    screen.press("/");
    screen.type_text("web01");
    screen.press("enter down down");
    screen
}

/// The one question among what is asked for.
#[track_caller]
fn question(commands: &[Command]) -> Question {
    let mut asked = commands.iter().filter_map(|command| match command {
        Command::Ask(question) => Some(question.clone()),
        _ => None,
    });
    let first = asked.next().expect("a question");
    assert_eq!(asked.next(), None, "one at a time");
    first
}

#[track_caller]
fn snapshot(page: &str, state: &str, screen: &Screen) {
    let area = screen.buffer().area();
    let name = format!("page-{page}-{state}-{}x{}", area.width, area.height);
    insta::assert_snapshot!(name, screen.backend());
}

#[test]
fn pages_have_five_states() {
    for size in SIZES {
        for (keys, page) in PAGES {
            let open = || {
                let mut screen = on_web01(size, "mono");
                let commands = screen.press(keys);
                (screen, commands)
            };
            let (mut screen, commands) = open();
            snapshot(page, "loading", &screen);
            screen.answer(
                &question(&commands),
                Err("libvirt gave no answer\u{1b}[2J".into()),
            );
            snapshot(page, "failed", &screen);

            let (mut screen, commands) = open();
            screen.carry_out(&commands);
            snapshot(page, "live", &screen);
            let reason = "disconnected: connection reset".to_owned();
            screen.happens(Event::Reach {
                hypervisor: vm_ref(1, 0).hypervisor,
                reach: Reach::Offline { reason },
            });
            screen.now.moment = Moment(screen.now.moment.0 + 240_000);
            screen.app.wake(screen.now);
            screen.draw();
            snapshot(page, "stale", &screen);
        }
    }
}

/// Nothing to show is something else than nothing shown.
#[test]
fn pages_without_content_say_so() {
    let nothing = |question: &Question| match question {
        Question::History(_) => Told::Versions(Vec::new()),
        Question::Why(..) => Told::Explained(Explained {
            allowed: false,
            grounds: vec!["no grant of olga@dc.example is about it".into()],
        }),
        _ => Told::Text(String::new()),
    };
    for size in SIZES {
        for (keys, page) in PAGES {
            let mut screen = on_web01(size, "mono");
            if page == "screen" {
                screen = Screen::new(sample(), size);
                screen.press("/");
                screen.type_text("db02");
                screen.press("enter down down");
                let commands = screen.press(keys);
                assert!(commands.iter().all(|one| !matches!(one, Command::Ask(_))));
            } else {
                let asked = question(&screen.press(keys));
                screen.answer(&asked, Ok(nothing(&asked)));
            }
            snapshot(page, "empty", &screen);
        }
    }
}

#[test]
fn a_picture_has_the_colours_of_its_pixels() {
    let mut screen = on_web01((200, 60), "dark");
    let commands = screen.press("i s");
    screen.carry_out(&commands);
    let cells = screen.buffer().content();
    let halves: Vec<_> = cells.iter().filter(|cell| cell.symbol() == "▀").collect();
    assert!(halves.len() > 1_000, "{}", halves.len());
    let red = ratatui::style::Color::Rgb(255, 0, 0);
    assert!(halves.iter().any(|cell| (cell.fg, cell.bg) == (red, red)));
    screen.shows("320 x 200");

    let reason = "disconnected".to_owned();
    screen.happens(Event::Reach {
        hypervisor: vm_ref(1, 0).hypervisor,
        reach: Reach::Offline { reason },
    });
    let grey = |colour| matches!(colour, ratatui::style::Color::Rgb(r, g, b) if r == g && g == b);
    let cells = screen.buffer().content();
    let mut halves = cells.iter().filter(|cell| cell.symbol() == "▀");
    assert!(halves.all(|cell| grey(cell.fg) && grey(cell.bg)));
    screen.is_drawn_as("not current: as of", Role::Stale);
}

#[test]
fn a_key_asks_anew_and_what_was_there_stays() {
    let mut screen = on_web01((120, 40), "mono");
    let commands = screen.press("i p");
    screen.carry_out(&commands);
    screen.shows("8388608");
    let again = question(&screen.press("r"));
    assert_eq!(again, Question::Pending(vm_ref(1, 0)));
    screen.shows("asking again");
    screen.shows("8388608");
    assert_eq!(screen.press("r"), [], "it is on its way");
    screen.answer(&again, Err("the agent is busy".into()));
    screen.shows("not again: the agent is busy");
    screen.shows("8388608");
}

#[test]
fn differences_are_drawn_by_what_comes_and_goes() {
    let mut screen = on_web01((120, 40), "dark");
    let commands = screen.press("i p");
    screen.carry_out(&commands);
    screen.is_drawn_as("+  <memory", Role::Added);
    screen.is_drawn_as("-  <memory", Role::Removed);
}

#[test]
fn the_change_under_the_cursor_is_asked_for_one_at_a_time() {
    let mut screen = on_web01((120, 40), "mono");
    let history = question(&screen.press("i h"));
    let told = Told::Versions(versions());
    let commands = screen
        .app
        .told(&history, Ok(told), &screen.fleet, screen.now);
    let change = |version, before| Question::Change {
        vm: vm_ref(1, 0),
        version,
        before,
    };
    assert_eq!(question(&commands), change(3, Some(2)));
    assert_eq!(screen.press("down down"), [], "the first is on its way");
    let text = Ok(Told::Text("+ eight".into()));
    let commands = screen
        .app
        .told(&change(3, Some(2)), text, &screen.fleet, screen.now);
    assert_eq!(question(&commands), change(1, None));
}

#[test]
fn the_way_back_is_the_version_under_the_cursor() {
    let mut screen = on_web01((120, 40), "mono");
    let commands = screen.press("i h");
    screen.carry_out(&commands);
    screen.press("down down e u");
    screen.shows("undo 1 web01");
    let commands = screen.press("y");
    let Some(Command::Execute(plan)) = commands.first() else {
        panic!("{commands:?}")
    };
    assert_eq!(
        (plan.verb.word, &*plan.given),
        ("undo", &["1".to_owned()][..])
    );

    screen.happens(Event::Started {
        run: RunId(4),
        plan: plan.clone(),
    });
    screen.now.moment = Moment(screen.now.moment.0 + 1_000);
    let step = Event::Step {
        run: RunId(4),
        vm: vm_ref(1, 0),
        result: Ok(()),
    };
    let commands = screen.happens(step);
    assert_eq!(question(&commands), Question::History(vm_ref(1, 0)));
}

#[test]
fn undo_can_be_typed_with_a_number_or_without() {
    for (typed, given) in [
        ("undo", vec![]),
        ("undo 2", vec!["2".to_owned()]),
        ("undo 2 web02", vec!["2".to_owned()]),
        ("undo web02", vec![]),
    ] {
        let mut screen = on_web01((120, 40), "mono");
        screen.press(":");
        screen.type_text(typed);
        screen.press("enter");
        let commands = screen.press("y");
        let Some(Command::Execute(plan)) = commands.first() else {
            panic!("{typed}: {commands:?}")
        };
        assert_eq!(plan.given, given, "{typed}");
        let wanted = if typed.contains("web02") {
            "web02"
        } else {
            "web01"
        };
        assert_eq!(plan.steps[0].name, wanted);
    }
}

#[test]
fn why_goes_to_the_verb_that_is_named() {
    let mut screen = on_web01((120, 40), "mono");
    screen.press(":");
    screen.type_text("why erase");
    let Question::Why(vm, permission) = question(&screen.press("enter")) else {
        panic!("not why")
    };
    assert_eq!((vm, permission.0), (vm_ref(1, 0), "free"));
    screen.press(":");
    screen.type_text("why nonsense");
    let commands = screen.press("enter");
    assert!(
        matches!(&commands[..], [Command::Notice(_), ..]),
        "{commands:?}"
    );
}

#[test]
fn pages_open_from_tables_for_the_machine_under_the_cursor() {
    let mut screen = Screen::new(sample(), (120, 40));
    screen.press("tab .");
    screen.press("i h");
    screen.shows("Asking hv01 for its history");
    screen.press("esc");
    screen.press("g g up tab");
    let mut table = Screen::new(sample(), (120, 40));
    table.press("g g");
    let commands = table.press("i h");
    assert!(
        matches!(&commands[..], [Command::Notice(notice)] if notice.text.contains("one machine")),
        "{commands:?}"
    );
}
