//! The pages of a machine: what its hypervisor is asked for when they are looked at. One machine's at a time.

mod access;
mod colour;
mod fetched;
mod history;
mod paper;
mod screen;

use archipel_fleet::{Fleet, VmRef};
use archipel_language::Verb;
use ratatui::layout::Rect;

use self::{
    access::Access,
    history::History,
    paper::{Paper, Subject},
    screen::ScreenView,
};
use super::Cx;
use crate::{
    command::Step,
    now::Now,
    question::{Question, Told},
    screen::Tab,
    widgets::pen::Pen,
};

/// The pages of one machine.
#[derive(Debug)]
pub(crate) struct Pages {
    pub(crate) vm: VmRef,
    definition: Paper,
    pending: Paper,
    history: History,
    screen: ScreenView,
    access: Access,
}

impl Pages {
    /// Nothing is known yet.
    pub(crate) fn new(vm: VmRef) -> Self {
        Self {
            vm,
            definition: Paper::new(Subject::Definition),
            pending: Paper::new(Subject::Pending),
            history: History::default(),
            screen: ScreenView::default(),
            access: Access::default(),
        }
    }

    /// What the page lacks and is not asked for already.
    pub(crate) fn lacks(&mut self, tab: Tab, fleet: &Fleet) -> Option<Question> {
        let vm = self.vm.clone();
        match tab {
            Tab::Definition => self.definition.lacks(&vm, fleet),
            Tab::Pending => self.pending.lacks(&vm, fleet),
            Tab::History => self.history.lacks(&vm, fleet),
            Tab::Picture => self.screen.lacks(&vm, fleet),
            Tab::Access => self.access.lacks(&vm),
            _ => None,
        }
    }

    /// A question is on its way.
    pub(crate) fn asked(&mut self, question: &Question, now: Now) {
        match question {
            Question::Definition(_) => self.definition.text.asked(now),
            Question::Pending(_) => self.pending.text.asked(now),
            Question::History(_) => self.history.versions.asked(now),
            Question::Change { version, .. } => self.history.change_asked(*version, now),
            Question::Why(_, permission) => self.access.asked(*permission, now),
            Question::Picture(_) => self.screen.picture.asked(now),
        }
    }

    /// An answer came. One to a question about another machine, or that nobody waits for, is dropped.
    pub(crate) fn told(&mut self, question: &Question, answer: Result<Told, String>, now: Now) {
        if *question.vm() != self.vm {
            return;
        }
        match question {
            Question::Definition(_) => self.definition.told(answer, now),
            Question::Pending(_) => self.pending.told(answer, now),
            Question::History(_) => self.history.told(answer, now),
            Question::Change { version, .. } => self.history.change_told(*version, answer, now),
            Question::Why(_, permission) => self.access.told(*permission, answer, now),
            Question::Picture(_) => self.screen.told(answer, now),
        }
    }

    /// What is on the page is asked for anew; it stays until the answer is there.
    pub(crate) fn again(&mut self, tab: Tab) {
        match tab {
            Tab::Definition => self.definition.text.again(),
            Tab::Pending => self.pending.text.again(),
            Tab::History => self.history.again(),
            Tab::Picture => self.screen.picture.again(),
            Tab::Access => self.access.again(),
            _ => {}
        }
    }

    pub(crate) fn step(&mut self, tab: Tab, step: Step) {
        match tab {
            Tab::Definition => self.definition.step(step),
            Tab::Pending => self.pending.step(step),
            Tab::History => self.history.step(step),
            Tab::Access => self.access.step(step),
            _ => {}
        }
    }

    /// The number of the history under the cursor, where it is one to go back to.
    pub(crate) fn earlier(&self) -> Option<u64> {
        self.history.earlier()
    }

    /// Puts the cursor on a verb.
    pub(crate) fn choose(&mut self, verb: &Verb) {
        self.access.choose(verb);
    }

    pub(crate) fn draw(
        &mut self,
        tab: Tab,
        pen: &mut Pen<'_>,
        area: Rect,
        cx: Cx<'_>,
        focused: bool,
    ) {
        let vm = self.vm.clone();
        match tab {
            Tab::Definition => self.definition.draw(pen, area, &vm, cx),
            Tab::Pending => self.pending.draw(pen, area, &vm, cx),
            Tab::History => self.history.draw(pen, area, &vm, cx, focused),
            Tab::Picture => self.screen.draw(pen, area, &vm, cx),
            Tab::Access => self.access.draw(pen, area, &vm, cx, focused),
            _ => {}
        }
    }
}

/// The two halves of a page with a list above and what is under its cursor below: the list takes what it needs, at most half.
fn halves(area: Rect, lines: usize) -> (Rect, Rect) {
    let height = crate::widgets::pen::cells(lines).min(area.height / 2);
    let list = Rect { height, ..area };
    (
        list,
        crate::widgets::pen::below(area, usize::from(height) + 1),
    )
}
