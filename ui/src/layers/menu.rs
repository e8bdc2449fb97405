//! What may follow the keys pressed so far.

use ratatui::layout::Rect;

use crate::{
    format,
    keymap::{Follow, Menu},
    theme::Role,
    widgets::{
        frame,
        pen::{Pen, Span, cells, line, span, width_of},
    },
};

/// A menu ready to be drawn: per entry why it cannot be done now, if so.
pub(crate) struct MenuView<'a> {
    pub(crate) menu: &'a Menu,
    /// The keys pressed so far.
    pub(crate) pressed: String,
    /// What it would act on.
    pub(crate) on: String,
    pub(crate) blocked: &'a dyn Fn(crate::command::Action) -> Option<String>,
}

impl MenuView<'_> {
    /// Draws it over the right lower corner.
    pub(crate) fn draw(&self, pen: &mut Pen<'_>, screen: Rect) {
        let lines: Vec<Vec<Span>> = self
            .menu
            .entries
            .iter()
            .map(|(chord, follow)| self.entry(&chord.label(pen.glyphs), follow))
            .collect();
        let title = self.title(pen);
        let widest = lines
            .iter()
            .map(|spans| width_of(spans))
            .chain([width_of(&title) + 3])
            .max()
            .unwrap_or(0);
        let width = cells(widest + 4).min(screen.width);
        let height = cells(lines.len() + 2).min(screen.height.saturating_sub(1));
        let area = Rect {
            x: screen.right() - width,
            y: screen.bottom().saturating_sub(height + 1),
            width,
            height,
        };
        pen.fill(area, Role::Text);
        let inner = frame::pane(pen, area, &title, Role::Dialog);
        for (at, spans) in lines.iter().enumerate() {
            pen.spans(crate::widgets::pen::after(line(inner, at), 1), spans);
        }
    }

    fn title(&self, pen: &Pen<'_>) -> Vec<Span> {
        let name = if self.menu.title.is_empty() {
            &self.pressed
        } else {
            &self.menu.title
        };
        let mut title = vec![span(Role::Title, name)];
        if !self.on.is_empty() {
            title.push(span(
                Role::Dim,
                format!(" {} {}", pen.glyphs.dot(), self.on),
            ));
        }
        title
    }

    fn entry(&self, key: &str, follow: &Follow) -> Vec<Span> {
        let key = format::left(key, 3);
        match follow {
            Follow::Menu(title) => {
                vec![span(Role::Key, key), span(Role::Text, format!("{title}…"))]
            }
            Follow::Run(action) => match (self.blocked)(*action) {
                None => vec![
                    span(Role::Key, key),
                    span(
                        risk_role(*action),
                        format!("{} ", format::left(action.name(), 14)),
                    ),
                    span(Role::Dim, action.summary()),
                ],
                Some(why) => vec![
                    span(Role::Faint, key),
                    span(Role::Dim, format!("{} ", format::left(action.name(), 14))),
                    span(Role::Faint, format::cut(&why, 52, "…")),
                ],
            },
        }
    }
}

/// The colour of what a command may cost.
pub(crate) fn risk_role(action: crate::command::Action) -> Role {
    match action.risk() {
        archipel_language::Risk::Safe => Role::Text,
        archipel_language::Risk::Disruptive => Role::Warning,
        archipel_language::Risk::Destructive => Role::Error,
    }
}
