//! A run right after it was confirmed: its results as they come in.

use archipel_fleet::{Run, RunId, StepState};
use ratatui::layout::Rect;

use super::plan::{MOST, body, overflow_cursor};
use crate::{
    theme::Role,
    views::{Cx, tasks},
    widgets::{
        frame,
        list::list,
        pen::{Pen, Span, line, span},
        rows::Rows,
    },
};

/// A run on the screen.
#[derive(Debug)]
pub(crate) struct RunView {
    pub(crate) id: RunId,
    pub(crate) rows: Rows<usize>,
    profile: String,
}

impl RunView {
    pub(crate) fn new(id: RunId, profile: &str) -> Self {
        Self {
            id,
            rows: Rows::default(),
            profile: profile.to_owned(),
        }
    }

    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, screen: Rect, cx: Cx<'_>) {
        let Some(run) = cx.fleet.run(self.id) else {
            return;
        };
        if self.rows.len() != run.steps.len() {
            self.rows.replace(tried_first(run));
        }
        let height = (run.steps.len() + 4).min(usize::from(screen.height).saturating_sub(4));
        let title = [
            span(Role::Title, tasks::title(run)),
            span(Role::Dim, format!(" {} ", pen.glyphs.dot())),
            span(Role::Accent, self.profile.clone()),
        ];
        let failed = run
            .steps
            .iter()
            .any(|step| matches!(step.state, StepState::Failed(_)));
        let role = if failed { Role::Danger } else { Role::Dialog };
        let inner = frame::dialog(pen, screen, (MOST, height), &title, role);
        tasks::progress(pen, line(inner, 0), run);
        let body = body(inner);
        let cursor = overflow_cursor(&self.rows, body);
        list(pen, body, &mut self.rows, cursor, |pen, area, at| {
            if let Some(step) = run.steps.get(*at) {
                tasks::step_line(pen, area, step, run, 0);
            }
        });
        let last = usize::from(inner.height).saturating_sub(1);
        pen.spans(line(inner, last), &keys(run, failed));
    }
}

/// The steps in the plan's order, those that are left out at the end.
fn tried_first(run: &Run) -> Vec<usize> {
    let refused = |at: &usize| matches!(run.steps[*at].state, StepState::Refused(_));
    let (refused, tried): (Vec<usize>, Vec<usize>) = (0..run.steps.len()).partition(refused);
    tried.into_iter().chain(refused).collect()
}

/// What can be pressed.
fn keys(run: &Run, failed: bool) -> Vec<Span> {
    let close = if run.is_over() {
        " close"
    } else {
        " close, it goes on"
    };
    let mut keys = vec![span(Role::Key, "esc"), span(Role::Dim, close)];
    if failed && run.is_over() {
        keys.extend([
            span(Role::Key, "    r"),
            span(Role::Text, " retry the failed"),
        ]);
    }
    keys
}
