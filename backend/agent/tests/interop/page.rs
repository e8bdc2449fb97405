//! `docs/interop.md`, the part that is written.

use std::{fmt::Write, fs};

use crate::reasons::Row;

/// The page.
pub(crate) const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/interop.md");
const BEGIN: &str = "<!-- written by the test `interop` -->\n";
const END: &str = "<!-- up to here -->\n";

/// The page says what was found.
pub(crate) fn check(exchanges: usize, differences: usize, rows: &[Row]) {
    let known = fs::read_to_string(PAGE).unwrap();
    let (head, rest) = known.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let wanted = format!(
        "{head}{BEGIN}{}{END}{tail}",
        table(exchanges, differences, rows)
    );
    if std::env::var_os("UPDATE").is_some() {
        fs::write(PAGE, &wanted).unwrap();
    }
    let found = fs::read_to_string(PAGE).unwrap();
    assert!(
        found == wanted,
        "docs/interop.md is stale: UPDATE=1 ARCHIPEL_RECORDINGS=… cargo test -p archipel-agent --test interop"
    );
}

fn table(exchanges: usize, differences: usize, rows: &[Row]) -> String {
    let mut text = format!(
        "\nOf {exchanges} requests, {} are answered as the original answered them; {differences} are not:\n\n\
         | requests that begin with | how many | the original | the agent | why |\n| --- | --- | --- | --- | --- |\n",
        exchanges - differences
    );
    for row in rows {
        writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            row.exchanges, row.count, row.original, row.ours, row.why
        )
        .unwrap();
    }
    text.push('\n');
    text
}
