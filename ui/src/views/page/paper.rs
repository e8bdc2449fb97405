//! A text about a machine, read only, drawn a screenful at a time.

use archipel_fleet::{Fleet, VmRef};
use archipel_protocol::text::clean_block;
use ratatui::layout::Rect;

use super::{
    super::Cx,
    colour,
    fetched::{Fetched, is_live},
};
use crate::{
    command::Step,
    format,
    now::Now,
    question::{Question, Told},
    theme::Role,
    widgets::{
        frame,
        pen::{Pen, Span, below, line, span},
        scroll::Scroll,
        state::Instead,
    },
};

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Definition,
    Pending,
    /// What a version of the history changed.
    Change,
}

impl Subject {
    fn question(self, vm: &VmRef) -> Option<Question> {
        match self {
            Self::Definition => Some(Question::Definition(vm.clone())),
            Self::Pending => Some(Question::Pending(vm.clone())),
            Self::Change => None,
        }
    }

    /// As in `asking hv01 for …`.
    fn asked_for(self) -> &'static str {
        match self {
            Self::Definition => "the definition",
            Self::Pending => "what its next start will change",
            Self::Change => "what was changed",
        }
    }

    fn empty(self) -> Instead {
        let (what, next) = match self {
            Self::Definition => (
                "It has no definition",
                "`archipel vm define FILE NAME` writes one; `:undo` brings the last one back.",
            ),
            Self::Pending => (
                "Its next start will change nothing",
                "What is changed while it runs, and waits for its next start, stands here.",
            ),
            Self::Change => ("Nothing that is shown", "Only what is masked was changed."),
        };
        let (what, next) = (what.to_owned(), next.to_owned());
        Instead::Empty { what, next }
    }

    fn coloured(self, text: &str) -> Vec<Span> {
        match self {
            Self::Definition => colour::xml(text),
            Self::Pending | Self::Change => colour::difference(text),
        }
    }
}

/// A text.
#[derive(Debug)]
pub(super) struct Paper {
    subject: Subject,
    pub(super) text: Fetched<Vec<String>>,
    scroll: Scroll,
}

impl Paper {
    pub(super) fn new(subject: Subject) -> Self {
        Self {
            subject,
            text: Fetched::default(),
            scroll: Scroll::default(),
        }
    }

    pub(super) fn lacks(&mut self, vm: &VmRef, fleet: &Fleet) -> Option<Question> {
        self.text.follow(vm, fleet);
        self.subject.question(vm).filter(|_| self.text.is_due())
    }

    pub(super) fn told(&mut self, answer: Result<Told, String>, now: Now) {
        let lines = answer.and_then(|told| match told {
            Told::Text(text) => Ok(lines(&text)),
            other => Err(format!("{other:?} is no text")),
        });
        self.text.told(lines, now);
    }

    pub(super) fn step(&mut self, step: Step) {
        let lines = self.text.value().map_or(0, Vec::len);
        self.scroll.step(step, lines);
    }

    /// The whole page.
    pub(super) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, vm: &VmRef, cx: Cx<'_>) {
        let lines = self.text.value().map_or(0, Vec::len);
        let title = span(Role::Dim, format::counted(lines, "line"));
        self.draw_titled(pen, area, &[title], (vm, cx));
    }

    /// The same under another title.
    pub(super) fn draw_titled(
        &mut self,
        pen: &mut Pen<'_>,
        area: Rect,
        title: &[Span],
        (vm, cx): (&VmRef, Cx<'_>),
    ) {
        if let Some(instead) = self.text.instead(self.subject.asked_for(), vm, cx) {
            return instead.draw(pen, area);
        }
        frame::heading(pen, line(area, 0), title, &self.text.note(vm, cx));
        let body = below(area, 1);
        match self.text.value() {
            Some(lines) if !lines.is_empty() => {
                let seen = self.scroll.window(body.height, lines.len());
                for (at, text) in lines[seen.clone()].iter().enumerate() {
                    pen.spans(line(body, at), &self.subject.coloured(text));
                    pen.built += 1;
                }
                frame::scroll_bar(pen, body, seen, lines.len());
            }
            _ => self.subject.empty().draw(pen, body),
        }
        if !is_live(vm, cx) {
            pen.tint(body, Role::Stale);
        }
    }
}

/// The lines of a text from the wire.
fn lines(text: &str) -> Vec<String> {
    let clean = clean_block(text);
    clean.lines().map(|line| line.replace('\t', "  ")).collect()
}
