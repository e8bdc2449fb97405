//! A run right after it was confirmed: its results as they come in.

use archipel_fleet::{RunId, StepState};
use ratatui::layout::Rect;

use super::plan::MOST;
use crate::{
    theme::Role,
    views::{Cx, tasks},
    widgets::{
        frame,
        pen::{Pen, below, line, span},
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
            self.rows.replace((0..run.steps.len()).collect());
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
        let body = below(inner, 2);
        let body = Rect {
            height: body.height.saturating_sub(2),
            ..body
        };
        let seen = self.rows.window(usize::from(body.height));
        for (at, step) in run.steps[seen.clone()].iter().enumerate() {
            tasks::step_line(pen, line(body, at), step, run, 0);
            pen.built += 1;
        }
        frame::scroll_bar(
            pen,
            Rect {
                width: body.width + 1,
                ..body
            },
            seen,
            run.steps.len(),
        );
        let mut keys = vec![
            span(Role::Key, "esc"),
            span(
                Role::Dim,
                if run.is_over() {
                    " close"
                } else {
                    " close, it goes on"
                },
            ),
        ];
        if failed && run.is_over() {
            keys.extend([
                span(Role::Key, "    r"),
                span(Role::Text, " retry the failed"),
            ]);
        }
        pen.spans(
            line(inner, usize::from(inner.height).saturating_sub(1)),
            &keys,
        );
    }
}
