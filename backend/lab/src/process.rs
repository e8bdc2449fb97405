//! A program the lab started, in a process group of its own, which never outlives its owner.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};

use crate::wait::{Patience, until};
use crate::watchdog;

/// How long a program may take to end by itself before it is killed.
const GRACE: Patience = Patience::seconds(10);

/// A running program. Dropping it kills its whole process group.
///
/// The standard library's child on purpose: it belongs to no runtime, so a server kept in a static serves the tests
/// of many runtimes.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    group: Pid,
    reaped: bool,
}

impl Process {
    /// Starts `command` with nothing on its standard input and both outputs appended to `output`.
    ///
    /// # Errors
    ///
    /// When the program or the file cannot be opened.
    pub fn spawn(name: &str, mut command: Command, output: &Path) -> Result<Process> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(output)
            .with_context(|| format!("could not open `{}`", output.display()))?;
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        Process::spawn_as_is(name, command)
    }

    /// Starts `command` with the standard streams it was given.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub fn spawn_as_is(name: &str, mut command: Command) -> Result<Process> {
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        watchdog::end_at_end(child.id());
        Ok(Process {
            name: name.to_owned(),
            group: Pid::from_child(&child),
            child,
            reaped: false,
        })
    }

    /// Its process id, which is also its group's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its standard input, if it was given a pipe and nobody took it yet.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.exit_status().is_none()
    }

    /// How it ended, if it has.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child
            .try_wait()
            .ok()
            .flatten()
            .inspect(|_| self.reaped = true)
    }

    /// Sends a signal to the program alone; does nothing when it has ended.
    pub fn signal(&mut self, signal: Signal) {
        if self.is_running() {
            let _ = kill_process(self.group, signal);
        }
    }

    /// Ends it the polite way (SIGTERM to the group) and waits; kills what is left after a grace.
    pub async fn stop(&mut self) {
        self.signal_group(Signal::TERM);
        let what = format!("the end of {}", self.name);
        let _ = until(&what, GRACE, async || self.has_left()).await;
        self.kill().await;
    }

    /// Kills it (SIGKILL to the group) and waits.
    pub async fn kill(&mut self) {
        self.signal_group(Signal::KILL);
        let what = format!("the end of {}", self.name);
        let _ = until(&what, GRACE, async || self.has_left()).await;
        watchdog::ended(self.pid());
    }

    /// Kills it and waits for the leader without a runtime, for owners that are being dropped.
    pub(crate) fn kill_now(&mut self) {
        self.signal_group(Signal::KILL);
        let _ = self.child.wait();
        watchdog::ended(self.pid());
    }

    /// `Some` once the leader is reaped and nobody of its group is alive.
    fn has_left(&mut self) -> Option<()> {
        (!self.is_running() && !group_is_alive(self.group)).then_some(())
    }

    fn signal_group(&self, signal: Signal) {
        // The number stays ours as long as the leader is unreaped or a member lives.
        if !self.reaped || group_is_alive(self.group) {
            let _ = kill_process_group(self.group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_now();
    }
}

/// Whether a member of the group runs. Those that ended and wait for a parent that never asks do not count.
fn group_is_alive(group: Pid) -> bool {
    test_kill_process_group(group).is_ok()
        && members(group).any(|state| state != "Z" && state != "X")
}

/// The state letters of the group's members (`proc_pid_stat(5)`: state is the third field, the group the fifth).
fn members(group: Pid) -> impl Iterator<Item = String> {
    let wanted = group.as_raw_nonzero().to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(move |entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name, in parentheses, may hold blanks.
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?.to_owned();
        (fields.nth(1)? == wanted).then_some(state)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Scratch;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn a_stopped_group_leaves_nobody() {
        let scratch = Scratch::new().unwrap();
        let script = "trap '' TERM; sleep 1000 & echo ready; wait; sleep 1000";
        let output = scratch.path().join("out");
        let mut process = Process::spawn("stubborn", shell(script), &output).unwrap();
        let said = async || {
            std::fs::read_to_string(&output)
                .ok()
                .filter(|text| text == "ready\n")
        };
        until("the shell", Patience::USUAL, said).await.unwrap();
        process.kill().await;
        assert!(!process.is_running());
        assert!(!group_is_alive(process.group));
    }

    #[tokio::test]
    async fn dropping_kills() {
        let scratch = Scratch::new().unwrap();
        let process =
            Process::spawn("sleeper", shell("sleep 1000"), &scratch.path().join("out")).unwrap();
        let group = process.group;
        drop(process);
        assert!(!group_is_alive(group));
    }
}
