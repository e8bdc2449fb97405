//! The screen and its terminal where no server is needed: it opens, follows the terminal, and gives it back whatever happens.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_lab::Scratch;
use common::Screen;
use portable_pty::CommandBuilder;

/// Nothing listens on the discard port of loopback.
const UNREACHABLE: &str =
    "jid = \"olga@dc.example\"\npassword_file = \"secret\"\n[bus]\nhosts = [\"127.0.0.1:9\"]\n";

/// Opens the screen with a server that is not there.
fn open(scratch: &Scratch) -> Screen {
    let folder = ".config/archipel/profiles";
    scratch
        .write(format!("{folder}/lonely.toml"), UNREACHABLE)
        .unwrap();
    scratch
        .write(format!("{folder}/secret"), "hunter2\n")
        .unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_archipel"));
    command.env_clear();
    command.env("HOME", scratch.path());
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    let screen = Screen::open(command, 80, 24);
    screen.wait_for("lonely");
    screen
}

/// The program has ended and its frame is gone from the terminal.
fn given_back(screen: &mut Screen) {
    assert!(screen.ended(), "{}", screen.text());
    screen.wait("the terminal as it was", |text| !text.contains("lonely"));
}

fn signal(screen: &Screen, name: &str) {
    let pid = screen.pid().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-s", name, &pid])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn the_screen_opens_without_a_server_and_closes_by_key() {
    let scratch = Scratch::new().unwrap();
    let mut screen = open(&scratch);
    screen.press("q");
    given_back(&mut screen);
    let log = scratch
        .path()
        .join(".local/state/archipel/lonely/archipel.log");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(!log.contains("hunter2"));
}

#[test]
fn signals_end_it_cleanly() {
    for name in ["TERM", "HUP", "INT"] {
        let scratch = Scratch::new().unwrap();
        let mut screen = open(&scratch);
        signal(&screen, name);
        given_back(&mut screen);
    }
}

#[test]
fn it_follows_the_terminals_size() {
    let scratch = Scratch::new().unwrap();
    let mut screen = open(&scratch);
    screen.resize(200, 60);
    screen.wait("the wide frame", |text| {
        text.lines()
            .any(|line| line.trim_end().chars().count() > 150)
    });
    screen.resize(80, 24);
    // What stands at the right end of the first line is cut off until the program has drawn anew.
    screen.wait("the narrow frame", |text| {
        text.lines().count() <= 24 && text.contains("hosts 0/0")
    });
    screen.press("q");
    given_back(&mut screen);
}

#[test]
fn it_comes_back_after_a_stop() {
    let scratch = Scratch::new().unwrap();
    let mut screen = open(&scratch);
    signal(&screen, "STOP");
    screen.resize(100, 30);
    signal(&screen, "CONT");
    screen.wait("a frame in the new size", |text| {
        text.lines()
            .any(|line| line.trim_end().chars().count() > 90)
    });
    // Without a shell that controls jobs nothing stops, and the frame is there again.
    let before = screen.received();
    screen.press("\u{1a}");
    screen.wait("a whole frame", |text| {
        text.contains("lonely") && screen.received() > before + 500
    });
    screen.press("q");
    given_back(&mut screen);
}
