//! Why an edit was not made.

use crate::XmlError;

/// Why an edit was not made. Nothing was changed then. Quotes at most the beginning of a value that is none, never a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Nothing of this name can be edited in such a document.
    #[error("`{name}` is no field of a <{document}>{}", suggestion(nearest.as_deref()))]
    NoField {
        /// As asked for.
        name: String,
        /// The document's outermost element.
        document: &'static str,
        /// The name that was perhaps meant.
        nearest: Option<String>,
    },
    /// A field cannot hold this.
    #[error("`{field}` cannot be `{value}`: it must be {wanted}")]
    Value {
        /// Which.
        field: String,
        /// As asked for, shortened.
        value: String,
        /// What it must be.
        wanted: String,
    },
    /// Nothing is at the path, and nothing can be made there.
    #[error("there is nothing at `{path}`")]
    Nothing {
        /// The path.
        path: String,
    },
    /// The path leads to several.
    #[error("`{path}` leads to {count} places; say which, for example `{path}[1]`")]
    Several {
        /// As far as it is clear.
        path: String,
        /// How many.
        count: usize,
    },
    /// The path does not say what should be made.
    #[error("there is nothing at `{path}`, and what should be made there is not clear: {why}")]
    Unclear {
        /// The path.
        path: String,
        /// Why.
        why: &'static str,
    },
    /// An element with elements in it has no text of its own.
    #[error("`{path}` holds elements: set one of them, or remove it and add it anew")]
    HoldsElements {
        /// The path.
        path: String,
    },
    /// Characters that XML does not know.
    #[error("the value for `{path}` holds a control character, which no document can say")]
    Unspeakable {
        /// The path.
        path: String,
    },
    /// A name's prefix that nothing declares.
    #[error("no namespace is declared for `{name}`; first `set /@xmlns:{prefix} URI`")]
    Prefix {
        /// The name.
        name: String,
        /// Its prefix.
        prefix: String,
    },
    /// A value that is a mask stands for a secret, and is none.
    #[error(
        "the value for `{path}` is the mask of a secret: give the secret itself, or leave it out"
    )]
    Mask {
        /// The path.
        path: String,
    },
    /// What should be added is not one element.
    #[error("what should be added to `{path}` is not one well-formed element")]
    NoElement {
        /// The path.
        path: String,
    },
    /// The outermost element cannot be removed.
    #[error("the outermost element stays")]
    Outermost,
    /// The text to be replaced is not there: the document is another one by now.
    #[error("the text that should be replaced at byte {at} is not there: the document has changed")]
    Changed {
        /// Where, bytes.
        at: usize,
    },
    /// Too long a list.
    #[error(
        "a list of {count} edits is too long; at most {} at once",
        super::MAX_EDITS
    )]
    TooMany {
        /// How many.
        count: usize,
    },
    /// The outcome is no document that can be read.
    #[error("the edit would break the document: {0}")]
    Breaks(#[from] XmlError),
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; anything can be set by its path, such as `/memory/@unit`".to_owned(),
        |name| format!("; did you mean `{name}`?"),
    )
}

impl EditError {
    /// A value that does not fit a field.
    pub(crate) fn value(field: &impl ToString, value: &str, wanted: impl Into<String>) -> Self {
        EditError::Value {
            field: field.to_string(),
            value: value.chars().take(40).collect(),
            wanted: wanted.into(),
        }
    }
}
