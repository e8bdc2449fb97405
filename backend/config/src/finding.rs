//! What is wrong with a set-up: the words of `archipel doctor` and `archipel-agent check`.
//!
//! A [`Fault`] is a row of the catalogue: something that can be wrong, why it matters, and what to do. A [`Finding`] is what a check
//! saw on one subject: a fault, or that all is well. A [`Report`] puts findings into lines for a terminal.

mod chapter;
mod report;

use archipel_protocol::text::{clean_block, clean_line};

pub use chapter::chapter;
pub use report::{Look, Report, Software, is_utf8, locale};

/// The longest subject, in characters.
const SUBJECT_LIMIT: usize = 80;
/// The longest text of what was seen, in bytes.
const SEEN_LIMIT: usize = 2_000;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// All is well.
    Ok,
    /// Something could be better, or something optional is not there.
    Hint,
    /// It works, and will hurt some day.
    Warning,
    /// It does not work, or is not safe.
    Problem,
}

impl Severity {
    /// All of them, the gravest first.
    pub const ALL: [Self; 4] = [Self::Problem, Self::Warning, Self::Hint, Self::Ok];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// Something that can be wrong: a row of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The check that finds it, a dot, and its own word: `certificate.expired`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do on our side, or on any server; may be empty.
    pub todo: &'static str,
    /// Lines for Prosody's configuration, or a command; may be empty.
    pub prosody: &'static str,
    /// Lines for ejabberd's configuration, or a command; may be empty.
    pub ejabberd: &'static str,
}

/// What a check saw on one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Of the fault, or of the check where all is well.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about: a server, a file, a hypervisor.
    pub on: String,
    /// What was seen.
    pub seen: String,
    /// The row of the catalogue; none where all is well.
    pub fault: Option<&'static Fault>,
}

impl Finding {
    /// All is well with `on` as far as the check `id` goes.
    pub fn ok(id: &'static str, on: impl AsRef<str>, seen: impl AsRef<str>) -> Self {
        Self {
            id,
            severity: Severity::Ok,
            on: clean_line(on.as_ref(), SUBJECT_LIMIT),
            seen: clean(seen.as_ref()),
            fault: None,
        }
    }

    /// The fault was found on `on`. Texts may come from anywhere: what could disturb a terminal is taken out.
    pub fn of(fault: &'static Fault, on: impl AsRef<str>, seen: impl AsRef<str>) -> Self {
        Self {
            id: fault.id,
            severity: fault.severity,
            fault: Some(fault),
            ..Self::ok(fault.id, on, seen)
        }
    }

    /// Whether it is the one asked for: by its own id or by that of its check.
    pub fn is(&self, wanted: &str) -> bool {
        let rest = self.id.strip_prefix(wanted);
        let asked = wanted.split('.').next().unwrap_or_default();
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) || self.id == asked
    }
}

/// One paragraph: line breaks become blanks.
fn clean(text: &str) -> String {
    let text = clean_block(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    clean_line(&words.join(" "), SEEN_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    static EXPIRED: Fault = Fault {
        id: "certificate.expired",
        severity: Severity::Problem,
        title: "It has expired",
        why: "",
        todo: "",
        prosody: "",
        ejabberd: "",
    };

    #[test]
    fn a_finding_is_asked_for_by_its_id_or_its_check() {
        let expired = Finding::of(&EXPIRED, "dc.example", "");
        assert!(expired.is("certificate") && expired.is("certificate.expired"));
        assert!(!expired.is("cert") && !expired.is("certificate.due") && !expired.is("clock"));
        // That all is well answers the question for each of its faults.
        assert!(Finding::ok("certificate", "dc.example", "").is("certificate.due"));
    }

    #[test]
    fn the_texts_of_others_are_harmless() {
        let found = Finding::of(&EXPIRED, "dc\u{1b}[2J", "so\n\u{7}\u{202e}far");
        assert_eq!(
            (found.on.as_str(), found.seen.as_str()),
            ("dc[2J", "so far")
        );
    }
}
