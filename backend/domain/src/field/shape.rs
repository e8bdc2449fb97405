//! What a field holds, and how it is written.

use std::ops::RangeInclusive;

use super::{Amount, FieldName, of_element};
use crate::{
    Document, Edit, EditError, Path,
    edit::Target,
    path::{Filter, Place},
};

/// What a field holds. Reading gives the spelling that writing takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number within these bounds.
    Number(u64, u64),
    /// An amount of memory or storage beside a `unit`; the unit where none stands.
    Amount(&'static str),
    /// `on` when the element is there, else `off`.
    Flag,
    /// Words in an order, separated by commas: the same attribute of elements in a row.
    Words(&'static [&'static str]),
    /// `sockets x dies x cores x threads`, such as `2x1x4x1`; without dies `2x4x1`.
    Topology,
    /// Processors at start: `current` beside the most that are possible.
    Vcpus,
}

impl Shape {
    /// What it must be, for people.
    pub fn wanted(&self) -> String {
        match self {
            Shape::Text => "a text".to_owned(),
            Shape::Word(words) => format!("one of {}", words.join(", ")),
            Shape::Number(least, most) => match *most {
                u64::MAX => format!("a whole number from {least}"),
                most => format!("a whole number from {least} to {most}"),
            },
            Shape::Amount(_) => "an amount such as 8GiB or 512MiB".to_owned(),
            Shape::Flag => "on or off".to_owned(),
            Shape::Words(words) => format!("some of {}, separated by commas", words.join(", ")),
            Shape::Topology => "sockets x cores x threads, such as 2x4x1".to_owned(),
            Shape::Vcpus => "a number of processors, at most max-vcpus".to_owned(),
        }
    }

    pub(super) fn read(
        &self,
        document: &Document,
        name: &FieldName,
        path: &Path,
    ) -> Result<Option<String>, EditError> {
        let Some(place) = only(document, path, *self)? else {
            return Ok(matches!(self, Shape::Flag).then(|| "off".to_owned()));
        };
        let value = place.value();
        let read = match self {
            Shape::Text => Some(value.clone()),
            Shape::Word(_) => Some(value.trim().to_owned()),
            Shape::Number(..) => number(&value, 0..=u64::MAX).map(|number| number.to_string()),
            Shape::Amount(unit) => amount(place, unit).map(|amount| amount.to_string()),
            Shape::Flag => Some("on".to_owned()),
            Shape::Words(_) => Some(values(document, path).join(",")),
            Shape::Topology => topology(place),
            Shape::Vcpus => vcpus(place).map(|(now, _)| now.to_string()),
        };
        let wrong = || EditError::value(name, &value, self.wanted());
        read.map(Some).ok_or_else(wrong)
    }

    pub(super) fn setting(
        &self,
        document: &Document,
        name: &FieldName,
        path: &Path,
        value: &str,
    ) -> Result<Vec<Edit>, EditError> {
        let one = |value: &str| vec![Edit::set(path.clone(), value)];
        let edits = match self {
            Shape::Text => Some(one(value)),
            Shape::Word(words) => words.contains(&value).then(|| one(value)),
            Shape::Number(least, most) => {
                number(value, *least..=*most).map(|number| renumber(document, path, number))
            }
            Shape::Amount(unit) => value
                .parse()
                .ok()
                .map(|amount| set_amount(document, path, amount, unit)),
            Shape::Flag => set_flag(document, path, value),
            Shape::Words(words) => set_words(document, path, words, value),
            Shape::Topology => set_topology(document, path, value),
            Shape::Vcpus => set_vcpus(document, path, value),
        };
        edits.ok_or_else(|| EditError::value(name, value, self.wanted()))
    }

    pub(super) fn unsetting(&self, document: &Document, path: Path) -> Vec<Edit> {
        match self {
            Shape::Words(_) => shortened(document, &path, 0),
            Shape::Vcpus => vec![unset(beside(&path, "current"))],
            _ => vec![unset(path)],
        }
    }
}

/// What is at the path; several are refused where the field is one thing.
fn only<'d>(
    document: &'d Document,
    path: &Path,
    shape: Shape,
) -> Result<Option<Place<'d>>, EditError> {
    let found: Vec<Place<'d>> = path.places(document.root()).collect();
    if found.len() > 1 && !matches!(shape, Shape::Words(_)) {
        let (path, count) = (path.to_string(), found.len());
        return Err(EditError::Several { path, count });
    }
    Ok(found.first().copied())
}

fn unset(path: Path) -> Edit {
    Edit::Unset {
        target: Target::Path(path),
    }
}

/// The attribute of the element at a path.
fn beside(path: &Path, attribute: &str) -> Path {
    Path {
        steps: path.steps.clone(),
        attribute: Some(attribute.to_owned()),
    }
}

fn number(text: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
    let text = text.trim();
    let sound = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = sound.then(|| text.parse().ok()).flatten();
    number.filter(|number| bounds.contains(number))
}

/// Leaves another spelling of the same number alone.
fn renumber(document: &Document, path: &Path, value: u64) -> Vec<Edit> {
    let held = document
        .get(path)
        .and_then(|text| number(&text, 0..=u64::MAX));
    if held == Some(value) {
        return Vec::new();
    }
    vec![Edit::set(path.clone(), value.to_string())]
}

