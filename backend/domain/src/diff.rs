//! What an edit changes, line by line.

use std::{collections::HashSet, fmt};

use crate::{
    Document, MASK, Secret,
    change::{Cut, cut},
};

/// Lines that are shown around a change.
const CONTEXT: usize = 3;

/// Where the numbers of changed lines multiply to more, the changed part is shown as one: finding the shortest way takes that many steps.
const MAX_STEPS: usize = 1 << 20;

/// Stands where a secret was and another one comes.
const CHANGED: &str = "archipel:changed";

/// The difference of two documents. Its text is a unified diff without file names; secrets are masked in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    hunks: Vec<Hunk>,
}

/// Lines that change together, and some around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The first line's number in the older text, from 1.
    pub old_line: usize,
    /// The first line's number in the newer text, from 1.
    pub new_line: usize,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line of a difference, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// In both.
    Same(String),
    /// Only in the older one.
    Gone(String),
    /// Only in the newer one.
    New(String),
}

impl Document {
    /// What leads from this document to another one.
    pub fn diff(&self, newer: &Document) -> Diff {
        let (old, new) = (self.masked(), masked_after(self, newer));
        Diff::of(
            &old.lines().collect::<Vec<_>>(),
            &new.lines().collect::<Vec<_>>(),
        )
    }
}

/// The newer text with each secret masked: in another way where it is none of the older one's.
fn masked_after(older: &Document, newer: &Document) -> String {
    let (known, secrets) = (older.secrets(), newer.secrets());
    let known: HashSet<&str> = known.iter().map(Secret::source).collect();
    let values = secrets.iter().filter(|secret| secret.is_value());
    let cuts = values.map(|secret| {
        let is_kept = known.contains(secret.source());
        Cut::new(secret.place(), if is_kept { MASK } else { CHANGED })
    });
    cut(newer.text(), cuts.collect())
}

impl Diff {
    /// Whether nothing that is shown differs.
    pub fn is_empty(&self) -> bool {
        self.hunks.is_empty()
    }

    /// The changes, in the order of the text.
    pub fn hunks(&self) -> &[Hunk] {
        &self.hunks
    }

    fn of(old: &[&str], new: &[&str]) -> Diff {
        let before = common(old.iter().zip(new));
        let (old_rest, new_rest) = (from(old, before), from(new, before));
        let after = common(old_rest.iter().rev().zip(new_rest.iter().rev()));
        let mut lines = all(Line::Same, to(old, before));
        lines.extend(changed(
            to(old_rest, old_rest.len() - after),
            to(new_rest, new_rest.len() - after),
        ));
        lines.extend(all(Line::Same, from(old_rest, old_rest.len() - after)));
        Diff {
            hunks: hunks(&lines),
        }
    }
}

/// How many pairs at the beginning are of the same lines.
fn common<'l, 't: 'l>(pairs: impl Iterator<Item = (&'l &'t str, &'l &'t str)>) -> usize {
    pairs.take_while(|(one, other)| one == other).count()
}

fn from<'l, 't>(lines: &'l [&'t str], start: usize) -> &'l [&'t str] {
    lines.get(start..).unwrap_or_default()
}

fn to<'l, 't>(lines: &'l [&'t str], end: usize) -> &'l [&'t str] {
    lines.get(..end).unwrap_or_default()
}

fn all(kind: impl Fn(String) -> Line, lines: &[&str]) -> Vec<Line> {
    lines.iter().map(|line| kind((*line).to_owned())).collect()
}

