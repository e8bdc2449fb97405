//! The `:` line with its completions.

use archipel_fleet::Fleet;
use archipel_language::{Noun, selector::complete};
use ratatui::layout::Rect;

use crate::{
    command::{Act, Action},
    format,
    screen::Screen,
    theme::{Role, Theme},
    widgets::{
        field::Field,
        frame,
        list::list,
        pen::{Pen, cells, span},
        rows::Rows,
    },
};

/// The most completions that are offered.
const OFFERED: usize = 200;
/// The most that are seen at once.
const SEEN: usize = 8;

/// What may stand in the place of the word that is being typed.
#[derive(Debug, Clone, PartialEq)]
struct Completion {
    /// All that stands in its place then.
    text: String,
    /// The end of it, as it is shown.
    shown: String,
    about: String,
}

impl Completion {
    fn new(text: &str, about: &str) -> Self {
        Self {
            text: text.to_owned(),
            shown: text.to_owned(),
            about: about.to_owned(),
        }
    }
}

/// The line.
#[derive(Debug)]
pub(crate) struct CommandLine {
    pub(crate) field: Field,
    offers: Rows<Completion>,
    /// Whether an offer was chosen with the arrows.
    choosing: bool,
}

impl CommandLine {
    pub(crate) fn new(text: &str, fleet: &Fleet, allowed: &dyn Fn(Action) -> bool) -> Self {
        let mut line = Self {
            field: Field::new(text),
            offers: Rows::default(),
            choosing: false,
        };
        line.complete(fleet, allowed);
        line
    }

    /// Computes what may follow.
    pub(crate) fn complete(&mut self, fleet: &Fleet, allowed: &dyn Fn(Action) -> bool) {
        let text = self.field.text();
        let offers = match text.split_once(' ') {
            None => words(text, allowed),
            Some((word, rest)) => Action::by_word(word).map_or_else(Vec::new, |action| {
                arguments(action, rest.trim_start(), fleet)
            }),
        };
        self.offers = Rows::default();
        self.offers.replace(offers);
        self.choosing = false;
    }

    /// Takes the offer under the cursor, or the next one.
    pub(crate) fn accept_offer(&mut self) {
        let Some(offer) = self.offers.cursor() else {
            return;
        };
        let text = match self.field.text().split_once(' ') {
            None => format!("{} ", offer.text),
            Some((word, _)) => format!("{word} {}", offer.text),
        };
        self.field = Field::new(&text);
    }

    pub(crate) fn step(&mut self, step: crate::command::Step) {
        if self.choosing {
            self.offers.step(step);
        }
        self.choosing = true;
    }

    /// What was typed, with the chosen offer in place.
    pub(crate) fn text(&mut self) -> String {
        if self.choosing {
            self.accept_offer();
        }
        self.field.text().trim().to_owned()
    }

    pub(crate) fn draw(&mut self, pen: &mut Pen<'_>, screen: Rect) {
        let bottom = Rect {
            y: screen.bottom().saturating_sub(1),
            height: 1,
            ..screen
        };
        pen.fill(bottom, Role::Text);
        self.field.draw(pen, bottom, ":", Role::Input);
        let height = self.offers.len().min(SEEN);
        if height == 0 {
            return;
        }
        let width = screen.width.min(72);
        let area = Rect {
            x: screen.x,
            y: bottom.y.saturating_sub(cells(height + 2)),
            width,
            height: cells(height + 2),
        };
        pen.fill(area, Role::Text);
        let inner = frame::pane(pen, area, &[], Role::Dialog);
        let cursor = self.choosing.then_some(Role::Selected);
        list(pen, inner, &mut self.offers, cursor, |pen, area, offer| {
            let spans = [
                span(
                    Role::Strong,
                    format!(" {} ", format::left(&offer.shown, 18)),
                ),
                span(Role::Dim, offer.about.clone()),
            ];
            pen.spans(area, &spans);
        });
    }
}

/// Commands whose name or alias begins with `typed`, then those that hold it.
fn words(typed: &str, allowed: &dyn Fn(Action) -> bool) -> Vec<Completion> {
    let named = |action: &Action| match action {
        Action::Verb(_) => true,
        Action::Ui(command) => !command.aliases.is_empty(),
    };
    let completion = |action: Action, text: &str| Completion::new(text, action.summary());
    let mut offers = Vec::new();
    for action in Action::all().filter(|action| named(action) && allowed(*action)) {
        let mut all = std::iter::once(action.name()).chain(action.aliases().iter().copied());
        offers.extend(
            all.find(|name| name.starts_with(typed))
                .map(|name| completion(action, name)),
        );
    }
    for action in Action::all().filter(|action| named(action) && allowed(*action)) {
        let known = offers.iter().any(|offer| offer.about == action.summary());
        if !known && action.name().contains(typed) {
            offers.push(completion(action, action.name()));
        }
    }
    offers
}

/// Live values for what a command takes.
fn arguments(action: Action, typed: &str, fleet: &Fleet) -> Vec<Completion> {
    let begins = |text: &str| text.to_lowercase().starts_with(&typed.to_lowercase());
    let offer = Completion::new;
    match action {
        Action::Verb(verb) if verb.noun == Noun::Vm => {
            let host = |vm: &archipel_fleet::Vm| {
                fleet
                    .hypervisor(&vm.at.hypervisor)
                    .map_or("", |host| &host.name)
            };
            let matching = fleet.vms().filter(|vm| begins(&vm.name));
            let named = matching
                .take(OFFERED)
                .map(|vm| offer(&vm.name, &format!("{} on {}", vm.state, host(vm))));
            with_selectors(named.collect(), Noun::Vm, typed, fleet)
        }
        Action::Verb(verb) if verb.word == "remove" => {
            let ids = fleet
                .hypervisors()
                .map(|host| (host.id.to_string(), host.name.clone()));
            ids.filter(|(id, _)| begins(id))
                .map(|(id, name)| offer(&id, &name))
                .collect()
        }
        Action::Verb(_) => {
            let ids = fleet
                .contacts()
                .map(|contact| (contact.id.to_string(), contact.name.clone()));
            ids.filter(|(id, _)| begins(id))
                .map(|(id, name)| offer(&id, &name))
                .collect()
        }
        Action::Ui(command) if command.act == Act::NextTheme => Theme::names()
            .filter(|name| begins(name))
            .map(|name| offer(name, "theme"))
            .collect(),
        Action::Ui(command) => match command.act {
            Act::Show(Screen::Vms) => with_selectors(Vec::new(), Noun::Vm, typed, fleet),
            Act::Show(Screen::Hypervisors) => {
                with_selectors(Vec::new(), Noun::Hypervisor, typed, fleet)
            }
            Act::Show(Screen::Events) => with_selectors(Vec::new(), Noun::Event, typed, fleet),
            _ => Vec::new(),
        },
    }
}

/// Adds what may stand at the end of a selector that is being typed.
fn with_selectors(
    mut offers: Vec<Completion>,
    noun: Noun,
    typed: &str,
    fleet: &Fleet,
) -> Vec<Completion> {
    let found = complete(noun, typed, typed.chars().count(), fleet);
    let head: String = typed.chars().take(found.from).collect();
    for candidate in found.candidates {
        let text = format!("{head}{}", candidate.text);
        if !offers.iter().any(|offer| offer.text == text) {
            offers.push(Completion {
                text,
                shown: candidate.text,
                about: candidate.summary.to_owned(),
            });
        }
    }
    offers
}