fn amount(place: Place<'_>, unit: &str) -> Option<Amount> {
    let Place::Element(element) = place else {
        return Amount::written(&place.value(), unit);
    };
    of_element(element, unit)
}

/// In the unit that stands there, if it can say the amount; else in one that can.
fn set_amount(document: &Document, path: &Path, new: Amount, default: &str) -> Vec<Edit> {
    let place = path.places(document.root()).next();
    if place.and_then(|place| amount(place, default)) == Some(new) {
        return Vec::new();
    }
    let stated = document.get(&beside(path, "unit"));
    let unit = stated.as_deref().or(place.is_some().then_some(default));
    if let Some(number) = unit.and_then(|unit| new.in_unit(unit)) {
        return vec![Edit::set(path.clone(), number.to_string())];
    }
    let (unit, number) = ["KiB", "bytes"]
        .iter()
        .find_map(|unit| new.in_unit(unit).map(|number| (*unit, number)))
        .unwrap_or(("bytes", new.bytes));
    vec![
        Edit::set(path.clone(), number.to_string()),
        Edit::set(beside(path, "unit"), unit),
    ]
}

fn set_flag(document: &Document, path: &Path, value: &str) -> Option<Vec<Edit>> {
    let there = path.places(document.root()).next().is_some();
    match (value, there) {
        ("on", false) => Some(vec![Edit::set(path.clone(), "")]),
        ("off", true) => Some(vec![unset(path.clone())]),
        ("on" | "off", _) => Some(Vec::new()),
        _ => None,
    }
}

fn values(document: &Document, path: &Path) -> Vec<String> {
    document.all(path).map(|place| place.value()).collect()
}

/// The path of the element at a position (from 1) of a row.
fn nth(path: &Path, position: usize) -> Path {
    let mut nth = path.clone();
    if let Some(step) = nth.steps.last_mut() {
        step.filters.push(Filter::Position(position));
    }
    nth
}

/// Takes away what is in a row beyond a number of elements, last first.
fn shortened(document: &Document, path: &Path, keep: usize) -> Vec<Edit> {
    let there = values(document, path).len();
    let gone = (keep + 1..=there).rev();
    gone.map(|position| {
        let mut path = nth(path, position);
        path.attribute = None;
        Edit::Remove { path }
    })
    .collect()
}

fn set_words(document: &Document, path: &Path, words: &[&str], value: &str) -> Option<Vec<Edit>> {
    let wanted: Vec<&str> = value.split(',').map(str::trim).collect();
    if !wanted.iter().all(|word| words.contains(word)) {
        return None;
    }
    let numbered = wanted.iter().enumerate();
    let sets = numbered.map(|(at, word)| Edit::set(nth(path, at + 1), *word));
    Some(
        sets.chain(shortened(document, path, wanted.len()))
            .collect(),
    )
}

const TOPOLOGY: [&str; 4] = ["sockets", "dies", "cores", "threads"];

fn topology(place: Place<'_>) -> Option<String> {
    let Place::Element(element) = place else {
        return None;
    };
    let parts = TOPOLOGY.iter().filter_map(|name| element.attribute(name));
    let parts: Vec<String> = parts.map(|part| part.trim().to_owned()).collect();
    let sound = (3..=4).contains(&parts.len())
        && parts
            .iter()
            .all(|part| number(part, 1..=u64::MAX).is_some());
    sound.then(|| parts.join("x"))
}

fn set_topology(document: &Document, path: &Path, value: &str) -> Option<Vec<Edit>> {
    let parts: Option<Vec<u64>> = value
        .split('x')
        .map(|part| number(part, 1..=65_535))
        .collect();
    let parts = parts?;
    let names: &[&str] = match parts.len() {
        3 => &["sockets", "cores", "threads"],
        4 => &TOPOLOGY,
        _ => return None,
    };
    let sets = names
        .iter()
        .zip(&parts)
        .flat_map(|(name, part)| renumber(document, &beside(path, name), *part));
    let dies = (parts.len() == 3).then(|| unset(beside(path, "dies")));
    Some(sets.chain(dies).collect())
}

/// Processors at start and at most.
fn vcpus(place: Place<'_>) -> Option<(u64, u64)> {
    let Place::Element(element) = place else {
        return None;
    };
    let most = number(&element.text(), 1..=u64::MAX)?;
    let now = element
        .attribute("current")
        .map_or(Some(most), |now| number(&now, 1..=most))?;
    Some((now, most))
}

fn set_vcpus(document: &Document, path: &Path, value: &str) -> Option<Vec<Edit>> {
    let Some(place) = path.places(document.root()).next() else {
        let number = number(value, 1..=65_535)?;
        return Some(vec![Edit::set(path.clone(), number.to_string())]);
    };
    let (now, most) = vcpus(place)?;
    let wanted = number(value, 1..=most)?;
    if wanted == now {
        return Some(Vec::new());
    }
    Some(vec![Edit::set(beside(path, "current"), wanted.to_string())])
}
