//! Completion as an operator types it, in the shells themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{env, ffi::OsString, path::Path, process::Command};

use archipel_lab::Scratch;
use common::Screen;
use portable_pty::CommandBuilder;

/// Whether the shell is not here; says so.
fn lacks(test: &str, shell: &str) -> bool {
    let missing = archipel_lab::missing(&[shell]);
    if let Some(reason) = &missing {
        archipel_lab::skip(test, reason);
    }
    missing.is_some()
}

/// The system's path, behind the folder of this build.
fn path() -> OsString {
    let built = Path::new(env!("CARGO_BIN_EXE_archipel")).parent().unwrap();
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path);
    env::join_paths([built.to_owned()].into_iter().chain(folders)).unwrap()
}

#[test]
fn zsh_completes_commands_and_selectors() {
    if lacks("zsh_completes_commands_and_selectors", "zsh") {
        return;
    }
    let home = Scratch::new().unwrap();
    // As the guide says, and nothing else: no other line has loaded zsh's own functions for completion.
    let settings = "PS1='ready> '\nsource <(archipel completions zsh)\n";
    home.write(".zshrc", settings).unwrap();
    let mut command = CommandBuilder::new("zsh");
    command.arg("-i");
    command.env_clear();
    command.env("HOME", home.path());
    command.env("PATH", path());
    command.env("TERM", "xterm-256color");
    let mut screen = Screen::open(command, 100, 30);
    screen.wait("the prompt", |text| text.contains("ready>"));
    for (typed, completed) in [
        ("archipel vm autost\t", "archipel vm autostart-o"),
        ("archipel vm list 'sta\t", "archipel vm list 'state"),
        (
            "archipel vm list 'state = ru\t",
            "archipel vm list 'state = running",
        ),
        (
            "archipel vm list \"name = x and sta\t",
            "archipel vm list \"name = x and state",
        ),
    ] {
        screen.press(typed);
        screen.wait(completed, |text| text.contains(completed));
        // The line is thrown away.
        screen.press("\x15\x0c");
        screen.wait("an empty line", |text| !text.contains("archipel"));
    }
}

#[test]
fn fish_completes_commands_and_selectors() {
    if lacks("fish_completes_commands_and_selectors", "fish") {
        return;
    }
    let home = Scratch::new().unwrap();
    for (typed, completed) in [
        ("archipel vm autost", "autostart-on"),
        ("archipel vm list 'sta", "state"),
        ("archipel vm list 'state = ru", "state = running"),
    ] {
        let script = "archipel completions fish | source; complete --do-complete $argv[1]";
        let output = Command::new("fish")
            .args(["--no-config", "-c", script, typed])
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        // With or without the quote that was typed.
        let mut lines = said.lines().map(|line| line.trim_start_matches('\''));
        let found = lines.any(|line| line.starts_with(completed));
        assert!(found, "{typed}: {said}");
    }
}
