//! Every defect of the original that we know of has a test, or a line that says why it cannot occur.

use std::{collections::BTreeSet, fs, path::Path};

use crate::page::PAGE;

/// The groups of the list, and how many each has.
const GROUPS: &[(char, usize)] = &[('A', 21), ('B', 21), ('C', 22), ('D', 12), ('E', 9)];

struct Row {
    id: String,
    behaviour: String,
    tests: Vec<String>,
}

fn rows() -> Vec<Row> {
    let page = fs::read_to_string(PAGE).unwrap();
    let lines = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = lines.map(|line| line.split(" | ").collect::<Vec<_>>());
    cells
        .filter(|cells| cells.len() == 4 && is_id(cells[0]))
        .map(|cells| Row {
            id: cells[0].to_owned(),
            behaviour: cells[2].to_owned(),
            tests: cells[3]
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect(),
        })
        .collect()
}

fn is_id(cell: &str) -> bool {
    let mut letters = cell.chars();
    letters
        .next()
        .is_some_and(|first| GROUPS.iter().any(|(group, _)| *group == first))
        && letters.all(|c| c.is_ascii_digit())
}

#[test]
fn every_defect_has_a_line() {
    let found: Vec<String> = rows().into_iter().map(|row| row.id).collect();
    let wanted = GROUPS
        .iter()
        .flat_map(|(group, count)| (1..=*count).map(move |number| format!("{group}{number}")));
    assert_eq!(found, wanted.collect::<Vec<_>>());
}

#[test]
fn every_line_names_tests_that_there_are_or_says_why_there_is_none() {
    let tests = tests();
    for row in rows() {
        for test in &row.tests {
            assert!(tests.contains(test), "{}: no test `{test}`", row.id);
        }
        let explained = ["Cannot occur: ", "Kept: "]
            .iter()
            .any(|word| row.behaviour.starts_with(word));
        assert!(!row.tests.is_empty() || explained, "{} has neither", row.id);
    }
}

/// The names of all tests of the workspace.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut names = BTreeSet::new();
    for folder in ["backend", "src", "tests", "ui"] {
        collect(&root.join(folder), &mut names);
    }
    names
}

fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
        } else if path.extension().is_some_and(|end| end == "rs") {
            names.extend(marked(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The functions after `#[test]` and its like.
fn marked(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_marked = false;
    for line in text.lines().map(str::trim_start) {
        is_marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let name = line.trim_start_matches("async ").strip_prefix("fn ");
        if let Some(name) = name.filter(|_| is_marked) {
            names.push(name.split('(').next().unwrap().to_owned());
            is_marked = false;
        }
    }
    names
}
