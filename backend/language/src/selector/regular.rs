//! Regular expressions: searched in time linear in the text, of bounded size.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// No compiled expression takes more, in bytes; nor does its cache while it searches.
const SIZE_LIMIT: usize = 256 * 1_024;
/// No expression nests deeper.
const NEST_LIMIT: u32 = 32;

/// A regular expression, as written.
#[derive(Debug, Clone)]
pub(super) struct Regular(Regex);

impl Regular {
    /// Capitals make no difference, unless it says `(?-i)`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(text)
            .case_insensitive(true)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(SIZE_LIMIT)
            .nest_limit(NEST_LIMIT)
            .build();
        built.map(Self).map_err(|error| reason(&error))
    }

    /// Whether it is found in `text`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// The last line of the library's message says why; those before it draw the text again.
fn reason(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(limit) = error {
        return format!("it would take more than {limit} bytes");
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

impl PartialEq for Regular {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl fmt::Display for Regular {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.0.as_str().replace('/', "\\/"))
    }
}
