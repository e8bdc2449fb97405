//! What the server itself says about its configuration, and the accounts that its own tools make.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use archipel_config::Secret;
use archipel_protocol::BareJid;

use crate::{ServerKind, installed::program};

/// What ejabberd's own loader says about the file of the environment: nothing where it is sound.
const EJABBERD_LOADS: &str = "\
    [application:ensure_all_started(App) || App <- [fast_yaml, fast_xml, xmpp, pkix, fast_tls, yconf]], application:load(ejabberd), \
    logger:set_primary_config(level, none), \
    case catch ejabberd_config:load() of \
        ok -> halt(0); \
        {error, Reason, Path} -> io:format(\"~s~n\", [ejabberd_config:format_error({error, Reason, Path})]), halt(1); \
        Other -> io:format(\"~p~n\", [Other]), halt(1) \
    end.";

/// A tool of the server that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It could not be started.
    #[error("could not run `{program}`: {error}")]
    NotRun {
        /// Which.
        program: String,
        /// Why.
        error: io::Error,
    },
    /// The configuration is not sound.
    #[error("{kind} does not accept `{}`: {said}", path.display())]
    Unsound {
        /// Whose.
        kind: ServerKind,
        /// Which file.
        path: PathBuf,
        /// What it said.
        said: String,
    },
    /// The configuration is sound, and this part is not read.
    #[error("Prosody does not read `{}`; add this as the last line of its prosody.cfg.lua: Include \"conf.d/*.cfg.lua\"", .0.display())]
    NotIncluded(PathBuf),
    /// An account was not made.
    #[error("the account {account} could not be made: {said}")]
    NoAccount {
        /// Whose.
        account: BareJid,
        /// What the tool said.
        said: String,
    },
}

/// Asks the server's own checker about the configuration that `profile` is a part of.
pub fn check(kind: ServerKind, profile: &Path) -> Result<(), ToolError> {
    match kind {
        ServerKind::Prosody => check_prosody(profile),
        ServerKind::Ejabberd => check_ejabberd(profile),
    }
}

fn check_prosody(profile: &Path) -> Result<(), ToolError> {
    let output = run(tool("prosodyctl").args(["check", "config"]), None)?;
    let said = text(&output);
    // Its exit code also counts what it merely advises: only errors and files not read make it unsound.
    let errors: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| line.contains("rror"))
        .collect();
    if !errors.is_empty() {
        let path = profile.to_owned();
        return Err(ToolError::Unsound {
            kind: ServerKind::Prosody,
            path,
            said: errors.join("; "),
        });
    }
    let name = profile
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if said.contains(&name) {
        return Ok(());
    }
    Err(ToolError::NotIncluded(profile.to_owned()))
}

fn check_ejabberd(profile: &Path) -> Result<(), ToolError> {
    let mut erl = tool("erl");
    erl.args(["-noshell", "-noinput", "-eval", EJABBERD_LOADS])
        .env("EJABBERD_CONFIG_PATH", profile)
        .env("ERL_LIBS", libraries())
        .env("ERL_CRASH_DUMP_SECONDS", "0")
        .current_dir("/");
    let output = run(&mut erl, None)?;
    if output.status.success() {
        return Ok(());
    }
    let said = text(&output).trim().to_owned();
    Err(ToolError::Unsound {
        kind: ServerKind::Ejabberd,
        path: profile.to_owned(),
        said,
    })
}

/// Where the package put ejabberd's libraries: its own script says.
fn libraries() -> String {
    let script = program("ejabberdctl")
        .and_then(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_default();
    let line = script
        .lines()
        .find_map(|line| line.strip_prefix("ERL_LIBS="));
    line.unwrap_or("/usr/lib/erlang/lib")
        .trim_matches(['\'', '"'])
        .to_owned()
}

/// Makes an account with Prosody's own tool, which takes the password on its standard input. Whether it is new.
pub fn add_prosody_account(account: &BareJid, password: &Secret) -> Result<bool, ToolError> {
    let twice = Secret::new(format!("{0}\n{0}\n", password.expose()));
    let output = run(
        tool("prosodyctl").arg("adduser").arg(account.to_string()),
        Some(&twice),
    )?;
    if output.status.success() {
        return Ok(true);
    }
    let said = text(&output);
    if said.contains("already exists") {
        return Ok(false);
    }
    Err(ToolError::NoAccount {
        account: account.clone(),
        said: said.trim().to_owned(),
    })
}

/// Has Prosody read its groups anew.
pub fn reload_prosody_groups(domain: &crate::Domain) -> Result<(), ToolError> {
    let command = format!("module:reload('archipel_groups', '{domain}')");
    run(tool("prosodyctl").args(["shell", &command]), None).map(drop)
}

fn tool(name: &str) -> Command {
    Command::new(program(name).unwrap_or_else(|| PathBuf::from(name)))
}

fn run(command: &mut Command, input: Option<&Secret>) -> Result<Output, ToolError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let stdin = if input.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut run = || -> io::Result<Output> {
        let mut child = command.spawn()?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            match stdin.write_all(input.expose().as_bytes()) {
                // It decided before it had read all.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                written => written?,
            }
        }
        child.wait_with_output()
    };
    run().map_err(|error| ToolError::NotRun { program, error })
}

fn text(output: &Output) -> String {
    let both =
        [&output.stdout, &output.stderr].map(|part| String::from_utf8_lossy(part).into_owned());
    both.concat()
}
