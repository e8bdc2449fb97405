//! What the terminal can do, as far as the screen needs it.

mod ask;

use std::{
    env,
    io::{self, IsTerminal as _},
    time::Duration,
};

use archipel_config::finding::{Fault, Finding, Severity, is_utf8, locale};
use archipel_operator::doctor::Check;

use super::super::console::is_interactive;

/// Checks of the terminal.
pub(super) static CHECKS: &[&Check<Terminal>] = &[&CHECK];

static CHECK: Check<Terminal> = Check {
    id: "terminal",
    about: "Whether the terminal can show the screen: signs, colours, size, whole frames",
    deadline: Duration::from_secs(5),
    alone: false,
    faults: &[&DUMB, &CONSOLE, &NO_UTF8, &FEW_COLOURS, &SMALL, &TEARS],
    run: |terminal| Box::pin(std::future::ready(run(terminal))),
};

static DUMB: Fault = Fault {
    id: "terminal.dumb",
    severity: Severity::Warning,
    title: "This terminal cannot show the screen",
    why: "It cannot move its cursor, or does not say what it is. The commands of the shell work.",
    todo: "Set TERM to what the terminal is, such as xterm-256color; ssh and tmux hand it on by themselves.",
    prosody: "",
    ejabberd: "",
};

static CONSOLE: Fault = Fault {
    id: "terminal.console",
    severity: Severity::Hint,
    title: "This is the Linux console",
    why: "It has 16 colours and lacks most signs: charts are drawn with ASCII.",
    todo: "Nothing has to be done; ssh from a terminal window shows more.",
    prosody: "",
    ejabberd: "",
};

static NO_UTF8: Fault = Fault {
    id: "terminal.no-utf-8",
    severity: Severity::Hint,
    title: "The locale is not UTF-8",
    why: "Signs and charts are drawn with ASCII, and names with other letters may show as question marks.",
    todo: "Set LANG=C.UTF-8 or one like it; if the terminal can show it all the same: glyphs = \"unicode\" in the profile.",
    prosody: "",
    ejabberd: "",
};

static FEW_COLOURS: Fault = Fault {
    id: "terminal.few-colours",
    severity: Severity::Hint,
    title: "The terminal announces fewer than 256 colours",
    why: "The themes are reduced to what is there; states stay told apart by sign and word.",
    todo: "Set TERM=xterm-256color (in tmux: set -g default-terminal tmux-256color), or theme = \"mono\" in the profile.",
    prosody: "",
    ejabberd: "",
};

static SMALL: Fault = Fault {
    id: "terminal.small",
    severity: Severity::Warning,
    title: "The terminal is smaller than 80 columns and 24 lines",
    why: "Columns and hints are left out.",
    todo: "Make the window larger, or the font smaller.",
    prosody: "",
    ejabberd: "",
};

static TEARS: Fault = Fault {
    id: "terminal.tears",
    severity: Severity::Hint,
    title: "The terminal does not show whole frames at once",
    why: "It lacks synchronized updates: over a slow line a change may be seen half drawn for a moment.",
    todo: "Nothing has to be done; newer terminals, and tmux from 3.4 on, have them.",
    prosody: "",
    ejabberd: "",
};

/// What the terminal says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Terminal {
    term: String,
    colours: String,
    locale: String,
    /// Columns and lines, where there is a terminal.
    size: Option<(u16, u16)>,
    /// Whether frames can be shown whole, where it was asked and answered.
    whole_frames: Option<bool>,
}

impl Terminal {
    pub(super) fn of_process() -> Self {
        let interactive = is_interactive() && io::stdout().is_terminal();
        Self {
            // A serial line says that it has no columns: nobody told it.
            size: crossterm::terminal::size()
                .ok()
                .filter(|size| interactive && size.0 > 0),
            whole_frames: interactive.then(ask::whole_frames).flatten(),
            term: variable("TERM"),
            colours: variable("COLORTERM"),
            locale: locale(),
        }
    }

    fn is_dumb(&self) -> bool {
        matches!(self.term.as_str(), "" | "dumb" | "unknown")
    }

    fn has_many_colours(&self) -> bool {
        let rich = [
            "256color",
            "direct",
            "kitty",
            "alacritty",
            "ghostty",
            "foot",
            "wezterm",
        ];
        !self.colours.is_empty() || rich.iter().any(|part| self.term.contains(part))
    }
}

/// The value of a variable, empty where it is not set.
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn run(terminal: &Terminal) -> Vec<Finding> {
    let on = match terminal.term.as_str() {
        "" => "TERM is not set".to_owned(),
        term => format!("TERM={term}"),
    };
    if terminal.is_dumb() {
        return vec![Finding::of(&DUMB, on, "")];
    }
    let mut found = Vec::new();
    if terminal.term == "linux" {
        found.push(Finding::of(&CONSOLE, &on, ""));
    } else if !terminal.has_many_colours() {
        found.push(Finding::of(&FEW_COLOURS, &on, ""));
    }
    if !is_utf8(&terminal.locale) {
        let locale = match terminal.locale.as_str() {
            "" => "LANG is not set".to_owned(),
            locale => format!("LANG={locale}"),
        };
        found.push(Finding::of(&NO_UTF8, locale, ""));
    }
    if let Some((columns, lines)) = terminal.size.filter(|size| size.0 < 80 || size.1 < 24) {
        let seen = format!("it has {columns} by {lines}");
        found.push(Finding::of(&SMALL, &on, seen));
    }
    if terminal.whole_frames == Some(false) {
        found.push(Finding::of(&TEARS, &on, ""));
    }
    if found.is_empty() {
        found.push(Finding::ok(CHECK.id, on, "signs, colours and size suffice"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(term: &str, locale: &str, size: (u16, u16)) -> Vec<&'static str> {
        let terminal = Terminal {
            term: term.to_owned(),
            locale: locale.to_owned(),
            size: Some(size),
            ..Terminal::default()
        };
        run(&terminal).iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn each_lack_is_named() {
        let (utf8, usual) = ("de_DE.UTF-8", (80, 24));
        assert_eq!(found("xterm-256color", utf8, usual), ["terminal"]);
        assert_eq!(found("dumb", utf8, usual), ["terminal.dumb"]);
        assert_eq!(found("linux", utf8, usual), ["terminal.console"]);
        assert_eq!(found("vt100", utf8, usual), ["terminal.few-colours"]);
        assert_eq!(found("tmux-256color", "C", usual), ["terminal.no-utf-8"]);
        assert_eq!(found("tmux-256color", utf8, (79, 24)), ["terminal.small"]);
    }
}
