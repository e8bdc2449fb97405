//! Cutting at a text: every change is a few places that get other text, and what is around them stays.

mod insert;
mod layout;
mod order;
mod sprout;

use crate::{
    Attribute, Element,
    text::{Spot, escaped, is_space},
    tree::Span,
};

pub(crate) use insert::insert;
pub(crate) use layout::Layout;
pub(crate) use order::is_known;
pub(crate) use sprout::Sprout;

/// Puts other text in the place of a piece.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) place: Span,
    pub(crate) new: String,
}

impl Cut {
    pub(crate) fn new(place: Span, new: impl Into<String>) -> Self {
        Cut {
            place,
            new: new.into(),
        }
    }
}

/// The text after all cuts. One within another is done with it.
pub(crate) fn cut(text: &str, mut cuts: Vec<Cut>) -> String {
    cuts.sort_by_key(|cut| cut.place);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for cut in cuts {
        if cut.place.start >= done {
            out.push_str(text.get(done..cut.place.start).unwrap_or_default());
            out.push_str(&cut.new);
            done = cut.place.end;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Makes an element's text this one; comments in it stay. `None` when it holds elements.
pub(crate) fn set_text(element: Element<'_>, value: &str) -> Option<Vec<Cut>> {
    if element.children().next().is_some() {
        return None;
    }
    if element.text() == value {
        return Some(Vec::new());
    }
    let new = escaped(value, Spot::Content);
    if element.is_closed_at_once() {
        return Some(vec![opened(element, &new)]);
    }
    let pieces = element.pieces().filter(|piece| piece.text().is_some());
    let mut places: Vec<Span> = pieces.map(|piece| piece.place()).collect();
    if places.is_empty() {
        let start = element.inside().start;
        places.push(Span { start, end: start });
    }
    // The first piece becomes the text, the others go.
    let news = std::iter::once(new).chain(std::iter::repeat(String::new()));
    Some(
        places
            .into_iter()
            .zip(news)
            .map(|(place, new)| Cut::new(place, new))
            .collect(),
    )
}

/// Gives an element that is closed at once an inside and an end tag.
pub(crate) fn opened(element: Element<'_>, inside: &str) -> Cut {
    let end = element.whole().end;
    let start = end.saturating_sub("/>".len());
    Cut::new(
        Span { start, end },
        format!(">{inside}</{}>", element.name()),
    )
}

/// Makes an attribute say this; a new one comes behind the others.
pub(crate) fn set_attribute(element: Element<'_>, name: &str, value: &str) -> Vec<Cut> {
    if let Some(attribute) = element.attribute_named(name) {
        if attribute.value() == value {
            return Vec::new();
        }
        let new = escaped(value, Spot::Quoted(attribute.quote()));
        return vec![Cut::new(attribute.value_place(), new)];
    }
    let last = element.attributes().last();
    let at = last.map_or(element.name_place().end, |attribute| attribute.whole().end);
    let quote = last.map_or_else(|| Layout::of(element).quote, |last| last.quote());
    let new = format!(
        " {name}={quote}{}{quote}",
        escaped(value, Spot::Quoted(quote))
    );
    vec![Cut::new(Span { start: at, end: at }, new)]
}

/// Takes an attribute away, and the white space before it.
pub(crate) fn drop_attribute(element: Element<'_>, attribute: Attribute<'_>) -> Cut {
    let Span { start, end } = attribute.whole();
    let before = element.document_text().get(..start).unwrap_or_default();
    let start = before.trim_end_matches(is_space).len();
    Cut::new(Span { start, end }, "")
}

/// Takes an element away, and its line if it stands alone on it.
pub(crate) fn remove(element: Element<'_>) -> Cut {
    let whole = element.whole();
    let text = element.document_text();
    let after = text.get(whole.end..).unwrap_or_default();
    let blank = after
        .find(|c| !matches!(c, ' ' | '\t'))
        .unwrap_or(after.len());
    let ends_line = after
        .get(blank..)
        .is_some_and(|rest| rest.starts_with(['\n', '\r']));
    match layout::line_start(text, whole.start) {
        Some(start) if ends_line => Cut::new(
            Span {
                start,
                end: whole.end + blank,
            },
            "",
        ),
        _ => Cut::new(whole, ""),
    }
}
