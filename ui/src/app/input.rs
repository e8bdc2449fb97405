//! Keys: to the top layer where there is one, else through the keymap.

use archipel_fleet::{Fleet, Level};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::App;
use crate::{
    command::{Act, Action, Step},
    keymap::{Chord, Lookup, Scope, spelled},
    layers::{Layer, cycle::Cycle},
    messages::Message,
    now::Now,
    output::Command,
    widgets::field::Field,
};

impl App {
    /// Takes a key and answers with what is to be done.
    pub fn key(&mut self, key: KeyEvent, fleet: &Fleet, now: Now) -> Vec<Command> {
        if key.kind == KeyEventKind::Release {
            return Vec::new();
        }
        self.dirty = true;
        self.refresh(fleet, now);
        if self
            .layers
            .last_mut()
            .is_some_and(|layer| layer.field().is_some())
        {
            self.type_key(key, fleet, now);
        } else {
            self.press(Chord::from(key), fleet, now);
        }
        self.refresh(fleet, now);
        self.ask(fleet, now);
        std::mem::take(&mut self.out)
    }

    /// Takes pasted text: into the text field that is open, else nowhere. Pasted text is never a command.
    pub fn paste(&mut self, text: &str, fleet: &Fleet, now: Now) -> Vec<Command> {
        if let Some(field) = self.layers.last_mut().and_then(Layer::field) {
            field.paste(text);
            self.typed(fleet);
            self.dirty = true;
        }
        self.ask(fleet, now);
        std::mem::take(&mut self.out)
    }

    fn press(&mut self, chord: Chord, fleet: &Fleet, now: Now) {
        if !self.pending.is_empty() && chord == Chord::from(KeyEvent::from(KeyCode::Esc)) {
            self.pending.clear();
            return;
        }
        let begun = !self.pending.is_empty();
        self.pending.push(chord);
        match self
            .options
            .keymap
            .lookup(self.active_scopes(), &self.pending)
        {
            Lookup::Pending => {}
            Lookup::Run(action) => {
                self.pending.clear();
                self.run_pressed(action, fleet, now);
            }
            Lookup::Unbound => {
                let keys = spelled(&std::mem::take(&mut self.pending), self.options.glyphs);
                // A stray key says nothing; one after a menu was meant.
                if begun {
                    self.say(Level::Hint, &Message::Unbound { keys: &keys });
                }
            }
        }
    }

