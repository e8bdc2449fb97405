//! The tables as a file that keeps the newest line of every row, and what people wrote around them.

use std::{collections::HashMap, fs, io, path::Path};

use super::{
    Row, Subject, Table,
    table::{HEAD, key, unmeasured},
};

/// Between these lines stands what is written here.
const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";
/// What a new file begins with.
const NEW: &str = "# Budgets, measured\n\n";

/// The new lines, by the name of their row.
pub(crate) type Lines = HashMap<&'static str, String>;

/// Puts the new lines into the file's tables; lines of rows that were not measured stay.
pub(crate) fn keep(path: &Path, subjects: &[Subject], new: &Lines) -> io::Result<()> {
    let old = fs::read_to_string(path).unwrap_or_default();
    let (before, inner, after) = split(&old);
    let tables = tables(subjects, new, inner);
    fs::write(path, format!("{before}{BEGIN}\n{tables}{END}{after}"))
}

/// What stands before, between and after the marks.
fn split(text: &str) -> (&str, &str, &str) {
    let Some((before, rest)) = text.split_once(BEGIN) else {
        return (if text.is_empty() { NEW } else { text }, "", "\n");
    };
    let (inner, after) = rest.split_once(END).unwrap_or((rest, "\n"));
    (before, inner, after)
}

/// All tables; a row's line is its new one, else the old one, else says that it was never measured.
fn tables(subjects: &[Subject], new: &Lines, old: &str) -> String {
    let table = |title| {
        let rows = subjects.iter().flat_map(|subject| subject.rows);
        let rows = rows.filter(|row| row.table.title() == title);
        let lines: Vec<String> = rows.map(|row| newest(row, new, old)).collect();
        format!("\n## {title}\n\n{HEAD}\n{}\n", lines.join("\n"))
    };
    Table::TITLES.map(table).concat()
}

fn newest(row: &Row, new: &Lines, old: &str) -> String {
    let kept = || {
        let key = key(row);
        old.lines().find(|line| line.starts_with(&key))
    };
    let line = new.get(row.name).map(String::as_str).or_else(kept);
    line.map_or_else(|| unmeasured(row, "not measured"), str::to_owned)
}
