//! The licences of everything the workspace builds on, against the ones we accept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{HashMap, HashSet};
use std::process::Command;

use serde_json::Value;

/// What may be linked into our programs without a further thought. MPL-2.0 binds the files of its own crate only.
const ACCEPTED: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

/// libvirt's binding: the agent alone links it, dynamically, and NOTICE says so.
const LINKED_BY_THE_AGENT: [&str; 2] = ["virt", "virt-sys"];

#[test]
fn every_dependency_has_an_accepted_licence() {
    let tree = Tree::read();
    let refused: Vec<String> = tree
        .packages
        .values()
        .filter(|package| !LINKED_BY_THE_AGENT.contains(&package.name.as_str()))
        .filter(|package| !is_accepted(&package.licence))
        .map(|package| format!("{}: {:?}", package.name, package.licence))
        .collect();
    assert_eq!(
        refused,
        Vec::<String>::new(),
        "choose another crate, or accept its licence here and in NOTICE"
    );
}

#[test]
fn the_operators_program_links_nothing_of_libvirt() {
    let tree = Tree::read();
    let linked = tree.linked_into("archipel");
    assert!(
        linked.contains("archipel-fleet"),
        "the walk found too little: {linked:?}"
    );
    for name in LINKED_BY_THE_AGENT {
        assert!(!linked.contains(name), "`archipel` links `{name}`");
    }
}

struct Package {
    name: String,
    licence: String,
}

/// What `cargo metadata` says.
struct Tree {
    packages: HashMap<String, Package>,
    /// The packages each one links or builds with, tests left out.
    arrows: HashMap<String, Vec<String>>,
}

impl Tree {
    fn read() -> Tree {
        let tree = cargo_metadata();
        let packages = list(&tree["packages"]).map(|package| {
            let licence = package["license"]
                .as_str()
                .unwrap_or("none stated")
                .to_owned();
            (
                text(&package["id"]),
                Package {
                    name: text(&package["name"]),
                    licence,
                },
            )
        });
        let arrows = list(&tree["resolve"]["nodes"]).map(|node| {
            let linked = list(&node["deps"]).filter(|arrow| is_linked(arrow));
            (
                text(&node["id"]),
                linked.map(|arrow| text(&arrow["pkg"])).collect(),
            )
        });
        Tree {
            packages: packages.collect(),
            arrows: arrows.collect(),
        }
    }

    /// The names of all packages that end up in `program`.
    fn linked_into(&self, program: &str) -> HashSet<&str> {
        let is_program = |id: &&String| self.packages[*id].name == program;
        let mut open: Vec<&String> = self.packages.keys().filter(is_program).collect();
        let mut seen: HashSet<&String> = HashSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(&self.arrows[id]);
            }
        }
        seen.iter()
            .map(|id| self.packages[*id].name.as_str())
            .collect()
    }
}

fn cargo_metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether an arrow is there for more than tests.
fn is_linked(arrow: &Value) -> bool {
    list(&arrow["dep_kinds"]).any(|kind| kind["kind"] != "dev")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Whether an SPDX expression leaves a way of accepted licences only. `OR` binds weaker than `AND`; old manifests write
/// `/` for `OR`.
fn is_accepted(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    if let Some((before, group, after)) = first_group(&expression) {
        let inner = if is_accepted(group) { "MIT" } else { "refused" };
        return is_accepted(&format!("{before}{inner}{after}"));
    }
    expression.split(" OR ").any(|way| {
        way.split(" AND ")
            .all(|licence| ACCEPTED.contains(&licence.trim()))
    })
}

/// The first innermost group in parentheses, with what stands around it.
fn first_group(expression: &str) -> Option<(&str, &str, &str)> {
    let end = expression.find(')')?;
    let start = expression[..end].rfind('(')?;
    Some((
        &expression[..start],
        &expression[start + 1..end],
        &expression[end + 1..],
    ))
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    for accepted in [
        "MIT",
        "MIT/Apache-2.0",
        "(MIT OR GPL-3.0) AND ISC",
        "GPL-3.0 OR Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_accepted(accepted), "{accepted}");
    }
    for refused in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT AND GPL-3.0) OR AGPL-3.0",
        "none stated",
        "",
    ] {
        assert!(!is_accepted(refused), "{refused}");
    }
}
