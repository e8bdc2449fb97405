//! What lies over the views and below them: the last line, text fields, dialogs and menus.

use archipel_fleet::Fleet;
use ratatui::layout::Rect;

use super::App;
use crate::{
    format,
    keymap::{Follow, Scope, spelled},
    layers::{Layer, menu::MenuView},
    theme::Role,
    views::{Cx, bottom::Bottom},
    widgets::{
        frame,
        pen::{Pen, Span, below, line, span, width_of},
    },
};

impl App {
    pub(super) fn draw_bottom(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        let filter = self.filter().map(|filter| filter.text().to_owned());
        let scopes = self.hint_scopes();
        let bottom = Bottom {
            keymap: &self.options.keymap,
            scopes,
            opens: self.opens(),
            dismissed: self.dismissed,
            filter: filter.as_deref(),
        };
        bottom.draw(pen, area, cx);
    }

    /// The scopes whose keys the last line names. Text fields and dialogs say themselves what they want.
    fn hint_scopes(&mut self) -> &'static [Scope] {
        let typing = self
            .layers
            .last_mut()
            .is_some_and(|layer| layer.field().is_some());
        match self.layers.last() {
            None => self.scopes(),
            Some(_) if typing => &[],
            Some(Layer::Run(_)) => &[Scope::Tasks],
            Some(_) => &[Scope::Plan],
        }
    }

    pub(super) fn draw_layers(&mut self, pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
        let error = self
            .filter()
            .and_then(|filter| filter.error().map(ToOwned::to_owned));
        for layer in &mut self.layers {
            match layer {
                Layer::Help(help) => help.draw(pen, area),
                Layer::Palette(palette) => palette.draw(pen, area),
                Layer::Line(command_line) => command_line.draw(pen, area),
                Layer::Plan(plan) => plan.draw(pen, area, cx),
                Layer::Run(run) => run.draw(pen, area, cx),
                Layer::Quit => draw_quit(pen, area, cx),
                Layer::Filter { field, .. } => {
                    let bottom = below(area, usize::from(area.height).saturating_sub(1));
                    pen.fill(bottom, Role::Text);
                    let why = error
                        .as_deref()
                        .map(|why| format!("  {why} "))
                        .unwrap_or_default();
                    let why = [span(
                        Role::Warning,
                        format::cut(&why, usize::from(area.width) / 2, "…"),
                    )];
                    pen.spans_right(bottom, &why);
                    field.draw(
                        pen,
                        Rect {
                            width: bottom.width.saturating_sub(cells_of(&why)),
                            ..bottom
                        },
                        "/",
                        Role::Input,
                    );
                }
            }
        }
    }

    pub(super) fn draw_menu(&mut self, pen: &mut Pen<'_>, area: Rect, fleet: &Fleet) {
        if self.pending.is_empty() {
            return;
        }
        let mut menu = self
            .options
            .keymap
            .menu(self.active_scopes(), &self.pending);
        menu.entries
            .retain(|(_, follow)| !matches!(follow, Follow::Run(action) if !self.allowed(*action)));
        let acts = menu
            .entries
            .iter()
            .any(|(_, follow)| matches!(follow, Follow::Run(action) if action.is_vm_verb()));
        let view = MenuView {
            menu: &menu,
            pressed: spelled(&self.pending, pen.glyphs),
            on: if acts {
                self.targets_text(fleet)
            } else {
                String::new()
            },
            blocked: &|action| self.blocked(action, fleet),
        };
        view.draw(pen, area);
    }
}

fn draw_quit(pen: &mut Pen<'_>, area: Rect, cx: Cx<'_>) {
    let running = cx.fleet.runs().filter(|run| !run.is_over()).count();
    let inner = frame::dialog(
        pen,
        area,
        (58, 3),
        &[span(Role::Title, "Leave")],
        Role::Dialog,
    );
    let text = format!(
        "{} not over. What was sent is carried out without you.",
        format::counted(running, "task")
    );
    pen.text(line(inner, 0), Role::Text, &text);
    let keys = [
        span(Role::Key, "y"),
        span(Role::Text, " leave    "),
        span(Role::Key, "n"),
        span(Role::Dim, " stay"),
    ];
    pen.spans(line(inner, 2), &keys);
}

fn cells_of(spans: &[Span]) -> u16 {
    crate::widgets::pen::cells(width_of(spans))
}
