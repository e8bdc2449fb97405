//! Findings as lines for a terminal: problems first, what is well last, one line that sums up.

use std::{
    env, fmt,
    fmt::Write as _,
    io::{self, IsTerminal as _},
};

use super::{Fault, Finding, Severity};

/// Columns of the text under a finding's first line.
const INDENT: usize = 4;
/// Columns of the word before an advice.
const LABEL: usize = 10;

/// Which server's lines are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Software {
    /// Prosody's.
    Prosody,
    /// ejabberd's.
    Ejabberd,
}

/// How a report is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether signs beyond ASCII may be used.
    pub unicode: bool,
    /// Columns to fill at most.
    pub width: usize,
    /// The server in use, where known: lines for the other one are left out.
    pub software: Option<Software>,
}

impl Look {
    /// As standard output and the environment allow: colours on a terminal unless `NO_COLOR` is set, signs with a locale of UTF-8.
    pub fn of_process(width: usize, software: Option<Software>) -> Self {
        let term = variable("TERM");
        let plain = !variable("NO_COLOR").is_empty() || term == "dumb";
        Self {
            colour: io::stdout().is_terminal() && !plain,
            unicode: term != "linux" && is_utf8(&locale()),
            width,
            software,
        }
    }

    /// Neither signs nor colours, 80 columns.
    pub const PLAIN: Self = Self {
        colour: false,
        unicode: false,
        width: 80,
        software: None,
    };
}

/// What the environment says about language and letters, as C programs decide it; empty where it says nothing.
pub fn locale() -> String {
    let mut values = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().map(variable);
    values.find(|value| !value.is_empty()).unwrap_or_default()
}

/// Whether a locale is one of UTF-8.
pub fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// Findings in the order in which they are told.
#[derive(Debug, Clone)]
pub struct Report {
    findings: Vec<Finding>,
    look: Look,
}

impl Report {
    /// The gravest first; among equals the order stays.
    pub fn new(mut findings: Vec<Finding>, look: Look) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Self { findings, look }
    }

    /// The findings, the gravest first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether one of them is a problem.
    pub fn has_problem(&self) -> bool {
        self.count(Severity::Problem) > 0
    }

    fn count(&self, severity: Severity) -> usize {
        let same = |finding: &&Finding| finding.severity == severity;
        self.findings.iter().filter(same).count()
    }

    /// `2 problems, 1 warning; 14 checks found all well`.
    fn summary(&self) -> String {
        let told = |severity: &Severity| match self.count(*severity) {
            0 => None,
            1 => Some(format!("1 {}", severity.word())),
            count => Some(format!("{count} {}s", severity.word())),
        };
        let [grave @ .., _] = &Severity::ALL;
        let parts: Vec<String> = grave.iter().filter_map(told).collect();
        let well = self.count(Severity::Ok);
        match parts.as_slice() {
            [] => format!("All well: {well} looked at, nothing found."),
            parts => format!("{}; {well} more looked at and well.", parts.join(", ")),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pen = Pen { look: self.look };
        let (well, faulty): (Vec<_>, Vec<_>) = self
            .findings
            .iter()
            .partition(|finding| finding.severity == Severity::Ok);
        for finding in &faulty {
            f.write_str(&pen.fault(finding))?;
            f.write_char('\n')?;
        }
        let widest = well.iter().map(|finding| finding.id.len()).max();
        for finding in &well {
            f.write_str(&pen.well(finding, widest.unwrap_or_default()))?;
        }
        if !well.is_empty() {
            f.write_char('\n')?;
        }
        f.write_str(&self.summary())
    }
}

/// Draws one finding.
#[derive(Debug, Clone, Copy)]
struct Pen {
    look: Look,
}

impl Pen {
    fn fault(self, finding: &Finding) -> String {
        let sign = self.sign(finding.severity);
        let id = self.painted(finding.id, "1");
        let mut text = format!("{sign} {id}  {}\n", self.dim(&finding.on));
        let title = finding.fault.map_or("", |fault| fault.title);
        let seen = match (title, finding.seen.as_str()) {
            (title, "") => title.to_owned(),
            ("", seen) => seen.to_owned(),
            (title, seen) => format!("{title}: {seen}"),
        };
        self.paragraph(&mut text, "", &sentence(&seen));
        if let Some(fault) = finding.fault {
            self.advice(&mut text, fault);
        }
        text
    }

