//! A plan before it is carried out: per machine what would happen or why not, and what the operator has to do to let it.

use archipel_fleet::{Confirm, Fleet, Plan, Step};
use archipel_language::Risk;
use archipel_protocol::text::clean_line;
use ratatui::layout::Rect;

use crate::{
    format,
    theme::Role,
    views::Cx,
    widgets::{
        field::Field,
        frame,
        list::list,
        pen::{Pen, Span, below, line, span},
        rows::Rows,
        state::wrap,
    },
};

/// The least and the most cells of a line, where the screen has them.
pub(super) const LEAST: usize = 64;
pub(super) const MOST: usize = 96;
/// Cells before the reason.
pub(super) const BEFORE_REASON: usize = 33;

/// A plan on the screen.
#[derive(Debug)]
pub(crate) struct PlanView {
    pub(crate) plan: Plan,
    confirm: Confirm,
    /// Where the count is typed.
    pub(crate) field: Option<Field>,
    pub(crate) rows: Rows<usize>,
    /// The profile, so that nobody acts on the wrong bus.
    profile: String,
    /// Cells of the longest line.
    width: usize,
}

impl PlanView {
    pub(crate) fn new(plan: Plan, profile: &str) -> Self {
        let confirm = plan.confirmation();
        let mut rows = Rows::default();
        let (ready, refused): (Vec<usize>, Vec<usize>) =
            (0..plan.steps.len()).partition(|at| plan.steps[*at].verdict.is_ok());
        rows.replace(ready.into_iter().chain(refused).collect());
        Self {
            field: matches!(confirm, Confirm::TypeCount(_)).then(Field::default),
            width: width(&plan),
            plan,
            confirm,
            rows,
            profile: profile.to_owned(),
        }
    }

    /// Whether there is anything to do.
    pub(crate) fn can_run(&self) -> bool {
        self.plan.ready().next().is_some()
    }

    /// Whether Enter is enough.
    pub(crate) fn is_safe(&self) -> bool {
        self.plan.verb.risk == Risk::Safe
    }

    /// The count that has to be typed.
    pub(crate) fn wanted_count(&self) -> Option<usize> {
        match self.confirm {
            Confirm::TypeCount(count) => Some(count),
            _ => None,
        }
    }

    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, screen: Rect, cx: Cx<'_>) {
        let role = if self.plan.verb.risk == Risk::Destructive {
            Role::Danger
        } else {
            Role::Dialog
        };
        let height = (self.rows.len() + 4).min(usize::from(screen.height).saturating_sub(4));
        let title = [
            span(Role::Title, self.plan.verb.summary),
            span(Role::Dim, format!(" {} ", pen.glyphs.dot())),
            span(Role::Accent, self.profile.clone()),
        ];
        let inner = frame::dialog(pen, screen, (self.width, height), &title, role);
        pen.spans(line(inner, 0), &self.counts(pen));
        let body = body(inner);
        let cursor = overflow_cursor(&self.rows, body);
        list(pen, body, &mut self.rows, cursor, |pen, area, at| {
            if let Some(step) = self.plan.steps.get(*at) {
                step_line(pen, area, step, cx.fleet);
            }
        });
        self.question(
            pen,
            line(inner, usize::from(inner.height).saturating_sub(1)),
        );
    }

    fn counts(&self, pen: &Pen<'_>) -> Vec<Span> {
        let ready = self.plan.ready().count();
        let refused = self.plan.steps.len() - ready;
        let mut counts = Vec::new();
        if ready > 0 {
            counts.push(span(
                Role::StateRunning,
                format!(
                    "{} {} can",
                    pen.glyphs.done(),
                    format::counted(ready, "machine")
                ),
            ));
        }
        if refused > 0 {
            let gap = if ready > 0 { "   " } else { "" };
            counts.push(span(
                Role::Warning,
                format!(
                    "{gap}{} {} cannot",
                    pen.glyphs.warning(),
                    format::counted(refused, "machine")
                ),
            ));
        }
        counts
    }

    fn question(&self, pen: &mut Pen<'_>, area: Rect) {
        let verb = self.plan.verb;
        if !self.can_run() {
            pen.spans(
                area,
                &[
                    span(Role::Dim, "Nothing can be done.  "),
                    span(Role::Key, "esc"),
                    span(Role::Dim, " close"),
                ],
            );
            return;
        }
        if let (Some(count), Some(field)) = (self.wanted_count(), &self.field) {
            let prompt = format!(
                "Type {count} and enter to {} {}, esc to cancel: ",
                verb.word,
                format::counted(count, "machine")
            );
            field.draw(pen, area, &prompt, Role::Danger);
            return;
        }
        let yes = if self.is_safe() { "y or enter" } else { "y" };
        let role = if self.is_safe() {
            Role::Text
        } else {
            Role::Warning
        };
        let spans = [
            span(Role::Key, yes),
            span(role, format!(" {}    ", self.doing())),
            span(Role::Key, "n"),
            span(Role::Dim, " cancel"),
        ];
        pen.spans(area, &spans);
    }

    /// `shutdown web01 and web02`, or with a count where there are many.
    fn doing(&self) -> String {
        let names: Vec<&str> = self.plan.ready().map(|step| step.name.as_str()).collect();
        let given = self.plan.given.iter().map(String::as_str);
        let said: Vec<&str> = [self.plan.verb.word].into_iter().chain(given).collect();
        let said = said.join(" ");
        let text = match names.as_slice() {
            [.., last] if names.len() <= 3 && names.len() > 1 => {
                let others = names[..names.len() - 1].join(", ");
                format!("{said} {others} and {last}")
            }
            [only] => format!("{said} {only}"),
            all => format!("{said} all {}", all.len()),
        };
        wrap(&text, 48).into_iter().next().unwrap_or_default()
    }
}

/// What lies between the counts and the question of a dialog.
pub(super) fn body(inner: Rect) -> Rect {
    let body = below(inner, 2);
    Rect {
        height: body.height.saturating_sub(2),
        ..body
    }
}

/// A list that does not fit shows where its cursor is.
pub(super) fn overflow_cursor<K: PartialEq>(rows: &Rows<K>, area: Rect) -> Option<Role> {
    (rows.len() > usize::from(area.height)).then_some(Role::SelectedIdle)
}

fn width(plan: &Plan) -> usize {
    let reasons = plan.refused().map(|(_, reason)| reason.to_string());
    let longest = reasons.map(|reason| format::width(&reason)).max();
    (BEFORE_REASON + longest.unwrap_or(0)).clamp(LEAST, MOST)
}

fn step_line(pen: &mut Pen<'_>, area: Rect, step: &Step, fleet: &Fleet) {
    let state = fleet.vm(&step.vm).map(|vm| vm.state).unwrap_or_default();
    let (sign_role, sign) = match step.verdict {
        Ok(()) => (Role::StateRunning, pen.glyphs.done()),
        Err(_) => (Role::Warning, pen.glyphs.warning()),
    };
    let mut spans = vec![
        span(sign_role, format!("{sign} ")),
        span(Role::Strong, format::left(&step.name, 16)),
        span(
            Role::Dim,
            format!(" {} ", format::left(&step.hypervisor, 10)),
        ),
        span(Role::from(state), format!("{} ", pen.glyphs.state(state))),
    ];
    spans.push(match &step.verdict {
        Ok(()) => span(Role::from(state), state.word()),
        Err(reason) => span(Role::Warning, clean_line(&reason.to_string(), 200)),
    });
    pen.spans(area, &spans);
}
