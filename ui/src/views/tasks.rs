//! What was carried out: runs, newest first, with a result line per machine.

use archipel_fleet::{Fleet, Run, RunId, RunStep, StepState};
use archipel_protocol::text::clean_line;
use ratatui::layout::Rect;

use super::Cx;
use crate::{
    format,
    glyphs::GlyphSet,
    theme::Role,
    widgets::{
        gauge,
        list::list,
        pen::{Pen, after, span},
        rows::Rows,
        state::Instead,
    },
};

/// A line: a run, or one of its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) run: RunId,
    pub(crate) step: Option<usize>,
}

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    pub(crate) rows: Rows<Line>,
    /// Runs whose steps are shown; those not yet over show theirs anyway.
    open: Vec<RunId>,
}

impl Tasks {
    pub(crate) fn rebuild(&mut self, fleet: &Fleet) {
        let lines = fleet.runs().rev().flat_map(|run| {
            let shown = if self.is_open(run) {
                run.steps.len()
            } else {
                0
            };
            let steps = (0..shown).map(Some);
            std::iter::once(None)
                .chain(steps)
                .map(|step| Line { run: run.id, step })
        });
        self.rows.replace(lines.collect());
    }

    fn is_open(&self, run: &Run) -> bool {
        self.open.contains(&run.id) || !run.is_over()
    }

    /// Shows or hides the steps of the run under the cursor.
    pub(crate) fn toggle(&mut self, fleet: &Fleet) {
        let Some(id) = self.run() else { return };
        if self.open.contains(&id) {
            self.open.retain(|open| *open != id);
        } else {
            self.open.push(id);
        }
        self.rows.select(&Line {
            run: id,
            step: None,
        });
        self.rebuild(fleet);
    }

    /// The run under the cursor.
    pub(crate) fn run(&self) -> Option<RunId> {
        self.rows.cursor().map(|line| line.run)
    }

    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        if self.rows.is_empty() {
            let what = "Nothing was carried out yet".to_owned();
            let next = "Mark machines with space and press p: the plan, its progress and its results stay here.".to_owned();
            return Instead::Empty { what, next }.draw(pen, area);
        }
        let mut rows = std::mem::take(&mut self.rows);
        let cursor = Some(Role::Selected);
        list(pen, area, &mut rows, cursor, |pen, area, key| {
            let Some(run) = cx.fleet.run(key.run) else {
                return;
            };
            match key.step.and_then(|step| run.steps.get(step)) {
                Some(step) => step_line(pen, area, step, run, 3),
                None => self.run_line(pen, area, run, cx),
            }
        });
        self.rows = rows;
    }

    fn run_line(&self, pen: &mut Pen<'_>, area: Rect, run: &Run, cx: Cx<'_>) {
        let fold = if self.is_open(run) {
            pen.glyphs.open()
        } else {
            pen.glyphs.closed()
        };
        let title = [
            span(Role::Dim, format!(" {fold} ")),
            span(Role::Strong, format::left(&title(run), 24)),
            span(
                Role::Dim,
                format!(
                    " {}  ",
                    format::right(&format::age(run.started, cx.now.moment), 8)
                ),
            ),
        ];
        let used = pen.spans(area, &title);
        progress(pen, after(area, used), run);
    }
}

/// `shutdown, 12 machines`, or `shutdown web01`.
pub(crate) fn title(run: &Run) -> String {
    match run.steps.as_slice() {
        [only] => format!("{} {}", run.verb.word, only.name),
        steps => format!(
            "{}, {}",
            run.verb.word,
            format::counted(steps.len(), "machine")
        ),
    }
}

/// The counts, after a gauge while it is not over.
pub(crate) fn progress(pen: &mut Pen<'_>, area: Rect, run: &Run) {
    let progress = run.progress();
    let mut counts = Vec::new();
    let mut area = area;
    if !run.is_over() {
        let over = progress.done + progress.failed;
        let permille = u32::try_from(over * 1_000 / progress.all.max(1)).unwrap_or(1_000);
        gauge::progress(
            pen,
            Rect {
                width: area.width.min(10),
                ..area
            },
            permille,
        );
        area = after(area, 11);
        counts.push(span(Role::Text, format!("{over}/{}  ", progress.all)));
    }
    counts.push(span(
        Role::StateRunning,
        format!("{} {} done", pen.glyphs.done(), progress.done),
    ));
    if progress.failed > 0 {
        counts.push(span(
            Role::Error,
            format!("  {} {} failed", pen.glyphs.failed(), progress.failed),
        ));
    }
    let refused = run.steps.len() - progress.all;
    if refused > 0 {
        counts.push(span(
            Role::Warning,
            format!("  {} {refused} left out", pen.glyphs.warning()),
        ));
    }
    pen.spans(area, &counts);
}

/// A machine and how it went.
pub(crate) fn step_line(pen: &mut Pen<'_>, area: Rect, step: &RunStep, run: &Run, indent: usize) {
    let (role, sign, text) = outcome(step, run, pen.glyphs);
    let spans = [
        span(role, format!("{}{sign} ", " ".repeat(indent))),
        span(Role::Text, format::left(&step.name, 16)),
        span(
            Role::Dim,
            format!(" {} ", format::left(&step.hypervisor, 10)),
        ),
        span(role, text),
    ];
    pen.spans(area, &spans);
}

fn outcome(step: &RunStep, run: &Run, glyphs: GlyphSet) -> (Role, &'static str, String) {
    match &step.state {
        StepState::Waiting => (Role::Dim, glyphs.waiting(), "waiting".to_owned()),
        StepState::Sent => (Role::Info, glyphs.sent(), "sent".to_owned()),
        StepState::Done => (Role::StateRunning, glyphs.done(), run.verb.done.to_owned()),
        StepState::Failed(failure) => (
            Role::Error,
            glyphs.failed(),
            clean_line(&failure.to_string(), 300),
        ),
        StepState::Refused(reason) => (
            Role::Warning,
            glyphs.warning(),
            clean_line(&reason.to_string(), 300),
        ),
    }
}
