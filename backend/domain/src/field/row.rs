//! Short ways to write a row of the tables.

use super::{Field, Shape};

pub(super) const YES_NO: &[&str] = &["yes", "no"];
pub(super) const ON_OFF: &[&str] = &["on", "off"];

pub(super) const fn row(
    name: &'static str,
    path: &'static str,
    shape: Shape,
    about: &'static str,
) -> Field {
    Field {
        name,
        path,
        shape,
        about,
    }
}

pub(super) const fn text(name: &'static str, path: &'static str, about: &'static str) -> Field {
    row(name, path, Shape::Text, about)
}

pub(super) const fn flag(name: &'static str, path: &'static str, about: &'static str) -> Field {
    row(name, path, Shape::Flag, about)
}

pub(super) const fn word(
    name: &'static str,
    path: &'static str,
    words: &'static [&'static str],
    about: &'static str,
) -> Field {
    row(name, path, Shape::Word(words), about)
}

/// A whole number without an upper bound of its own.
pub(super) const fn number(
    name: &'static str,
    path: &'static str,
    least: u64,
    about: &'static str,
) -> Field {
    row(name, path, Shape::Number(least, u64::MAX), about)
}
