//! The catalogue as pages of the guide.

use std::fmt::Write as _;

use super::Fault;

/// A check and what it can find, in Markdown.
pub fn chapter(id: &str, about: &str, faults: &[&Fault]) -> String {
    let mut text = format!("## {id}\n\n{about}.\n");
    for fault in faults {
        text.push_str(&section(fault));
    }
    text
}

fn section(fault: &Fault) -> String {
    let Fault { id, title, why, .. } = fault;
    let severity = fault.severity.word();
    let mut text = format!("\n### {id}\n\n*{severity}* · {title}. {why}\n");
    if !fault.todo.is_empty() {
        let _ = writeln!(text, "\n{}", fault.todo);
    }
    for (server, lines) in [("Prosody", fault.prosody), ("ejabberd", fault.ejabberd)] {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{server}:\n\n```text\n{lines}\n```");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    #[test]
    fn a_chapter_says_what_to_do_on_which_server() {
        static FAULT: Fault = Fault {
            id: "ping.missing",
            severity: Severity::Warning,
            title: "No answer",
            why: "It matters.",
            todo: "",
            prosody: "modules_enabled = { \"ping\" }",
            ejabberd: "",
        };
        let text = chapter("ping", "Whether it answers", &[&FAULT]);
        assert_eq!(
            text,
            "## ping\n\nWhether it answers.\n\n### ping.missing\n\n*warning* · No answer. It matters.\n\n\
             Prosody:\n\n```text\nmodules_enabled = { \"ping\" }\n```\n"
        );
    }
}
