//! Making what a path names and the document lacks.

use super::EditError;
use crate::{
    Document, Element, Path,
    change::{Cut, Sprout, insert},
    path::{Filter, Plain, Step},
};

/// Writes the missing end of a path into the element where it stops, with the value in it.
pub(super) fn grow(document: &Document, path: &Path, value: &str) -> Result<Vec<Cut>, EditError> {
    let mut here = document.root();
    let mut missing = path.steps.as_slice();
    while let [step, rest @ ..] = missing {
        match step.select(here).as_slice() {
            [] => break,
            [one] => here = *one,
            several => return Err(too_many(path, missing.len(), several.len())),
        }
        missing = rest;
    }
    let mut sprout = Sprout::default();
    let tip = plant(&mut sprout, here, missing, path)?;
    match &path.attribute {
        Some(attribute) => tip.set(attribute, value),
        None => value.clone_into(&mut tip.text),
    }
    declared(here, &sprout)?;
    let child = sprout.children.first();
    let child = child.ok_or_else(|| EditError::Nothing {
        path: path.to_string(),
    })?;
    Ok(vec![insert(here, &child.name, |layout, indent| {
        child.write(layout, indent)
    })])
}

/// The path up to the step where it is no longer clear.
fn too_many(path: &Path, left: usize, count: usize) -> EditError {
    let steps = path.steps.len() - left + 1;
    let clear = Path {
        steps: path.steps.iter().take(steps).cloned().collect(),
        attribute: None,
    };
    EditError::Several {
        path: clear.to_string(),
        count,
    }
}

/// Hangs an element for each missing step under the one before; the last one.
fn plant<'s>(
    sprout: &'s mut Sprout,
    here: Element<'_>,
    missing: &[Step],
    path: &Path,
) -> Result<&'s mut Sprout, EditError> {
    let unclear = |why| EditError::Unclear {
        path: path.to_string(),
        why,
    };
    let mut tip = sprout;
    for (depth, step) in missing.iter().enumerate() {
        let name = step.name.as_deref();
        tip = tip.child(name.ok_or_else(|| unclear("`*` names no element"))?);
        let twins = if depth == 0 { same(here, step) } else { 0 };
        for filter in &step.filters {
            obey(tip, filter, twins).map_err(unclear)?;
        }
    }
    Ok(tip)
}

/// How many siblings of the name there are already.
fn same(here: Element<'_>, step: &Step) -> usize {
    let name = step.name.as_deref();
    here.children()
        .filter(|child| Some(child.name()) == name)
        .count()
}

/// Makes a new element what a filter asks for.
fn obey(sprout: &mut Sprout, filter: &Filter, twins: usize) -> Result<(), &'static str> {
    match filter {
        Filter::Position(position) if *position == twins + 1 => Ok(()),
        Filter::Position(_) => Err("a new one comes behind the last one of its name"),
        Filter::Has(_) => Err("say with `[...='value']` what it should hold"),
        Filter::Equals { at, value } => {
            hold(sprout, at, value);
            Ok(())
        }
    }
}

fn hold(sprout: &mut Sprout, at: &Plain, value: &str) {
    let tip = at.names.iter().fold(sprout, |tip, name| tip.child(name));
    match &at.attribute {
        Some(attribute) => tip.set(attribute, value),
        None => value.clone_into(&mut tip.text),
    }
}

/// Every prefix that is written must stand for a namespace.
fn declared(here: Element<'_>, sprout: &Sprout) -> Result<(), EditError> {
    let mut names: Vec<&str> = Vec::new();
    let mut left = vec![sprout];
    while let Some(one) = left.pop() {
        names.push(&one.name);
        names.extend(one.attributes.iter().map(|(name, _)| name.as_str()));
        left.extend(&one.children);
    }
    names.iter().try_for_each(|name| is_declared(here, name))
}

/// `Err` names the prefix that no element from here outwards declares.
pub(super) fn is_declared(here: Element<'_>, name: &str) -> Result<(), EditError> {
    let Some((prefix, _)) = name.split_once(':') else {
        return Ok(());
    };
    let declaration = format!("xmlns:{prefix}");
    let mut outwards = std::iter::successors(Some(here), Element::parent);
    if matches!(prefix, "xmlns" | "xml") || outwards.any(|e| e.attribute(&declaration).is_some()) {
        return Ok(());
    }
    Err(EditError::Prefix {
        name: name.to_owned(),
        prefix: prefix.to_owned(),
    })
}
