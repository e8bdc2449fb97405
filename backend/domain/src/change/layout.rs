//! How a document is laid out, so that what is new looks as if it had always been there.

use crate::Element;

/// A document's manner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// What ends a line; `None` where all stands in one.
    pub(crate) line: Option<&'static str>,
    /// One level of indentation.
    pub(crate) unit: String,
    /// Around values.
    pub(crate) quote: char,
}

impl Layout {
    /// The manner of the document that this element is in.
    pub(crate) fn of(element: Element<'_>) -> Layout {
        let root = std::iter::successors(Some(element), Element::parent)
            .last()
            .unwrap_or(element);
        let text = root.document_text();
        let indented = root.children().find_map(|child| indent_of(child));
        let in_one = indented.is_none() && root.children().next().is_some();
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let outer = indent_of(root).unwrap_or_default();
        let unit = indented.map_or("  ", |inner| inner.strip_prefix(outer).unwrap_or(inner));
        let first = root.descendants().find_map(|e| e.attributes().next());
        Layout {
            line: (!in_one).then_some(end),
            unit: unit.to_owned(),
            quote: first.map_or('\'', |attribute| attribute.quote()),
        }
    }
}

/// The white space before an element that is the first on its line.
pub(crate) fn indent_of(element: Element<'_>) -> Option<&str> {
    let start = element.whole().start;
    let before = element.document_text().get(..start)?;
    let line = before.rsplit('\n').next().unwrap_or(before);
    line.chars()
        .all(|c| matches!(c, ' ' | '\t'))
        .then_some(line)
}

/// Where the line break before a place is, if there is only white space between.
pub(crate) fn line_start(text: &str, place: usize) -> Option<usize> {
    let before = text.get(..place)?.trim_end_matches([' ', '\t']);
    let line = before.strip_suffix('\n')?;
    Some(line.strip_suffix('\r').unwrap_or(line).len())
}
