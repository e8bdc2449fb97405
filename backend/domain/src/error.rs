//! Why a document was not read.

use crate::tree::{MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENT_ATTRIBUTES, MAX_NODES};

/// Why a document was not read. Never quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Longer than [`MAX_BYTES`].
    #[error("the document is {bytes} bytes long; at most {MAX_BYTES} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Elements within elements beyond [`MAX_DEPTH`].
    #[error("the document nests more than {MAX_DEPTH} elements")]
    TooDeep,
    /// More than [`MAX_NODES`] nodes or [`MAX_ATTRIBUTES`] attributes, or an element with more than [`MAX_ELEMENT_ATTRIBUTES`].
    #[error(
        "the document has more than {MAX_NODES} nodes, {MAX_ATTRIBUTES} attributes, or {MAX_ELEMENT_ATTRIBUTES} attributes of one element"
    )]
    TooMany,
    /// Not well-formed, or with a document type.
    #[error("the document is no well-formed XML: look at line {line}, column {column}")]
    Malformed {
        /// From 1.
        line: u32,
        /// From 1, in characters.
        column: u32,
    },
    /// Another document than the one that was asked for.
    #[error("the document is not the expected one: its outermost element is not <{0}>")]
    Unexpected(&'static str),
    /// None of the documents that are known here.
    #[error(
        "the document is unknown: its outermost element is none of <domain>, <network>, <filter>, <pool>, <volume>, <domainsnapshot>"
    )]
    Unknown,
    /// An element without which libvirt takes no definition.
    #[error("the definition has no <{0}>")]
    Missing(&'static str),
    /// An element that does not hold what it must.
    #[error("the definition's <{element}> is not {wanted}")]
    Invalid {
        /// Which.
        element: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
}

impl XmlError {
    /// The place in words: the byte `at` of the text.
    pub(crate) fn malformed(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count();
        let column = before.chars().rev().take_while(|c| *c != '\n').count();
        let place = |number: usize| u32::try_from(number).map_or(u32::MAX, |n| n.saturating_add(1));
        XmlError::Malformed {
            line: place(line),
            column: place(column),
        }
    }
}