/// The shortest way from some lines to others.
fn changed(old: &[&str], new: &[&str]) -> Vec<Line> {
    if old.len().saturating_mul(new.len()) > MAX_STEPS {
        let gone = all(Line::Gone, old);
        return gone.into_iter().chain(all(Line::New, new)).collect();
    }
    let kept = longest(old, new);
    let at = |i: usize, j: usize| kept.get(i * (new.len() + 1) + j).copied().unwrap_or(0);
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while let (Some(one), Some(other)) = (old.get(i), new.get(j)) {
        if one == other {
            lines.push(Line::Same((*one).to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if at(i + 1, j) >= at(i, j + 1) {
            lines.push(Line::Gone((*one).to_owned()));
            i += 1;
        } else {
            lines.push(Line::New((*other).to_owned()));
            j += 1;
        }
    }
    lines.extend(all(Line::Gone, from(old, i)));
    lines.extend(all(Line::New, from(new, j)));
    lines
}

/// For each pair of tails, in rows, how many lines they can have in common.
fn longest(old: &[&str], new: &[&str]) -> Vec<u32> {
    let width = new.len() + 1;
    let mut table = vec![0_u32; (old.len() + 1) * width];
    let at = |table: &[u32], cell: usize| table.get(cell).copied().unwrap_or(0);
    for (i, one) in old.iter().enumerate().rev() {
        for (j, other) in new.iter().enumerate().rev() {
            let cell = i * width + j;
            let best = if one == other {
                at(&table, cell + width + 1) + 1
            } else {
                at(&table, cell + width).max(at(&table, cell + 1))
            };
            if let Some(place) = table.get_mut(cell) {
                *place = best;
            }
        }
    }
    table
}

/// Changes whose surroundings touch belong together.
fn hunks(lines: &[Line]) -> Vec<Hunk> {
    let mut found: Vec<Hunk> = Vec::new();
    let (mut old_line, mut new_line) = (1, 1);
    let mut end = 0;
    for (at, line) in lines.iter().enumerate() {
        let near = at.saturating_sub(CONTEXT)..=at + CONTEXT;
        let is_shown = near
            .clone()
            .any(|near| matches!(lines.get(near), Some(Line::Gone(_) | Line::New(_))));
        if is_shown {
            match found.last_mut().filter(|_| end == at) {
                Some(hunk) => hunk.lines.push(line.clone()),
                None => found.push(Hunk {
                    old_line,
                    new_line,
                    lines: vec![line.clone()],
                }),
            }
            end = at + 1;
        }
        old_line += usize::from(!matches!(line, Line::New(_)));
        new_line += usize::from(!matches!(line, Line::Gone(_)));
    }
    found
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hunks.iter().try_for_each(|hunk| hunk.fmt(f))
    }
}

impl fmt::Display for Hunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count =
            |other: fn(&Line) -> bool| self.lines.iter().filter(|line| !other(line)).count();
        let old = count(|line| matches!(line, Line::New(_)));
        let new = count(|line| matches!(line, Line::Gone(_)));
        writeln!(f, "@@ -{},{old} +{},{new} @@", self.old_line, self.new_line)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Same(text) => write!(f, " {text}"),
            Line::Gone(text) => write!(f, "-{text}"),
            Line::New(text) => write!(f, "+{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn document(inside: &str) -> Document {
        Document::parse(format!("<domain>\n{inside}\n</domain>")).unwrap()
    }

    #[test]
    fn shows_what_changes_and_a_little_around_it() {
        let old =
            document("  <a/>\n  <b/>\n  <c/>\n  <d/>\n  <e>1</e>\n  <f/>\n  <g/>\n  <h/>\n  <i/>");
        let new = document(
            "  <a/>\n  <b/>\n  <c/>\n  <d/>\n  <e>2</e>\n  <x/>\n  <f/>\n  <g/>\n  <h/>\n  <i/>",
        );
        let shown = "@@ -3,7 +3,8 @@\n   <b/>\n   <c/>\n   <d/>\n-  <e>1</e>\n+  <e>2</e>\n+  <x/>\n   <f/>\n   <g/>\n   <h/>\n";
        assert_eq!(old.diff(&new).to_string(), shown);
        assert!(old.diff(&old).is_empty());
    }

    #[test]
    fn a_new_password_is_shown_as_new_and_not_shown() {
        let with = |password: &str| document(&format!("<graphics passwd='{password}'/>"));
        let shown = with("hunter2").diff(&with("hunter3")).to_string();
        assert!(
            shown.contains(CHANGED) && !shown.contains("hunter"),
            "{shown}"
        );
        assert!(with("hunter2").diff(&with("hunter2")).is_empty());
    }

    proptest! {
        #[test]
        fn both_texts_can_be_told_from_it(old in proptest::collection::vec("[ab]{0,2}", 0..12), new in proptest::collection::vec("[ab]{0,2}", 0..12)) {
            let (old, new): (Vec<&str>, Vec<&str>) = (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
            let lines = changed(&old, &new);
            let side = |other: fn(&Line) -> bool| lines.iter().filter(|line| !other(line)).map(|line| line.to_string().split_off(1)).collect::<Vec<_>>();
            prop_assert_eq!(side(|line| matches!(line, Line::New(_))), old);
            prop_assert_eq!(side(|line| matches!(line, Line::Gone(_))), new);
        }
    }
}
