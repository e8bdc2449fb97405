//! Makes what is written sound XML.

use archipel_protocol::text::valid_xml;
use minidom::{Element, Node};
use rxml::NcNameStr;

/// Most elements inside each other that are written: a refusal repeats a request, which the guard bounds.
const MAX_DEPTH: usize = 2 * crate::guard::MAX_DEPTH;

/// A stanza that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unwritable {
    #[error("its elements are nested too deep")]
    TooDeep,
    #[error("an element name is not valid XML")]
    Name,
}

/// Replaces characters that XML forbids, so that the encoder has nothing to refuse in the middle of a stanza.
pub(crate) fn seal(mut element: Element) -> Result<Element, Unwritable> {
    seal_within(&mut element, MAX_DEPTH)?;
    Ok(element)
}

fn seal_within(element: &mut Element, depth: usize) -> Result<(), Unwritable> {
    let depth = depth.checked_sub(1).ok_or(Unwritable::TooDeep)?;
    <&NcNameStr>::try_from(element.name()).map_err(|_| Unwritable::Name)?;
    element.attrs_mut().values_mut().for_each(seal_text);
    for node in element.nodes_mut() {
        match node {
            Node::Text(text) => seal_text(text),
            Node::Element(child) => seal_within(child, depth)?,
        }
    }
    Ok(())
}

fn seal_text(text: &mut String) {
    *text = valid_xml(std::mem::take(text)).into_owned();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn forbidden_characters_are_replaced_everywhere() {
        let mut child = Element::bare("b", "urn:x");
        child.append_text("a\u{1b}[31m\u{0}");
        let mut element = Element::bare("a", "urn:x");
        element.attrs_mut().insert(
            rxml::Namespace::NONE,
            rxml::xml_ncname!("n").to_owned(),
            "\u{b}".to_owned(),
        );
        element.append_child(child);
        let sealed = seal(element).unwrap();
        assert_eq!(sealed.attr("n"), Some("\u{fffd}"));
        assert_eq!(
            sealed.children().next().unwrap().text(),
            "a\u{fffd}[31m\u{fffd}"
        );
    }

    #[test]
    fn too_deep_a_stanza_is_not_written() {
        let mut element = Element::bare("a", "urn:x");
        for _ in 0..MAX_DEPTH {
            let mut outer = Element::bare("a", "urn:x");
            outer.append_child(element);
            element = outer;
        }
        assert_eq!(seal(element), Err(Unwritable::TooDeep));
    }
}
