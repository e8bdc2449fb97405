//! What was written about a machine: when, by whom, how, and what it changed.

use archipel_fleet::{Fleet, VmRef};
use archipel_protocol::{definitions::Version, text::clean_line};
use ratatui::layout::Rect;

use super::{
    super::Cx,
    fetched::{Fetched, is_live},
    halves,
    paper::{Paper, Subject},
};
use crate::{
    command::Step,
    format,
    now::Now,
    question::{Question, Told},
    theme::Role,
    widgets::{
        frame,
        grid::{Align, Column, Grid, Row},
        pen::{Pen, below, line, span},
        rows::Rows,
        state::Instead,
    },
};

/// The page.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) versions: Fetched<Vec<Version>>,
    rows: Rows<u64>,
    /// What the version of this number changed.
    change: Option<(u64, Paper)>,
}

impl History {
    pub(super) fn lacks(&mut self, vm: &VmRef, fleet: &Fleet) -> Option<Question> {
        self.versions.follow(vm, fleet);
        if self.versions.is_due() {
            return Some(Question::History(vm.clone()));
        }
        self.lacks_change(vm)
    }

    /// One question at a time, however fast the cursor moves.
    fn lacks_change(&mut self, vm: &VmRef) -> Option<Question> {
        let version = self.version()?;
        let (shown, paper) = self
            .change
            .get_or_insert_with(|| (version, Paper::new(Subject::Change)));
        if paper.text.is_asking() {
            return None;
        }
        if *shown != version {
            (*shown, *paper) = (version, Paper::new(Subject::Change));
        }
        if !paper.text.is_due() {
            return None;
        }
        let older = self.versions.value()?.iter().map(|one| one.number);
        Some(Question::Change {
            vm: vm.clone(),
            version,
            before: older.filter(|number| *number < version).max(),
        })
    }

    pub(super) fn told(&mut self, answer: Result<Told, String>, now: Now) {
        let versions = answer.and_then(|told| match told {
            Told::Versions(versions) => Ok(versions),
            other => Err(format!("{other:?} is no history")),
        });
        self.versions.told(versions, now);
        let at_top = self.rows.position() == 0;
        let numbers = self.versions.value().into_iter().flatten();
        self.rows.replace(numbers.map(|one| one.number).collect());
        if at_top {
            self.rows.go_to(0);
        }
    }

    pub(super) fn change_asked(&mut self, version: u64, now: Now) {
        if let Some(paper) = self.paper(version) {
            paper.text.asked(now);
        }
    }

    pub(super) fn change_told(&mut self, version: u64, answer: Result<Told, String>, now: Now) {
        if let Some(paper) = self.paper(version) {
            paper.told(answer, now);
        }
    }

    fn paper(&mut self, version: u64) -> Option<&mut Paper> {
        let (shown, paper) = self.change.as_mut()?;
        (*shown == version).then_some(paper)
    }

    pub(super) fn again(&mut self) {
        self.versions.again();
        if let Some((_, paper)) = &mut self.change {
            paper.text.again();
        }
    }

    /// The arrows move in the list, the pages in what is below it.
    pub(super) fn step(&mut self, step: Step) {
        match (step, &mut self.change) {
            (Step::PageUp | Step::PageDown, Some((_, paper))) => paper.step(step),
            _ => self.rows.step(step),
        }
    }

    /// The number under the cursor, where it is one to go back to: not that of the newest.
    pub(super) fn earlier(&self) -> Option<u64> {
        self.version().filter(|_| self.rows.position() > 0)
    }

    /// The number under the cursor.
    fn version(&self) -> Option<u64> {
        self.rows.cursor().copied()
    }

    pub(super) fn draw(
        &mut self,
        pen: &mut Pen<'_>,
        area: Rect,
        vm: &VmRef,
        cx: Cx<'_>,
        focused: bool,
    ) {
        if let Some(instead) = self.versions.instead("its history", vm, cx) {
            return instead.draw(pen, area);
        }
        let title = span(Role::Dim, format::counted(self.rows.len(), "version"));
        frame::heading(pen, line(area, 0), &[title], &self.versions.note(vm, cx));
        let body = below(area, 1);
        if self.rows.is_empty() {
            return nothing().draw(pen, body);
        }
        let (list, change) = halves(body, self.rows.len() + 1);
        self.draw_list(pen, list, focused);
        if !is_live(vm, cx) {
            pen.tint(list, Role::Stale);
        }
        self.draw_change(pen, change, vm, cx);
    }

    fn draw_list(&mut self, pen: &mut Pen<'_>, area: Rect, focused: bool) {
        let versions = self.versions.value().map(Vec::as_slice).unwrap_or_default();
        let build = |_: &Pen<'_>, number: &u64| Row {
            mark: false,
            cells: versions
                .iter()
                .find(|version| version.number == *number)
                .map_or_else(Vec::new, cells),
            over: None,
        };
        Grid {
            columns: &columns(),
            focused,
        }
        .draw(pen, area, &mut self.rows, build);
    }

    fn draw_change(&mut self, pen: &mut Pen<'_>, area: Rect, vm: &VmRef, cx: Cx<'_>) {
        if let Some((version, paper)) = &mut self.change {
            let title = span(Role::Strong, format!("What {version} changed"));
            paper.draw_titled(pen, area, &[title], (vm, cx));
        }
    }
}

fn nothing() -> Instead {
    Instead::Empty {
        what: "Nothing was written about it yet".to_owned(),
        next: "Every change of its definition is kept here, with who made it; the way back is e u."
            .to_owned(),
    }
}

fn cells(version: &Version) -> Vec<Vec<crate::widgets::pen::Span>> {
    let by = version
        .by
        .as_ref()
        .map_or_else(|| "another tool".to_owned(), ToString::to_string);
    vec![
        vec![span(Role::Strong, version.number.to_string())],
        vec![span(Role::Dim, format::timestamp(&version.at))],
        vec![span(Role::Text, clean_line(&version.verb, 20))],
        vec![span(Role::Text, by)],
    ]
}

fn columns() -> [Column; 4] {
    let column = |title: &str, align, width, grows| Column {
        title: title.to_owned(),
        align,
        width,
        grows,
        drop: 0,
        sorted: None,
        chosen: false,
    };
    [
        column("number", Align::Right, 6, false),
        column("time (UTC)", Align::Left, 14, false),
        column("verb", Align::Left, 10, false),
        column("by", Align::Left, 30, true),
    ]
}
