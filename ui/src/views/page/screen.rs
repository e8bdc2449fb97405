//! What a machine's screen shows: a picture in the cells of the terminal.

use archipel_fleet::{Fleet, Vm, VmRef};
use ratatui::layout::Rect;

use super::{
    super::Cx,
    fetched::{Fetched, is_live},
};
use crate::{
    now::Now,
    picture::Picture,
    question::{Question, Told},
    theme::Role,
    widgets::{
        frame,
        mosaic::{self, Mosaic},
        pen::{Pen, below, line, span},
        state::Instead,
    },
};

/// The page.
#[derive(Debug, Default)]
pub(super) struct ScreenView {
    pub(super) picture: Fetched<Picture>,
    /// The picture in the size of the last frame.
    mosaic: Option<Mosaic>,
}

impl ScreenView {
    pub(super) fn lacks(&self, vm: &VmRef, fleet: &Fleet) -> Option<Question> {
        let is_on = fleet.vm(vm).is_some_and(|vm| vm.state.is_active());
        (is_on && self.picture.is_due()).then(|| Question::Picture(vm.clone()))
    }

    pub(super) fn told(&mut self, answer: Result<Told, String>, now: Now) {
        let picture = answer.and_then(|told| match told {
            Told::Picture(picture) => Ok(picture),
            other => Err(format!("{other:?} is no picture")),
        });
        self.picture.told(picture, now);
        self.mosaic = None;
    }

    pub(super) fn draw(&mut self, pen: &mut Pen<'_>, area: Rect, vm: &VmRef, cx: Cx<'_>) {
        let own = cx.fleet.vm(vm);
        if self.picture.value().is_none()
            && let Some(off) = own.filter(|own| !own.state.is_active())
        {
            return dark(off).draw(pen, area);
        }
        if let Some(instead) = self.picture.instead("a picture of its screen", vm, cx) {
            return instead.draw(pen, area);
        }
        let Some(picture) = self.picture.value() else {
            return;
        };
        let size = format!("{} x {}", picture.width(), picture.height());
        let title = [span(Role::Dim, size)];
        frame::heading(pen, line(area, 0), &title, &self.picture.note(vm, cx));
        let body = below(area, 1);
        let grain = mosaic::Grain::of(pen);
        let fitting = self.mosaic.take();
        let fitting = fitting.filter(|mosaic| mosaic.is_for(body, grain));
        let mosaic = fitting.unwrap_or_else(|| Mosaic::new(picture, body, grain));
        let is_so = is_live(vm, cx) && own.is_some_and(|own| own.state.is_active());
        mosaic.draw(pen, body, is_so);
        self.mosaic = Some(mosaic);
    }
}

/// A machine that is not on shows nothing.
fn dark(vm: &Vm) -> Instead {
    Instead::Empty {
        what: format!("{} is {}: its screen is dark", vm.name, vm.state),
        next: "p s starts it.".to_owned(),
    }
}
