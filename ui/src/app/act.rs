//! The commands of the screen.

use archipel_fleet::{Fleet, Level, Range, VmRef, plan_given};

use super::{
    App,
    place::{Focus, Pane, Place},
};
use crate::{
    command::{Act, Action, Step},
    keymap::spelled,
    layers::{
        Layer,
        command_line::CommandLine,
        help::Help,
        palette::{Entry, Palette},
    },
    messages::Message,
    now::Now,
    output::Command,
    screen::{Screen, Tab},
    subject::Subject,
    theme::Theme,
    views::log::Entry as LogEntry,
    widgets::field::Field,
};

impl App {
    /// Runs anything that a key, the `:` line or the palette names.
    pub(super) fn run(&mut self, action: Action, fleet: &Fleet, now: Now) {
        match action {
            Action::Ui(command) => self.act(command.act, fleet, now),
            Action::Verb(verb) => self.run_verb(verb, fleet),
        }
    }

    pub(super) fn act(&mut self, act: Act, fleet: &Fleet, now: Now) {
        match act {
            Act::Close => self.close(fleet),
            Act::Quit => self.quit(fleet),
            Act::Suspend => self.out.push(Command::Suspend),
            Act::Redraw => self.out.push(Command::Redraw),
            Act::Help | Act::Palette | Act::CommandLine | Act::Filter => {
                self.open_layer(act, fleet);
            }
            Act::Back => self.back(fleet, now),
            Act::NextTheme => self.next_theme(),
            Act::Show(screen) => self.go(screen),
            Act::LastScreen => self.go_last(fleet),
            Act::Roster => self.toggle_roster(),
            Act::Focus => self.change_focus(),
            Act::Move(step) => self.act_step(step),
            Act::Open => self.open(fleet),
            Act::Expand => self.expand(fleet),
            Act::Collapse => self.collapse(fleet),
            Act::Mark | Act::MarkRange | Act::Invert | Act::Unmark => self.mark(act, fleet),
            Act::Column { right } => self.choose_column(right),
            Act::Sort => self.sort(),
            Act::NextTab { back } => self.next_tab(back),
            Act::ShowTab(tab) => self.show_tab(tab),
            Act::OfMachine(tab) => self.show_page(tab, fleet),
            Act::Refresh => self.ask_again(),
            Act::NextRange => self.next_range(),
            Act::ShowRange(range) => self.range = range,
            Act::CopyName | Act::CopyId => self.copy(act, fleet),
            Act::Retry => self.retry(fleet),
            Act::Accept | Act::Cancel => {}
        }
    }

    fn open_layer(&mut self, act: Act, fleet: &Fleet) {
        let layer = match act {
            Act::Help => Layer::Help(Help::new(
                &self.options.keymap,
                self.options.glyphs,
                |action| self.allowed(action),
            )),
            Act::Palette => Layer::Palette(Palette::new(self.palette_entries(fleet))),
            Act::Filter => match self.filter().map(|filter| filter.text().to_owned()) {
                Some(before) => Layer::Filter {
                    field: Field::new(&before),
                    before,
                    cycle: None,
                },
                None => return self.say(Level::Hint, &Message::NotHere { what: "filter" }),
            },
            _ => Layer::Line(CommandLine::new("", fleet, &|action| self.allowed(action))),
        };
        self.layers.push(layer);
    }

    fn palette_entries(&self, fleet: &Fleet) -> Vec<Entry> {
        let scopes = self.scopes();
        let entry = |action: Action| {
            let keys = self.options.keymap.keys_of(scopes, action);
            Entry {
                action,
                keys: keys
                    .map(|keys| spelled(&keys, self.options.glyphs))
                    .unwrap_or_default(),
                blocked: self.blocked(action, fleet),
            }
        };
        let inner = |action: &Action| matches!(action, Action::Ui(command) if matches!(command.act, Act::Accept | Act::Cancel | Act::Move(_)));
        Action::all()
            .filter(|action| self.allowed(*action) && !inner(action))
            .map(entry)
            .collect()
    }

