//! `make demo HEADLESS=1`, with libvirt daemons and with a simulated fleet, from its first line to its last trace.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use archipel_lab::{Patience, Scratch, missing, skip, until};
use common::processes_naming;
use rustix::process::{Pid, Signal, kill_process};

const DEMO: &str = env!("CARGO_BIN_EXE_archipel-demo");

/// A demo with a home and a folder for temporary files of its own.
struct Demo {
    home: Scratch,
    temporary: Scratch,
    child: Child,
}

impl Demo {
    fn start(variables: &[(&str, &str)]) -> Demo {
        let home = Scratch::new().unwrap();
        let temporary = Scratch::new().unwrap();
        // Root's libvirt daemons run as nobody and pass through it.
        fs::set_permissions(temporary.path(), Permissions::from_mode(0o711)).unwrap();
        let output = File::create(home.path().join("output")).unwrap();
        let child = command(&home, &temporary)
            .envs(variables.iter().copied())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        Demo {
            home,
            temporary,
            child,
        }
    }

    /// What a second demo of the same user says, which must refuse.
    fn second(&self) -> String {
        let output = command(&self.home, &self.temporary).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    fn said(&self) -> String {
        fs::read_to_string(self.home.path().join("output")).unwrap()
    }

    /// Waits for the line that names the profile, or for the demo's end.
    async fn announcement(&mut self) -> String {
        until(
            "the demo's announcement",
            Patience::seconds(120),
            async || {
                let line = self
                    .said()
                    .lines()
                    .find(|line| line.contains("--profile"))
                    .map(str::to_owned);
                assert!(
                    line.is_some() || self.child.try_wait().unwrap().is_none(),
                    "the demo ended: {}",
                    self.said()
                );
                line
            },
        )
        .await
        .unwrap()
    }

    fn left_nothing(&self) {
        assert_eq!(
            processes_naming(self.temporary.path()),
            Vec::<String>::new()
        );
        assert_eq!(fs::read_dir(self.temporary.path()).unwrap().count(), 0);
    }

    fn profile(&self) -> PathBuf {
        self.home.path().join(".config/archipel/profiles/demo.toml")
    }

    /// What another terminal would see.
    fn operator(&self, arguments: &[&str]) -> String {
        let output = Command::new(beside_the_demo("archipel"))
            .args(["--profile", "demo"])
            .args(arguments)
            .env("HOME", self.home.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(home: &Scratch, temporary: &Scratch) -> Command {
    let mut command = Command::new(DEMO);
    command
        .env("HEADLESS", "1")
        .env("HOME", home.path())
        .env("TMPDIR", temporary.path())
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_CACHE_HOME")
        .env_remove("XDG_DATA_HOME");
    command
}

fn beside_the_demo(name: &str) -> PathBuf {
    Path::new(DEMO).with_file_name(name)
}

#[tokio::test]
async fn comes_up_by_itself_and_leaves_nothing() {
    if let Some(reason) = missing(&["prosody", "libvirtd", "virsh"])
        .or_else(|| unbuilt(&["archipel", "archipel-agent"]))
    {
        return skip("comes_up_by_itself_and_leaves_nothing", &reason);
    }
    let mut demo = Demo::start(&[]);
    assert!(
        demo.announcement()
            .await
            .contains("archipel --profile demo")
    );
    assert!(
        demo.said()
            .contains("virsh -c 'test+unix:///default?socket="),
        "{}",
        demo.said()
    );
    let machines: Vec<serde_json::Value> =
        serde_json::from_str(&demo.operator(&["vm", "list", "-o", "json"])).unwrap();
    assert_eq!(machines.len(), 36);
    assert!(demo.second().contains("another one is running"));
    assert!(demo.profile().is_file());
    // Another demo is another fleet: neither its screen nor its audits go on from this one.
    demo.operator(&["vm", "start", "web01"]);
    demo.operator(&["audit", "verify"]);
    let kept = [".cache/archipel/demo", ".local/share/archipel/demo"];
    let kept = kept.map(|folder| demo.home.path().join(folder));
    assert!(kept.iter().all(|folder| folder.exists()));
    end(&mut demo).await;
    assert!(!demo.profile().exists());
    assert!(kept.iter().all(|folder| !folder.exists()));
    demo.left_nothing();
}

#[tokio::test]
async fn shows_a_simulated_fleet_and_leaves_nothing() {
    if let Some(reason) = missing(&["prosody"]).or_else(|| unbuilt(&["archipel"])) {
        return skip("shows_a_simulated_fleet_and_leaves_nothing", &reason);
    }
    let mut demo = Demo::start(&[("FLEET", "4x5"), ("SCENARIO", "busy")]);
    demo.announcement().await;
    let machines: Vec<serde_json::Value> =
        serde_json::from_str(&demo.operator(&["vm", "list", "-o", "json"])).unwrap();
    assert_eq!(machines.len(), 20);
    end(&mut demo).await;
    assert!(!demo.profile().exists());
    demo.left_nothing();
}

/// Why the demo cannot show anything; `None` when its programs are built.
fn unbuilt(programs: &[&str]) -> Option<String> {
    let unbuilt = programs
        .iter()
        .find(|name| !beside_the_demo(name).is_file());
    unbuilt.map(|name| format!("`{name}` is not built; `cargo build --workspace` builds it"))
}

/// Ends it as an init system would, and expects a clean end.
async fn end(demo: &mut Demo) {
    kill_process(Pid::from_child(&demo.child), Signal::TERM).unwrap();
    let status = until("the demo's end", Patience::USUAL, async || {
        demo.child.try_wait().unwrap()
    })
    .await
    .unwrap();
    assert!(status.success(), "{status}: {}", demo.said());
}
