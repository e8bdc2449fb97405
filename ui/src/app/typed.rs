//! What was typed after `:`.

use archipel_fleet::{Fleet, Key, Level};
use archipel_language::{Noun, Selector, Verb};
use archipel_protocol::HypervisorId;

use super::{App, place::Pane};
use crate::{
    command::{Act, Action},
    messages::Message,
    now::Now,
    screen::Tab,
    subject::Subject,
    theme::Theme,
    views::page::Pages,
};

impl App {
    /// Runs a typed command: a word, and what it is about.
    pub(super) fn run_typed(&mut self, text: &str, fleet: &Fleet, now: Now) {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        // `vms: tag = web`, as selectors name their noun, is `vms tag = web`.
        let (word, rest) = (word.trim_end_matches(':'), rest.trim());
        if word.is_empty() {
            return;
        }
        match Action::by_word(word) {
            None => self.unknown(word),
            Some(action) if rest.is_empty() => self.run(action, fleet, now),
            Some(Action::Ui(command)) => self.run_with(command.act, rest, fleet, now),
            Some(Action::Verb(verb)) if verb.noun == Noun::Hypervisor => {
                match rest.parse::<HypervisorId>() {
                    Ok(id) => self.run_on_hypervisor(verb, Some(id), fleet),
                    Err(why) => self.say(
                        Level::Warning,
                        &Message::BadAddress {
                            why: &why.to_string(),
                        },
                    ),
                }
            }
            Some(Action::Verb(verb)) => self.run_said(verb, rest, fleet),
        }
    }

    /// A verb with the values of its own arguments, then the machines; without those, what is selected.
    fn run_said(&mut self, verb: &'static Verb, text: &str, fleet: &Fleet) {
        let mut rest = text;
        let mut given = Vec::new();
        for argument in verb.own_arguments() {
            let (value, after) = rest.split_once(' ').unwrap_or((rest, ""));
            // What may be left out is a number: anything else is a machine.
            if argument.optional && value.parse::<u64>().is_err() {
                break;
            }
            given.extend((!value.is_empty()).then(|| value.to_owned()));
            rest = after.trim();
        }
        if rest.is_empty() {
            let targets = self.targets(fleet);
            self.run_given(verb, given, &targets, fleet);
        } else {
            self.run_on_selector(verb, given, rest, fleet);
        }
    }

    fn unknown(&mut self, word: &str) {
        let near = Action::near(word).map(Action::name);
        self.say(Level::Warning, &Message::NoCommand { word, near });
    }

    /// A command of the screen with something behind it.
    fn run_with(&mut self, act: Act, rest: &str, fleet: &Fleet, now: Now) {
        match act {
            Act::NextTheme => match Theme::preset(rest) {
                Some(theme) => self.options.theme = theme,
                None => self.unknown(rest),
            },
            Act::Filter => self.set_filter(rest),
            Act::Show(_) => {
                self.act(act, fleet, now);
                self.set_filter(rest);
            }
            Act::Sort => self.sort_by(rest),
            Act::OfMachine(tab) => self.show_page_about(tab, rest, fleet),
            _ => self.act(act, fleet, now),
        }
    }

    fn run_on_selector(
        &mut self,
        verb: &'static Verb,
        given: Vec<String>,
        text: &str,
        fleet: &Fleet,
    ) {
        match Selector::exact(Noun::Vm, text) {
            Err(why) => self.say(
                Level::Warning,
                &Message::BadSelector {
                    text,
                    why: &why.to_string(),
                },
            ),
            Ok(selector) => {
                let keys = match self.wall {
                    Some(now) => selector.select_at(fleet, now),
                    None => selector.select(fleet),
                };
                let targets: Vec<_> = keys.into_iter().filter_map(Key::vm).collect();
                if targets.is_empty() {
                    self.say(Level::Hint, &Message::NothingMatches { text });
                } else {
                    self.run_given(verb, given, &targets, fleet);
                }
            }
        }
    }

    /// `:why start`: the page with the cursor on the verb.
    fn show_page_about(&mut self, tab: Tab, word: &str, fleet: &Fleet) {
        let Some(verb) = Verb::by_word(Noun::Vm, word).filter(|_| tab == Tab::Access) else {
            return self.unknown(word);
        };
        self.show_page(tab, fleet);
        let Subject::Vm(vm) = self.subject() else {
            return;
        };
        let pages = self.views.pages.take().filter(|pages| pages.vm == vm);
        let pages = pages.unwrap_or_else(|| Pages::new(vm));
        self.views.pages.insert(pages).choose(verb);
    }

    fn sort_by(&mut self, title: &str) {
        let found = match self.pane() {
            Pane::Vms => self.views.vms.sort_by(title),
            Pane::AllVms => self.views.all_vms.sort_by(title),
            Pane::Hosts => self.views.hosts.sort_by(title),
            Pane::AllHosts => self.views.all_hosts.sort_by(title),
            _ => false,
        };
        self.stale = true;
        if !found {
            self.say(
                Level::Hint,
                &Message::NotHere {
                    what: &format!("column `{title}`"),
                },
            );
        }
    }

    /// Narrows the view.
    pub(super) fn set_filter(&mut self, text: &str) {
        let (nouns, now) = (self.filtered(), self.wall);
        if let Some(filter) = self.filter() {
            filter.set(text, nouns, now);
            self.stale = true;
        } else {
            self.say(Level::Hint, &Message::NotHere { what: "filter" });
        }
    }
}
