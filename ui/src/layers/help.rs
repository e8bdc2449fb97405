//! The help: every key and command, generated from the keymap and the tables, narrowed by what is typed.

use ratatui::layout::Rect;

use crate::{
    command::{Action, Step},
    format,
    glyphs::GlyphSet,
    keymap::{Keymap, Scope, spelled},
    theme::Role,
    widgets::{
        field::Field,
        frame,
        pen::{Pen, below, line, span},
        scroll::Scroll,
    },
};

/// A line of the help.
#[derive(Debug, Clone, PartialEq)]
enum Line {
    Title(&'static str),
    Entry {
        keys: String,
        name: String,
        summary: &'static str,
    },
}

/// The help.
#[derive(Debug)]
pub(crate) struct Help {
    pub(crate) field: Field,
    all: Vec<Line>,
    shown: Vec<Line>,
    scroll: Scroll,
}

impl Help {
    pub(crate) fn new(keymap: &Keymap, glyphs: GlyphSet, allowed: impl Fn(Action) -> bool) -> Self {
        let mut all = Vec::new();
        for scope in Scope::ALL {
            let entries: Vec<Line> = bound(keymap, *scope, glyphs, &allowed);
            if !entries.is_empty() {
                all.push(Line::Title(scope.title()));
                all.extend(entries);
            }
        }
        all.push(Line::Title("Commands to type after :"));
        all.extend(
            Action::all()
                .filter(|action| allowed(*action) && typed_name(*action).is_some())
                .map(|action| Line::Entry {
                    keys: String::new(),
                    name: format!(":{}", typed_name(action).unwrap_or_default()),
                    summary: action.summary(),
                }),
        );
        Self {
            field: Field::default(),
            shown: all.clone(),
            all,
            scroll: Scroll::default(),
        }
    }

    /// Keeps the entries that hold what was typed, under their titles.
    pub(crate) fn narrow(&mut self) {
        let wanted = self.field.text().to_lowercase();
        let mut shown: Vec<Line> = Vec::new();
        for line in &self.all {
            match line {
                Line::Title(_) => {
                    if matches!(shown.last(), Some(Line::Title(_))) {
                        shown.pop();
                    }
                    shown.push(line.clone());
                }
                Line::Entry {
                    keys,
                    name,
                    summary,
                } => {
                    let text = format!("{keys} {name} {summary}").to_lowercase();
                    if text.contains(&wanted) {
                        shown.push(line.clone());
                    }
                }
            }
        }
        if matches!(shown.last(), Some(Line::Title(_))) {
            shown.pop();
        }
        self.shown = shown;
        self.scroll = Scroll::default();
    }

    pub(crate) fn step(&mut self, step: Step) {
        self.scroll.step(step, self.shown.len());
    }

    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, screen: Rect) {
        let size = (76, usize::from(screen.height).saturating_sub(4));
        let inner = frame::dialog(
            pen,
            screen,
            size,
            &[span(Role::Title, "Keys and commands")],
            Role::Dialog,
        );
        self.field.draw(pen, line(inner, 0), "find ", Role::Input);
        let body = below(inner, 2);
        if self.shown.is_empty() {
            pen.text(body, Role::Dim, "Nothing holds that text.");
        }
        let seen = self.scroll.window(body.height, self.shown.len());
        for (at, entry) in self.shown[seen.clone()].iter().enumerate() {
            entry.draw(pen, line(body, at));
        }
        let bar = Rect {
            width: body.width + 1,
            ..body
        };
        frame::scroll_bar(pen, bar, seen, self.shown.len());
    }
}

impl Line {
    fn draw(&self, pen: &mut Pen<'_>, area: Rect) {
        match self {
            Self::Title(title) => frame::heading(pen, area, &[span(Role::Header, *title)], &[]),
            Self::Entry {
                keys,
                name,
                summary,
            } => {
                let spans = [
                    span(Role::Key, format!("  {} ", format::left(keys, 12))),
                    span(Role::Dim, format!("{} ", format::left(name, 20))),
                    span(Role::Text, *summary),
                ];
                pen.spans(area, &spans);
            }
        }
    }
}

/// What to type after `:`, for what has a name there.
fn typed_name(action: Action) -> Option<&'static str> {
    match action {
        Action::Verb(verb) => Some(verb.word),
        Action::Ui(command) => command.aliases.first().copied(),
    }
}

/// The bindings of a scope, all keys of one command in one line.
fn bound(
    keymap: &Keymap,
    scope: Scope,
    glyphs: GlyphSet,
    allowed: &impl Fn(Action) -> bool,
) -> Vec<Line> {
    let mut entries: Vec<(Action, String)> = Vec::new();
    for (keys, action) in keymap
        .bindings(scope)
        .into_iter()
        .filter(|(_, action)| allowed(*action))
    {
        let keys = spelled(&keys, glyphs);
        match entries.iter_mut().find(|(known, _)| *known == action) {
            Some((_, all)) if format::width(all) + format::width(&keys) < 12 => {
                *all = format!("{all} {keys}");
            }
            Some(_) => {}
            None => entries.push((action, keys)),
        }
    }
    let line = |(action, keys): (Action, String)| Line::Entry {
        keys,
        name: action.id().to_owned(),
        summary: action.summary(),
    };
    entries.into_iter().map(line).collect()
}