    /// The scopes of the top layer, else of the view.
    pub(super) fn active_scopes(&self) -> &'static [Scope] {
        match self.layers.last() {
            Some(Layer::Plan(_) | Layer::Quit) => &[Scope::Plan, Scope::List],
            Some(Layer::Run(_)) => &[Scope::Tasks, Scope::List, Scope::Global],
            _ => self.scopes(),
        }
    }

    fn run_pressed(&mut self, action: Action, fleet: &Fleet, now: Now) {
        let act = match action {
            Action::Ui(command) => Some(command.act),
            Action::Verb(_) => None,
        };
        match (self.layers.last_mut(), act) {
            (None, _) => self.run(action, fleet, now),
            (Some(Layer::Plan(plan)), Some(Act::Move(step))) => plan.rows.step(step),
            (Some(Layer::Run(run)), Some(Act::Move(step))) => run.rows.step(step),
            (Some(Layer::Plan(plan)), Some(Act::Open)) if plan.is_safe() => self.accept(),
            (Some(Layer::Plan(_)), Some(Act::Accept)) => self.accept(),
            (Some(Layer::Quit), Some(Act::Accept)) => self.out.push(Command::Quit),
            (Some(Layer::Run(_)), Some(Act::Retry)) => self.retry(fleet),
            (Some(_), Some(Act::Cancel | Act::Back | Act::Close | Act::Quit)) => {
                self.layers.pop();
            }
            (Some(_), _) => {}
        }
    }

    /// Hands the plan on top out, where there is anything to do.
    fn accept(&mut self) {
        match self.layers.pop() {
            Some(Layer::Plan(view)) if view.can_run() => self.execute(view.plan),
            _ => {}
        }
    }

    /// A key while text is being typed.
    fn type_key(&mut self, key: KeyEvent, fleet: &Fleet, now: Now) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => self.leave_field(),
            KeyCode::Char('c' | 'g') if control => self.leave_field(),
            KeyCode::Enter => self.enter(fleet, now),
            KeyCode::Up => self.step_layer(Step::Up),
            KeyCode::Down => self.step_layer(Step::Down),
            KeyCode::Char('p') if control => self.step_layer(Step::Up),
            KeyCode::Char('n') if control => self.step_layer(Step::Down),
            KeyCode::PageUp => self.step_layer(Step::PageUp),
            KeyCode::PageDown => self.step_layer(Step::PageDown),
            KeyCode::Tab => self.complete(fleet),
            KeyCode::Backspace if self.backs_out() => self.leave_field(),
            _ => {
                let taken = self
                    .layers
                    .last_mut()
                    .and_then(Layer::field)
                    .is_some_and(|field| field.key(key));
                if taken {
                    self.typed(fleet);
                }
            }
        }
    }

    /// Backspace in an empty `:` or `/` line leaves it.
    fn backs_out(&mut self) -> bool {
        let lines = matches!(
            self.layers.last(),
            Some(Layer::Line(_) | Layer::Filter { .. })
        );
        lines
            && self
                .layers
                .last_mut()
                .and_then(Layer::field)
                .is_some_and(|field| field.text().is_empty())
    }

    /// The text has changed: what depends on it follows.
    fn typed(&mut self, fleet: &Fleet) {
        let read_only = self.options.read_only;
        let allowed =
            move |action: Action| !read_only || action.risk() == archipel_language::Risk::Safe;
        let mut filter = None;
        match self.layers.last_mut() {
            Some(Layer::Help(help)) => help.narrow(),
            Some(Layer::Palette(palette)) => palette.narrow(),
            Some(Layer::Line(line)) => line.complete(fleet, &allowed),
            Some(Layer::Filter { field, cycle, .. }) => {
                *cycle = None;
                filter = Some(field.text().to_owned());
            }
            _ => {}
        }
        if let Some(text) = filter {
            self.set_filter(&text);
        }
    }

    /// Tab: takes the offer in the `:` line, goes through what may follow in the `/` line.
    fn complete(&mut self, fleet: &Fleet) {
        let nouns = self.filtered();
        match self.layers.last_mut() {
            Some(Layer::Line(line)) => {
                line.accept_offer();
                self.typed(fleet);
            }
            Some(Layer::Filter { field, cycle, .. }) => {
                let found = || Cycle::of(nouns, field.text(), fleet);
                let Some(mut turning) = cycle.take().or_else(found) else {
                    return;
                };
                let text = turning.turn();
                *field = Field::new(&text);
                *cycle = Some(turning);
                self.set_filter(&text);
            }
            _ => {}
        }
    }

    fn step_layer(&mut self, step: Step) {
        match self.layers.last_mut() {
            Some(Layer::Help(help)) => help.step(step),
            Some(Layer::Palette(palette)) => palette.rows.step(step),
            Some(Layer::Line(line)) => line.step(step),
            Some(Layer::Plan(plan)) => plan.rows.step(step),
            Some(Layer::Filter { .. }) => {
                // The list under the filter can be walked while it is typed.
                let filter = self.layers.pop();
                self.act_step(step);
                self.layers.extend(filter);
            }
            _ => {}
        }
    }

    /// Leaves the field; a filter goes back to what it was.
    fn leave_field(&mut self) {
        if let Some(Layer::Filter { before, .. }) = self.layers.pop() {
            self.set_filter(&before);
        }
    }

    fn enter(&mut self, fleet: &Fleet, now: Now) {
        match self.layers.pop() {
            Some(Layer::Palette(palette)) => {
                if let Some(entry) = palette.chosen().cloned() {
                    self.run(entry.action, fleet, now);
                }
            }
            Some(Layer::Line(mut line)) => {
                let text = line.text();
                self.run_typed(&text, fleet, now);
            }
            Some(Layer::Plan(view)) => self.enter_count(view),
            _ => {}
        }
    }

    /// The count has to be the plan's; anything else does nothing.
    fn enter_count(&mut self, view: Box<crate::layers::plan::PlanView>) {
        let typed = view
            .field
            .as_ref()
            .map(|field| field.text().trim().to_owned())
            .unwrap_or_default();
        match view.wanted_count() {
            Some(wanted) if typed == wanted.to_string() => self.execute(view.plan),
            Some(wanted) => self.say(
                Level::Warning,
                &Message::WrongCount {
                    typed: &typed,
                    wanted,
                },
            ),
            None => {}
        }
    }
}
