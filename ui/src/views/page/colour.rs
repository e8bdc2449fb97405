//! Lines of text in colours: XML, and differences line by line.

use crate::{
    theme::Role,
    widgets::pen::{Span, span},
};

/// A line of XML: names of elements apart from what is in them.
pub(super) fn xml(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        spans.push(span(Role::Text, &rest[..at]));
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        tag(&rest[at..end], &mut spans);
        rest = &rest[end..];
    }
    spans.push(span(Role::Text, rest));
    spans.retain(|span| !span.text.is_empty());
    spans
}

/// `<name key='value'/>`: the name stands out, the values are plain, the rest recedes.
fn tag(text: &str, spans: &mut Vec<Span>) {
    let name_end = text.find([' ', '>']).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(name_end);
    spans.push(span(Role::Accent, name));
    while let Some(from) = rest.find(['\'', '"']) {
        let quote = &rest[from..=from];
        let until = rest[from + 1..]
            .find(quote)
            .map_or(rest.len(), |at| from + at + 2);
        spans.push(span(Role::Dim, &rest[..from]));
        spans.push(span(Role::SeriesB, &rest[from..until]));
        rest = &rest[until..];
    }
    spans.push(span(Role::Accent, rest));
}

/// A line of a unified difference; the sign at its beginning says the same as its colour.
pub(super) fn difference(text: &str) -> Vec<Span> {
    let role = match text.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Role::Dim,
        [b'@', ..] => Role::Accent,
        [b'+', ..] => Role::Added,
        [b'-', ..] => Role::Removed,
        _ => Role::Text,
    };
    vec![span(role, text)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_lose_no_text() {
        for text in [
            "  <memory unit='KiB'>1024</memory>",
            "<a",
            "plain",
            "<a b='<",
            "",
            "<ü b=\"ü\">ü</ü>",
        ] {
            for coloured in [xml(text), difference(text)] {
                let joined: String = coloured.into_iter().map(|span| span.text).collect();
                assert_eq!(joined, text);
            }
        }
    }
}
