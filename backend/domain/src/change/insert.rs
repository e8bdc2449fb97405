//! Where a new element goes.

use super::{Cut, Layout, layout::indent_of, opened, order::rank};
use crate::{Element, text::is_space, tree::Span};

/// Writes a new child of this name into an element: at its place in libvirt's order, in the document's manner.
/// `write` gets the indentation of the child's first line.
pub(crate) fn insert(
    parent: Element<'_>,
    name: &str,
    write: impl Fn(&Layout, &str) -> String,
) -> Cut {
    let layout = Layout::of(parent);
    let mine = rank(parent, name);
    let fits = |child: &Element<'_>| match (rank(parent, child.name()), mine) {
        (Some(theirs), Some(mine)) => theirs <= mine,
        (_, None) => true,
        (None, Some(_)) => false,
    };
    let children = || parent.children();
    if let Some(before) = children().filter(fits).last() {
        behind(before, |indent| write(&layout, indent))
    } else if let Some(after) = children().next() {
        ahead(after, &layout, |indent| write(&layout, indent))
    } else {
        alone(parent, &layout, |indent| write(&layout, indent))
    }
}

fn behind(before: Element<'_>, write: impl Fn(&str) -> String) -> Cut {
    let at = end_with_remark(before);
    let new = match indent_of(before) {
        Some(indent) => format!("{}{indent}{}", line_before(before), write(indent)),
        None => write(""),
    };
    Cut::new(Span { start: at, end: at }, new)
}

fn ahead(after: Element<'_>, layout: &Layout, write: impl Fn(&str) -> String) -> Cut {
    let start = after.whole().start;
    let new = match (indent_of(after), layout.line) {
        (Some(indent), Some(line)) => format!("{}{line}{indent}", write(indent)),
        _ => write(""),
    };
    Cut::new(Span { start, end: start }, new)
}

/// Into an element without elements.
fn alone(parent: Element<'_>, layout: &Layout, write: impl Fn(&str) -> String) -> Cut {
    let lines = layout.line.zip(indent_of(parent));
    let Some((line, outer)) = lines else {
        let new = write("");
        return if parent.is_closed_at_once() {
            opened(parent, &new)
        } else {
            let end = parent.inside().end;
            Cut::new(Span { start: end, end }, new)
        };
    };
    let indent = format!("{outer}{}", layout.unit);
    let new = format!("{line}{indent}{}", write(&indent));
    if parent.is_closed_at_once() {
        return opened(parent, &format!("{new}{line}{outer}"));
    }
    let Span { start, end } = parent.inside();
    let inside = parent.document_text().get(start..end).unwrap_or_default();
    let kept = start + inside.trim_end_matches(is_space).len();
    let ends_in_line = inside
        .get(kept - start..)
        .is_some_and(|tail| tail.contains('\n'));
    if ends_in_line {
        Cut::new(
            Span {
                start: kept,
                end: kept,
            },
            new,
        )
    } else {
        Cut::new(Span { start: end, end }, format!("{new}{line}{outer}"))
    }
}

/// The line break that the element's own line began with.
fn line_before(element: Element<'_>) -> &'static str {
    let before = element.document_text().get(..element.whole().start);
    let before = before.unwrap_or_default().trim_end_matches([' ', '\t']);
    if before.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    }
}

/// Behind an element and the comments that follow on its line: they are about it.
fn end_with_remark(element: Element<'_>) -> usize {
    let own_end = element.whole().end;
    let mut end = own_end;
    let pieces = element
        .parent()
        .into_iter()
        .flat_map(|parent| parent.pieces());
    for piece in pieces.skip_while(|piece| piece.place().start < own_end) {
        if piece.is_comment() {
            end = piece.place().end;
        } else if !piece
            .text()
            .is_some_and(|text| text.trim().is_empty() && !text.contains('\n'))
        {
            break;
        }
    }
    end
}