    /// Leaves a screen, or what was opened from one; else the program.
    fn close(&mut self, fleet: &Fleet) {
        let elsewhere = |place: &Place| place.screen != Screen::Fleet;
        let opened = elsewhere(&self.place) || self.back.last().is_some_and(elsewhere);
        if !(opened && self.go_back(fleet)) {
            self.quit(fleet);
        }
    }

    /// Leaves the program; while tasks run it asks.
    fn quit(&mut self, fleet: &Fleet) {
        if fleet.runs().any(|run| !run.is_over()) {
            self.layers.push(Layer::Quit);
        } else {
            self.out.push(Command::Quit);
        }
    }

    /// One step back: a notice, a filter, then the place before.
    fn back(&mut self, fleet: &Fleet, now: Now) {
        let dismissed = self.dismissed;
        let error = |noticed: &archipel_fleet::Noticed| {
            noticed.notice.level == Level::Error && dismissed.is_none_or(|until| noticed.at > until)
        };
        if fleet.notices().any(error) {
            self.dismissed = Some(now.moment);
        } else if self.filter().is_some_and(|filter| !filter.is_empty()) {
            self.set_filter("");
        } else if !self.go_back(fleet) {
            self.place.focus = Focus::Roster;
            self.dismissed = Some(now.moment);
        }
    }

    fn next_theme(&mut self) {
        let all: Vec<Theme> = Theme::names().filter_map(Theme::preset).collect();
        let at = all
            .iter()
            .position(|theme| *theme == self.options.theme)
            .unwrap_or(0);
        if let Some(theme) = all.get((at + 1) % all.len().max(1)) {
            self.options.theme = theme.clone();
        }
    }

    fn toggle_roster(&mut self) {
        self.place.screen = Screen::Fleet;
        self.place.roster = !self.place.roster;
        self.place.focus = if self.place.roster {
            Focus::Roster
        } else {
            Focus::Detail
        };
    }

    fn change_focus(&mut self) {
        self.place.focus = match self.place.focus {
            Focus::Roster => Focus::Detail,
            Focus::Detail => Focus::Roster,
        };
        self.place.roster |= self.place.focus == Focus::Roster;
    }

    pub(super) fn act_step(&mut self, step: Step) {
        let pane = self.pane();
        let views = &mut self.views;
        match pane {
            Pane::Roster => views.roster.step(step),
            Pane::Vms => views.vms.rows.step(step),
            Pane::Hosts => views.hosts.rows.step(step),
            Pane::AllVms => views.all_vms.rows.step(step),
            Pane::AllHosts => views.all_hosts.rows.step(step),
            Pane::Log => views.log.rows.step(step),
            Pane::Events => views.events.rows.step(step),
            Pane::Messages => views.messages.rows.step(step),
            Pane::Tasks => views.tasks.rows.step(step),
            Pane::Page(tab) => {
                if let Some(pages) = &mut views.pages {
                    pages.step(tab, step);
                }
            }
            Pane::Health | Pane::Overview => {}
        }
        // What the detail shows hangs on the roster's cursor.
        self.stale |= self.place.screen == Screen::Fleet && self.place.focus == Focus::Roster;
    }

    fn open(&mut self, fleet: &Fleet) {
        match self.pane() {
            Pane::Roster => match self.subject() {
                Subject::Vm(_) => self.place.focus = Focus::Detail,
                _ => self.views.roster.toggle(fleet),
            },
            Pane::Vms | Pane::AllVms => {
                if let Some(vm) = self.machine() {
                    self.reveal(fleet, &Subject::Vm(vm), None);
                }
            }
            Pane::Hosts | Pane::AllHosts => {
                if let Some(subject) = self.selected().filter(|subject| {
                    subject
                        .host()
                        .is_some_and(|id| fleet.hypervisor(id).is_some())
                }) {
                    self.reveal(fleet, &subject, None);
                }
            }
            Pane::Log => self.open_entry(fleet, self.views.log.rows.cursor().cloned()),
            Pane::Events => self.open_entry(fleet, self.views.events.rows.cursor().cloned()),
            Pane::Tasks => self.views.tasks.toggle(fleet),
            _ => {}
        }
    }

