//! A machine's definition, read only, drawn a screenful at a time.

use archipel_fleet::{Moment, VmRef};
use archipel_protocol::text::clean_block;
use ratatui::layout::Rect;

use super::Cx;
use crate::{
    command::Step,
    theme::Role,
    widgets::{
        frame,
        pen::{Pen, Span, line, span},
        state::Instead,
    },
};

/// The definition of one machine.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) vm: VmRef,
    text: Text,
    offset: usize,
    page: usize,
}

#[derive(Debug)]
enum Text {
    Asked(Moment),
    Lines(Vec<String>),
    Failed(String),
}

impl Definition {
    /// Asked for now.
    pub(crate) fn asked(vm: VmRef, at: Moment) -> Self {
        Self {
            vm,
            text: Text::Asked(at),
            offset: 0,
            page: 1,
        }
    }

    /// Takes the answer.
    pub(crate) fn answer(&mut self, answer: Result<String, String>) {
        self.text = match answer {
            Ok(text) => Text::Lines(
                clean_block(&text)
                    .lines()
                    .map(|line| line.replace('\t', "  "))
                    .collect(),
            ),
            Err(why) => Text::Failed(archipel_protocol::text::clean_line(&why, 500)),
        };
    }

    pub(crate) fn is_failed(&self) -> bool {
        matches!(self.text, Text::Failed(_))
    }

    /// Moves the view.
    pub(crate) fn step(&mut self, step: Step) {
        let Text::Lines(lines) = &self.text else {
            return;
        };
        let last = lines.len().saturating_sub(self.page);
        self.offset = match step {
            Step::Up => self.offset.saturating_sub(1),
            Step::Down => self.offset + 1,
            Step::PageUp => self.offset.saturating_sub(self.page),
            Step::PageDown => self.offset + self.page,
            Step::Top => 0,
            Step::Bottom => last,
        }
        .min(last);
    }

    /// Draws the lines that are seen.
    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        let host = cx
            .fleet
            .hypervisor(&self.vm.hypervisor)
            .map_or("its hypervisor", |host| &host.name);
        let lines = match &self.text {
            Text::Asked(at) => {
                let what = format!("Asking {host} for the definition");
                let since = super::since(*at, cx.now);
                return Instead::Loading { what, since }.draw(pen, area);
            }
            Text::Failed(why) => {
                let why = format!("No definition from {host}: {why}");
                let next = "y asks again.".to_owned();
                return Instead::Failed { why, next }.draw(pen, area);
            }
            Text::Lines(lines) => lines,
        };
        self.page = usize::from(area.height).max(1);
        self.offset = self.offset.min(lines.len().saturating_sub(self.page));
        let seen = self.offset..(self.offset + self.page).min(lines.len());
        for (at, text) in lines[seen.clone()].iter().enumerate() {
            pen.spans(line(area, at), &coloured(text));
            pen.built += 1;
        }
        frame::scroll_bar(pen, area, seen, lines.len());
    }
}

/// A line of XML: names of elements apart from what is in them.
fn coloured(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        spans.push(span(Role::Text, &rest[..at]));
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        tag(&rest[at..end], &mut spans);
        rest = &rest[end..];
    }
    spans.push(span(Role::Text, rest));
    spans.retain(|span| !span.text.is_empty());
    spans
}

/// `<name key='value'/>`: the name stands out, the values are plain, the rest recedes.
fn tag(text: &str, spans: &mut Vec<Span>) {
    let name_end = text.find([' ', '>']).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(name_end);
    spans.push(span(Role::Accent, name));
    while let Some(from) = rest.find(['\'', '"']) {
        let quote = &rest[from..=from];
        let until = rest[from + 1..]
            .find(quote)
            .map_or(rest.len(), |at| from + at + 2);
        spans.push(span(Role::Dim, &rest[..from]));
        spans.push(span(Role::SeriesB, &rest[from..until]));
        rest = &rest[until..];
    }
    spans.push(span(Role::Accent, rest));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_lose_no_text() {
        for text in [
            "  <memory unit='KiB'>1024</memory>",
            "<a",
            "plain",
            "<a b='<",
            "",
            "<ü b=\"ü\">ü</ü>",
        ] {
            let joined: String = coloured(text).into_iter().map(|span| span.text).collect();
            assert_eq!(joined, text);
        }
    }
}
