//! The path to an element that is at hand.

use super::{Filter, Path, Step};
use crate::Element;

/// Names, and a position wherever a sibling has the same name.
pub(super) fn of(element: &Element<'_>) -> Path {
    let mut steps = Vec::new();
    let mut here = *element;
    while let Some(parent) = here.parent() {
        steps.push(step(here, parent));
        here = parent;
    }
    steps.reverse();
    Path {
        steps,
        attribute: None,
    }
}

fn step(element: Element<'_>, parent: Element<'_>) -> Step {
    let twins: Vec<Element<'_>> = parent.all(element.name()).collect();
    let position = twins.iter().position(|twin| *twin == element);
    let position = position.filter(|_| twins.len() > 1);
    Step {
        name: Some(element.name().to_owned()),
        filters: position
            .map(|at| Filter::Position(at + 1))
            .into_iter()
            .collect(),
    }
}
