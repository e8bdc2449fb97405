//! Edits and the document that they change: the lines up to the first that begins with `<`, then the document.

use archipel_domain::{Document, Edit, MAX_EDITS};

pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (lines, document) = parts(text);
    let edits: Vec<Edit> = lines.lines().take(MAX_EDITS).filter_map(edit).collect();
    if let Ok(document) = Document::parse(document) {
        change(&document, &edits);
    }
}

fn parts(text: &str) -> (&str, &str) {
    let at = if text.starts_with('<') {
        0
    } else {
        text.find("\n<").map_or(text.len(), |at| at + 1)
    };
    text.split_at(at)
}

/// An edit that is understood is written so that it is understood the same.
fn edit(line: &str) -> Option<Edit> {
    let edit: Edit = line.parse().ok()?;
    let again = edit.to_string().parse();
    assert!(again.as_ref() == Ok(&edit), "{edit}");
    Some(edit)
}

/// What is undone is as it was.
fn change(document: &Document, edits: &[Edit]) {
    let Ok(edited) = document.edited(edits) else {
        return;
    };
    let changed = edited.document;
    let read = Document::parse(changed.text()).expect("an edited document is a document");
    assert!(read == changed, "it is read as it was built");
    let undone = changed
        .edited(&edited.undo)
        .expect("what was done can be undone");
    assert_eq!(undone.document.text(), document.text());
    let _ = document.diff(&changed).to_string();
}
