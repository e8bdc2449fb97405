//! The house keeps its shape: who may depend on whom, and what the operator's program must not contain.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// The arrows of docs/architecture.md: a crate may use these and whatever they reach.
const ARROWS: &[(&str, &[&str])] = &[
    ("archipel-protocol", &[]),
    ("archipel-domain", &[]),
    ("archipel-language", &["archipel-protocol"]),
    ("archipel-config", &["archipel-protocol"]),
    ("archipel-bus", &["archipel-protocol", "archipel-config"]),
    (
        "archipel-servers",
        &["archipel-protocol", "archipel-config"],
    ),
    (
        "archipel-hypervisor",
        &["archipel-protocol", "archipel-domain"],
    ),
    ("archipel-libvirt", &["archipel-hypervisor"]),
    (
        "archipel-fleet",
        &["archipel-protocol", "archipel-domain", "archipel-language"],
    ),
    (
        "archipel-ui",
        &["archipel-fleet", "archipel-language", "archipel-config"],
    ),
    (
        "archipel-operator",
        &["archipel-fleet", "archipel-bus", "archipel-config"],
    ),
    (
        "archipel-agent",
        &[
            "archipel-bus",
            "archipel-language",
            "archipel-hypervisor",
            "archipel-domain",
            "archipel-config",
            "archipel-libvirt",
        ],
    ),
    (
        "archipel",
        &["archipel-operator", "archipel-ui", "archipel-servers"],
    ),
    (
        "archipel-fuzz",
        &["archipel-bus", "archipel-domain", "archipel-language"],
    ),
];

/// Crates without input and output: nothing of an asynchronous runtime, a socket, TLS, a database or libvirt may be in reach.
const PURE: &[&str] = &[
    "archipel-protocol",
    "archipel-domain",
    "archipel-language",
    "archipel-fleet",
];
const IMPURE: &[&str] = &[
    "tokio", "mio", "socket2", "rustls", "rusqlite", "virt", "virt-sys",
];

struct Tree {
    /// Package id to name.
    names: BTreeMap<String, String>,
    /// Package id to the ids of its normal and build dependencies.
    edges: BTreeMap<String, Vec<String>>,
}

impl Tree {
    fn read() -> Self {
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version",
                "1",
                "--locked",
                "--manifest-path",
            ])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .output()
            .expect("cargo runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let packages = metadata["packages"].as_array().expect("packages");
        let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
        Self {
            names: packages
                .iter()
                .map(|package| (text(&package["id"]), text(&package["name"])))
                .collect(),
            edges: nodes
                .iter()
                .map(|node| (text(&node["id"]), normal_dependencies(node)))
                .collect(),
        }
    }

    fn id(&self, name: &str) -> &str {
        let found = self.names.iter().find(|(_, own)| *own == name);
        found.unwrap_or_else(|| panic!("no crate {name}")).0
    }

    fn direct(&self, name: &str) -> BTreeSet<&str> {
        self.edges[self.id(name)]
            .iter()
            .map(|id| self.names[id].as_str())
            .collect()
    }

    fn reached(&self, name: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![self.id(name)];
        while let Some(id) = waiting.pop() {
            for next in &self.edges[id] {
                if seen.insert(self.names[next].as_str()) {
                    waiting.push(next);
                }
            }
        }
        seen
    }
}

fn normal_dependencies(node: &Value) -> Vec<String> {
    let kinds = |dependency: &Value| dependency["dep_kinds"].as_array().expect("kinds").clone();
    let counts = |dependency: &&Value| kinds(dependency).iter().any(|kind| kind["kind"] != "dev");
    let dependencies = node["deps"]
        .as_array()
        .expect("dependencies")
        .iter()
        .filter(counts);
    dependencies
        .map(|dependency| dependency["pkg"].as_str().expect("an id").to_owned())
        .collect()
}

/// Everything that the arrows of `name` reach.
fn allowed(name: &str) -> BTreeSet<&'static str> {
    let arrows = ARROWS
        .iter()
        .find(|(own, _)| *own == name)
        .map_or(&[][..], |(_, arrows)| arrows);
    arrows
        .iter()
        .flat_map(|arrow| allowed(arrow).into_iter().chain([*arrow]))
        .collect()
}

#[test]
fn no_crate_depends_against_the_arrows() {
    let tree = Tree::read();
    for (name, _) in ARROWS {
        let ours: BTreeSet<&str> = tree
            .direct(name)
            .into_iter()
            .filter(|dependency| dependency.starts_with("archipel") && dependency != name)
            .collect();
        let allowed = allowed(name);
        let forbidden: Vec<_> = ours.difference(&allowed).collect();
        assert!(
            forbidden.is_empty(),
            "{name} must not depend on {forbidden:?}; see docs/architecture.md"
        );
    }
}

#[test]
fn every_crate_of_the_house_has_its_arrows_drawn() {
    let tree = Tree::read();
    let drawn: BTreeSet<&str> = ARROWS
        .iter()
        .map(|(name, _)| *name)
        .chain(["archipel-lab"])
        .collect();
    let there: BTreeSet<&str> = tree
        .names
        .values()
        .map(String::as_str)
        .filter(|name| *name == "archipel" || name.starts_with("archipel-"))
        .collect();
    assert_eq!(there, drawn);
}

#[test]
fn the_operators_program_contains_no_libvirt() {
    let tree = Tree::read();
    let reached = tree.reached("archipel");
    for forbidden in [
        "virt",
        "virt-sys",
        "archipel-libvirt",
        "archipel-hypervisor",
        "archipel-agent",
        "archipel-lab",
    ] {
        assert!(
            !reached.contains(forbidden),
            "archipel must build where libvirt is not installed, but it reaches {forbidden}"
        );
    }
}

/// The names of all crates that `name` needs when it is built alone: together with others it gets their features.
fn needed_alone(name: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION")
        .args([
            "tree", "--locked", "-e", "normal", "--prefix", "none", "-p", name,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_pure_crates_do_no_input_or_output() {
    for name in PURE {
        let needed = needed_alone(name);
        let found: Vec<_> = IMPURE
            .iter()
            .filter(|crate_name| needed.contains(**crate_name))
            .collect();
        assert!(
            found.is_empty(),
            "{name} must do no input or output, but it needs {found:?}"
        );
    }
}

/// What clippy refuses in a crate without input and output, it refuses in all of them: files, sockets, processes, threads, the
/// environment and clocks of the standard library.
#[test]
fn the_pure_crates_are_linted_for_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/backend");
    let rules = |name: &str| std::fs::read_to_string(format!("{folder}/{name}/clippy.toml"));
    let wanted = rules("domain").expect("the rules of `domain`");
    for module in ["fs", "net", "process", "thread", "env", "time"] {
        assert!(wanted.contains(&format!("\"std::{module}::")), "{module}");
    }
    for name in PURE {
        let found = rules(name.trim_start_matches("archipel-"));
        assert_eq!(found.ok().as_ref(), Some(&wanted), "{name}");
    }
}

#[test]
fn libvirt_is_named_in_the_agents_program_alone() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/backend/agent/src");
    let found = Command::new("grep")
        .args(["-rl", "archipel_libvirt", folder])
        .output()
        .expect("grep runs");
    let files = String::from_utf8(found.stdout).expect("paths are text");
    assert_eq!(
        files.lines().collect::<Vec<_>>(),
        [format!("{folder}/main.rs")]
    );
}
