//! Lines of the agent's log.

use minidom::Element;
use rxml::NcNameStr;

use crate::{
    ns,
    table::{Codec, Loose, Whole, record},
    xml::{Build, ParseError},
};

record! {
    /// A line of the agent's log in the answer to [`Action::Logs`](super::Action::Logs).
    #[derive(Eq)]
    pub struct LogLine = "log" in ns::HEALTH {
        /// `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`.
        level: String = "level" via Uncoloured,
        /// When: the agent's local time without a zone in the original, UTC here.
        date: String = "date" via Loose,
        /// Empty from an original.
        file: String = "file" via Loose,
        /// Empty from an original.
        method: String = "method" via Loose,
        /// The whole line.
        text: String = "log" via Uncoloured,
    }
}

/// Text in which the original leaves the remains of colour codes: `[32m` without its escape character.
struct Uncoloured;

impl Codec<String> for Uncoloured {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<String, ParseError> {
        let text = if element.name() == name.as_str() {
            Whole::read(element, name)?
        } else {
            Loose::read(element, name)?
        };
        Ok(uncoloured(&text))
    }

    fn write(value: &String, name: &'static NcNameStr, build: Build) -> Build {
        if build.is(name.as_str()) {
            build.text(value)
        } else {
            build.attr(name.to_owned(), value)
        }
    }
}

fn uncoloured(text: &str) -> String {
    let mut parts = text.split('[');
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = |end: &usize| part[..*end].chars().all(|c| c.is_ascii_digit() || c == ';');
        if let Some(end) = part.find('m').filter(digits) {
            clean.push_str(&part[end + 1..]);
        } else {
            clean.push('[');
            clean.push_str(part);
        }
    }
    clean.replace('\u{1b}', "").trim().to_owned()
}

/// A line of the agent's log in the answer to [`Action::Logs`](super::Action::Logs).
pub fn log_element(level: &str, date: &str, line: &str) -> Element {
    let line = LogLine {
        level: level.to_owned(),
        date: date.to_owned(),
        file: String::new(),
        method: String::new(),
        text: line.to_owned(),
    };
    line.to_element()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerates_the_remains_of_colour_codes() {
        assert_eq!(uncoloured("[33mWARNING [0m"), "WARNING");
        assert_eq!(uncoloured("\u{1b}[1;32mINFO[m [x] [3"), "INFO [x] [3");
    }
}
