//! The shell where no server is needed: usage, settings, exit codes, pipes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use archipel_lab::Scratch;

/// A home folder of its own.
struct Home {
    scratch: Scratch,
}

impl Home {
    fn new() -> Self {
        let scratch = Scratch::new().unwrap();
        Self { scratch }
    }

    fn with(operator: &str) -> Self {
        let home = Self::new();
        fs::create_dir_all(home.folder()).unwrap();
        fs::write(home.folder().join("operator.toml"), operator).unwrap();
        home
    }

    /// The settings folder.
    fn folder(&self) -> PathBuf {
        self.scratch.path().join(".config/archipel")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_archipel"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.scratch.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }
}

#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

const PROFILE: &str = "[profiles.prod]\njid = \"admin@dc.example\"\ntheme = \"light\"\n";

/// A profile whose server answers nobody: nothing listens on the discard port of loopback.
const UNREACHABLE: &str = "[profiles.x]\njid = \"a@dc.example\"\npassword_env = \"SECRET\"\n[profiles.x.bus]\nhosts = [\"127.0.0.1:9\"]\n";

#[test]
fn a_newcomer_is_told_how_to_begin() {
    let home = Home::new();
    let said = home.run(&["vm", "list"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("archipel config init"), "{said:?}");
    let said = home.run(&["config", "init"]);
    assert_eq!(said.code, 0, "{said:?}");
    let written = home.folder().join("operator.toml");
    assert!(
        said.out.contains(&written.display().to_string()),
        "{said:?}"
    );
    let mode = fs::metadata(&written).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(home.run(&["config", "show"]).code, 0);
    let again = home.run(&["config", "init"]);
    assert_eq!(again.code, 1, "{again:?}");
}

#[test]
fn every_value_shows_its_origin() {
    let home = Home::with(PROFILE);
    let mut command = home.command(&["config", "show", "-o", "json", "--read-only"]);
    let said = Said::from(command.env("ARCHIPEL_KEYMAP", "vim").output().unwrap());
    assert_eq!(said.code, 0, "{said:?}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&said.out).unwrap();
    let row = |key: &str| {
        let row = rows.iter().find(|row| row["key"] == key).unwrap();
        let text = |field: &str| row[field].as_str().unwrap().to_owned();
        (text("value"), text("origin"))
    };
    let file = home.folder().join("operator.toml");
    assert_eq!(
        row("theme"),
        ("light".to_owned(), format!("{}:3", file.display()))
    );
    assert_eq!(
        row("keymap"),
        ("vim".to_owned(), "$ARCHIPEL_KEYMAP".to_owned())
    );
    assert_eq!(
        row("read_only"),
        ("true".to_owned(), "--read-only".to_owned())
    );
    assert_eq!(row("bus.tls").1, "preset");
}

#[test]
fn a_mistake_in_the_settings_is_named_with_its_line() {
    let home = Home::with("[profiles.a]\njid = \"a@b.example\"\nread_onyl = true\n");
    let said = home.run(&["whoami"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.err
            .contains("operator.toml:3: unknown key `read_onyl`, did you mean `read_only`?"),
        "{said:?}"
    );
}

#[test]
fn usage_ends_with_two_before_anything_is_sent() {
    let home = Home::with(PROFILE);
    for arguments in [
        &["vm", "strat", "web01"][..],
        &["vm", "start"],
        &["vm", "list", "-o", "yaml"],
        &["vm", "destroy", "web01", "--yes=many"],
        &["hypervisor", "add", "not an address"],
        &["--profile", "../x", "whoami"],
        &["--profile", "nosuch", "whoami"],
        &["events", "--follow", "-o", "json"],
        &["--read-only", "vm", "destroy", "web01", "--yes=1"],
    ] {
        let said = home.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        assert!(
            said.out.is_empty() && !said.err.is_empty(),
            "{arguments:?}: {said:?}"
        );
    }
}

#[test]
fn a_selector_that_does_not_parse_is_pointed_at() {
    let home = Home::with(PROFILE);
    let said = home.run(&["vm", "start", "stat = off", "--plan"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.err
            .contains("\n  stat = off\n  ^ there is no field `stat`, did you mean `state`?"),
        "{said:?}"
    );
}

#[test]
fn no_server_ends_with_three_and_says_where_it_was_looked_for() {
    let home = Home::with(UNREACHABLE);
    let mut command = home.command(&["whoami"]);
    let said = Said::from(command.env("SECRET", "hunter2").output().unwrap());
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("127.0.0.1:9"), "{said:?}");
    assert!(!said.err.contains("hunter2"), "{said:?}");
}

#[test]
fn a_password_that_cannot_be_had_ends_with_three() {
    let home = Home::with(UNREACHABLE);
    let said = home.run(&["whoami"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("SECRET"), "{said:?}");
    let prompting = Home::with(PROFILE);
    let said = prompting.run(&["whoami"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("password_file"), "{said:?}");
}

#[test]
fn the_screen_wants_a_terminal() {
    let said = Home::with(PROFILE).run(&[]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("terminal"), "{said:?}");
}

#[test]
fn the_help_names_every_variable() {
    let said = Home::new().run(&["config", "show", "--help"]);
    assert_eq!(said.code, 0, "{said:?}");
    for variable in archipel_config::VARIABLES {
        assert!(
            said.out.contains(variable.name),
            "{}: {said:?}",
            variable.name
        );
    }
}

#[test]
fn completions_know_every_verb() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        let said = home.run(&["completions", shell]);
        assert_eq!(said.code, 0, "{shell}: {said:?}");
        assert!(said.out.contains("autostart-on"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::new();
    let mut command = home.command(&["completions", "zsh"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

/// The script of bash asks the program, which knows the language of selectors.
#[test]
fn bash_completes_selectors() {
    let home = Home::new();
    let bash = |line: &str, word: &str| {
        let script = "source <(\"$ARCHIPEL\" completions bash); archipel() { \"$ARCHIPEL\" \"$@\"; }\n\
            COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=(archipel \"$2\") COMP_CWORD=1\n\
            _archipel_values archipel \"$2\" '' 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\"";
        let output = Command::new("bash")
            .args(["--norc", "-c", script, "bash", line, word])
            .env("ARCHIPEL", env!("CARGO_BIN_EXE_archipel"))
            .env("HOME", home.scratch.path())
            .env_remove("XDG_CACHE_HOME")
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let fields = bash("archipel vm list 'sta", "'sta");
    assert!(fields.lines().any(|line| line == "state"), "{fields}");
    let values = bash("archipel vm list 'state = ru", "'state = ru");
    assert!(
        values.lines().any(|line| line == "state = running"),
        "{values}"
    );
    let unquoted = bash("archipel vm list state=ru", "ru");
    assert_eq!(unquoted, "running\n", "bash replaces what follows the sign");
    let commands = bash("archipel vm sta", "sta");
    assert!(!commands.contains("state"), "{commands}");
}