    fn advice(self, text: &mut String, fault: &Fault) {
        self.paragraph(text, "why", fault.why);
        self.paragraph(text, "do", fault.todo);
        if self.look.software != Some(Software::Ejabberd) {
            self.lines(text, "Prosody", fault.prosody);
        }
        if self.look.software != Some(Software::Prosody) {
            self.lines(text, "ejabberd", fault.ejabberd);
        }
    }

    /// Words, wrapped.
    fn paragraph(self, text: &mut String, label: &str, words: &str) {
        let offset = if label.is_empty() { 0 } else { LABEL };
        let room = self.look.width.saturating_sub(INDENT + offset).max(20);
        self.labelled(text, label, wrapped(words, room));
    }

    /// Lines to copy: never wrapped.
    fn lines(self, text: &mut String, label: &str, lines: &str) {
        let lines = lines.lines().map(str::to_owned).collect();
        self.labelled(text, label, lines);
    }

    fn labelled(self, text: &mut String, label: &str, lines: Vec<String>) {
        let width = if label.is_empty() { 0 } else { LABEL };
        for (at, line) in lines.into_iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let label = self.dim(&format!("{label:<width$}"));
            let row = format!("{:INDENT$}{label}{line}", "");
            text.push_str(row.trim_end());
            text.push('\n');
        }
    }

    fn well(self, finding: &Finding, width: usize) -> String {
        let sign = self.sign(Severity::Ok);
        let said = match finding.seen.as_str() {
            "" => finding.on.clone(),
            seen => format!("{}: {seen}", finding.on),
        };
        let room = self.look.width.saturating_sub(width + 6).max(20);
        let mut lines = wrapped(&said, room).into_iter();
        let first = lines.next().unwrap_or_default();
        let mut text = format!("{sign} {:<width$}  {first}\n", finding.id);
        for line in lines {
            let _ = writeln!(text, "{:1$}{line}", "", width + 6);
        }
        text
    }

    /// Sign and, where colours are, its colour. Two columns wide.
    fn sign(self, severity: Severity) -> String {
        let (unicode, ascii, colour) = match severity {
            Severity::Problem => (" ✖", "!!", "31"),
            Severity::Warning => (" ▲", " !", "33"),
            Severity::Hint => (" ·", " -", "36"),
            Severity::Ok => (" ✔", "ok", "32"),
        };
        let sign = if self.look.unicode { unicode } else { ascii };
        self.painted(sign, colour)
    }

    fn dim(self, text: &str) -> String {
        self.painted(text, "2")
    }

    fn painted(self, text: &str, code: &str) -> String {
        if !self.look.colour || text.trim().is_empty() {
            return text.to_owned();
        }
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// With a full stop at its end.
fn sentence(text: &str) -> String {
    let closed = text.ends_with(['.', '?', '!']) || text.is_empty();
    let stop = if closed { "" } else { "." };
    format!("{text}{stop}")
}

/// Lines of at most `room` characters, broken at blanks; a longer word stays whole.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let fits = |line: &&mut String| line.chars().count() + 1 + word.chars().count() <= room;
        match lines.last_mut().filter(fits) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    static THROTTLED: Fault = Fault {
        id: "rate.throttled",
        severity: Severity::Warning,
        title: "The server slows this account down",
        why: "A host with many machines needs minutes to be in sync, and a mass action waits for the server instead of for the hosts.",
        todo: "",
        prosody: "limits = { c2s = { rate = \"1mb/s\" } }",
        ejabberd: "shaper:\n  normal: 1000000",
    };

    fn report(look: Look) -> String {
        let found = Finding::of(&THROTTLED, "dc.example", "3 kB a second");
        let well = Finding::ok("dns", "dc.example", "two servers by SRV records");
        Report::new(vec![well, found], look).to_string()
    }

    #[test]
    fn the_gravest_comes_first_and_nothing_is_wider_than_asked_for() {
        let text = report(Look::PLAIN);
        let expected = " ! rate.throttled  dc.example
    The server slows this account down: 3 kB a second.
    why       A host with many machines needs minutes to be in sync, and a mass
              action waits for the server instead of for the hosts.
    Prosody   limits = { c2s = { rate = \"1mb/s\" } }
    ejabberd  shaper:
                normal: 1000000

ok dns  dc.example: two servers by SRV records

1 warning; 1 more looked at and well.";
        assert_eq!(text, expected);
    }

    #[test]
    fn lines_for_another_server_are_left_out() {
        let look = Look {
            software: Some(Software::Ejabberd),
            ..Look::PLAIN
        };
        let text = report(look);
        assert!(
            !text.contains("Prosody") && text.contains("shaper:"),
            "{text}"
        );
    }
}