    /// Goes to what an entry of a log is about, if it is still there.
    fn open_entry(&mut self, fleet: &Fleet, entry: Option<LogEntry>) {
        let Some(entry) = entry else { return };
        let subject = entry.subject();
        let is_there = match &subject {
            Subject::Vm(vm) => fleet.vm(vm).is_some(),
            Subject::Host(id) => fleet.hypervisor(id).is_some(),
            Subject::Fleet | Subject::Group(_) => true,
        };
        if is_there {
            self.reveal(fleet, &subject, None);
        } else {
            let name = entry.about();
            self.say(Level::Hint, &Message::NoMore { name });
        }
    }

    fn expand(&mut self, fleet: &Fleet) {
        if !self.views.roster.expand(fleet) {
            self.place.focus = Focus::Detail;
        }
    }

    fn collapse(&mut self, fleet: &Fleet) {
        self.views.roster.collapse(fleet);
        self.stale = true;
    }

    fn choose_column(&mut self, right: bool) {
        match self.pane() {
            Pane::Vms => self.views.vms.choose(right),
            Pane::AllVms => self.views.all_vms.choose(right),
            Pane::Hosts => self.views.hosts.choose(right),
            Pane::AllHosts => self.views.all_hosts.choose(right),
            _ => {}
        }
    }

    fn sort(&mut self) {
        match self.pane() {
            Pane::Vms => self.views.vms.sort_by_chosen(),
            Pane::AllVms => self.views.all_vms.sort_by_chosen(),
            Pane::Hosts => self.views.hosts.sort_by_chosen(),
            Pane::AllHosts => self.views.all_hosts.sort_by_chosen(),
            _ => {}
        }
        self.stale = true;
    }

    fn next_tab(&mut self, back: bool) {
        let tabs = Self::tabs_of(&self.subject());
        let at = tabs.iter().position(|tab| *tab == self.tab()).unwrap_or(0);
        let next = if back { at + tabs.len() - 1 } else { at + 1 };
        self.set_tab(tabs[next % tabs.len()]);
    }

    /// Goes to a tab; from a machine to that of its hypervisor.
    fn show_tab(&mut self, tab: Tab) {
        self.place.screen = Screen::Fleet;
        if !Self::tabs_of(&self.subject()).contains(&tab) {
            let what = format!("{} tab", tab.title());
            return self.say(Level::Hint, &Message::NotHere { what: &what });
        }
        self.set_tab(tab);
    }

    /// Shows a side of the machine under the cursor; what is shown already is asked for anew.
    pub(super) fn show_page(&mut self, tab: Tab, fleet: &Fleet) {
        match self.machine() {
            Some(vm) => self.reveal_page(&vm, tab, fleet),
            None => self.say(Level::Hint, &Message::NoMachine { tab: tab.title() }),
        }
    }

    pub(super) fn reveal_page(&mut self, vm: &VmRef, tab: Tab, fleet: &Fleet) {
        let subject = Subject::Vm(vm.clone());
        if self.place.screen == Screen::Fleet && self.subject() == subject && self.tab() == tab {
            self.ask_again();
        }
        self.reveal(fleet, &subject, Some(tab));
    }

    /// What the open page shows is asked for anew.
    fn ask_again(&mut self) {
        if let (Pane::Page(tab), Some(pages)) = (self.detail_pane(), &mut self.views.pages) {
            pages.again(tab);
        }
    }

    fn next_range(&mut self) {
        let at = Range::ALL
            .iter()
            .position(|range| *range == self.range)
            .unwrap_or(0);
        self.range = Range::ALL[(at + 1) % Range::ALL.len()];
    }

    /// Plans the failed steps of a run again.
    pub(super) fn retry(&mut self, fleet: &Fleet) {
        let id = match self.layers.last() {
            Some(Layer::Run(view)) => Some(view.id),
            _ => self.views.tasks.run(),
        };
        let Some(run) = id.and_then(|id| fleet.run(id)) else {
            return;
        };
        let failed = run.failed();
        if failed.is_empty() {
            return self.say(Level::Hint, &Message::NothingToRetry);
        }
        let plan = plan_given(fleet, run.verb, run.given.clone(), &failed);
        if matches!(self.layers.last(), Some(Layer::Run(_))) {
            self.layers.pop();
        }
        if self.allowed(Action::Verb(run.verb)) {
            self.propose(plan);
        }
    }
}
