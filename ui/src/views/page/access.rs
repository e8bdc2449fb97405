//! What the operator may do with a machine: per verb whether it can be done now, and the rule that decides.

use archipel_fleet::{VmRef, ready};
use archipel_language::{Noun, Permission, Verb, VerbId, verb::VERBS};
use archipel_protocol::rights::Explained;
use ratatui::layout::Rect;

use super::{
    super::Cx,
    fetched::{Fetched, is_live},
    halves,
};
use crate::{
    command::Step,
    format,
    now::Now,
    question::{Question, Told},
    theme::Role,
    widgets::{
        frame,
        grid::cursor_role,
        list::list,
        pen::{Pen, Span, below, line, span},
        rows::Rows,
        state::wrap,
    },
};

/// The page.
#[derive(Debug)]
pub(super) struct Access {
    rows: Rows<VerbId>,
    /// Why this permission is held, or not.
    why: Option<(Permission, Fetched<Explained>)>,
}

impl Default for Access {
    fn default() -> Self {
        let verbs = VERBS.iter().filter(|verb| verb.noun == Noun::Vm);
        let mut rows = Rows::default();
        rows.replace(verbs.map(|verb| verb.id).collect());
        Self { rows, why: None }
    }
}

impl Access {
    /// One question at a time, however fast the cursor moves.
    pub(super) fn lacks(&mut self, vm: &VmRef) -> Option<Question> {
        let permission = self.verb()?.permission;
        let (shown, why) = self
            .why
            .get_or_insert_with(|| (permission, Fetched::default()));
        if why.is_asking() {
            return None;
        }
        if *shown != permission {
            (*shown, *why) = (permission, Fetched::default());
        }
        why.is_due().then(|| Question::Why(vm.clone(), permission))
    }

    fn verb(&self) -> Option<&'static Verb> {
        Verb::by_id(self.rows.cursor()?.0)
    }

    pub(super) fn asked(&mut self, permission: Permission, now: Now) {
        if let Some(why) = self.why_of(permission) {
            why.asked(now);
        }
    }

    pub(super) fn told(&mut self, of: Permission, answer: Result<Told, String>, now: Now) {
        let explained = answer.and_then(|told| match told {
            Told::Explained(explained) => Ok(explained),
            other => Err(format!("{other:?} is no explanation")),
        });
        if let Some(why) = self.why_of(of) {
            why.told(explained, now);
        }
    }

    fn why_of(&mut self, permission: Permission) -> Option<&mut Fetched<Explained>> {
        let (shown, why) = self.why.as_mut()?;
        (*shown == permission).then_some(why)
    }

    pub(super) fn again(&mut self) {
        if let Some((_, why)) = &mut self.why {
            why.again();
        }
    }

    pub(super) fn step(&mut self, step: Step) {
        self.rows.step(step);
    }

    pub(super) fn choose(&mut self, verb: &Verb) {
        self.rows.select(&verb.id);
    }

    pub(super) fn draw(
        &mut self,
        pen: &mut Pen<'_>,
        area: Rect,
        vm: &VmRef,
        cx: Cx<'_>,
        focused: bool,
    ) {
        let (verbs, below_them) = halves(area, self.rows.len());
        let cursor = Some(cursor_role(focused));
        list(pen, verbs, &mut self.rows, cursor, |pen, area, id| {
            if let Some(verb) = Verb::by_id(id.0) {
                pen.spans(area, &verdict(pen, verb, vm, cx));
            }
        });
        let used = self.draw_reason(pen, below_them, vm, cx);
        self.draw_why(pen, below(below_them, used), vm, cx);
    }

    /// What is in the way of the verb under the cursor, in full; the answer is the lines that it took.
    fn draw_reason(&self, pen: &mut Pen<'_>, area: Rect, vm: &VmRef, cx: Cx<'_>) -> usize {
        let reason = self.verb().map(|verb| (verb, ready(cx.fleet, verb, vm)));
        let Some((verb, Err(reason))) = reason else {
            return 0;
        };
        let text = format!("{}: {reason}", verb.word);
        let lines = wrap(&text, usize::from(area.width));
        for (at, text) in lines.iter().enumerate() {
            pen.text(line(area, at), Role::Warning, text);
        }
        lines.len() + 1
    }

    fn draw_why(&self, pen: &mut Pen<'_>, area: Rect, vm: &VmRef, cx: Cx<'_>) {
        let Some((permission, why)) = &self.why else {
            return;
        };
        let asked_for = format!("why `{permission}` is yours or not");
        if let Some(instead) = why.instead(&asked_for, vm, cx) {
            return instead.draw(pen, area);
        }
        let Some(told) = why.value() else { return };
        let (role, word) = if told.allowed {
            (Role::Online, "you hold it")
        } else {
            (Role::Warning, "you lack it")
        };
        let title = [
            span(Role::Strong, format!("Permission `{permission}`")),
            span(role, format!("  {word}")),
        ];
        frame::heading(pen, line(area, 0), &title, &why.note(vm, cx));
        let body = below(area, 1);
        let room = usize::from(body.width);
        let lines = told.grounds.iter().flat_map(|ground| wrap(ground, room));
        for (at, text) in lines.enumerate() {
            pen.text(line(body, at), Role::Text, &text);
        }
        if !is_live(vm, cx) {
            pen.tint(body, Role::Stale);
        }
    }
}

/// A verb, and whether it can be done now.
fn verdict(pen: &Pen<'_>, verb: &Verb, vm: &VmRef, cx: Cx<'_>) -> Vec<Span> {
    let (role, sign, word) = match ready(cx.fleet, verb, vm) {
        Ok(()) => (
            Role::Online,
            pen.glyphs.done(),
            "can be done now".to_owned(),
        ),
        Err(reason) => (Role::Warning, pen.glyphs.warning(), reason.to_string()),
    };
    vec![
        span(role, format!("{sign} ")),
        span(Role::Strong, format::left(verb.word, 15)),
        span(
            Role::Dim,
            format!("{} ", format::left(verb.permission.0, 12)),
        ),
        span(role, word),
    ]
}
