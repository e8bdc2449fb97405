//! Where the operator is, and the way back.

use archipel_fleet::{Fleet, VmRef};
use archipel_language::Noun;

use super::App;
use crate::{
    filter::Filter,
    keymap::Scope,
    screen::{Screen, Tab},
    subject::Subject,
};

/// Which half of the first screen has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    Roster,
    Detail,
}

/// A place to come back to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) screen: Screen,
    pub(super) focus: Focus,
    /// Whether the operator wants the roster on the screen.
    pub(super) roster: bool,
    /// What was under the roster's cursor when the place was left.
    pub(super) subject: Subject,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            screen: Screen::Fleet,
            focus: Focus::Roster,
            roster: true,
            subject: Subject::Fleet,
        }
    }
}

/// What the keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    Roster,
    Vms,
    Hosts,
    Health,
    Log,
    Overview,
    /// A page about a machine.
    Page(Tab),
    AllVms,
    AllHosts,
    Messages,
    Tasks,
    Events,
}

/// Places that can be gone back to.
const BACK: usize = 50;

impl App {
    /// What the detail pane is about.
    pub(super) fn subject(&self) -> Subject {
        self.views.roster.subject()
    }

    /// The tabs of the detail pane.
    pub(super) fn tabs_of(subject: &Subject) -> &'static [Tab] {
        match subject {
            Subject::Fleet | Subject::Group(_) => &[Tab::Hypervisors, Tab::Vms],
            Subject::Host(_) => &[Tab::Health, Tab::Vms, Tab::Log],
            Subject::Vm(_) => &[
                Tab::Overview,
                Tab::Definition,
                Tab::Pending,
                Tab::History,
                Tab::Picture,
                Tab::Access,
            ],
        }
    }

    /// The open one.
    pub(super) fn tab(&self) -> Tab {
        match self.subject() {
            Subject::Fleet | Subject::Group(_) => self.tabs.group,
            Subject::Host(_) => self.tabs.host,
            Subject::Vm(_) => self.tabs.vm,
        }
    }

    pub(super) fn set_tab(&mut self, tab: Tab) {
        match self.subject() {
            Subject::Fleet | Subject::Group(_) => self.tabs.group = tab,
            Subject::Host(_) => self.tabs.host = tab,
            Subject::Vm(_) => self.tabs.vm = tab,
        }
        self.stale = true;
    }

    /// What the keys go to.
    pub(super) fn pane(&self) -> Pane {
        match (self.place.screen, self.place.focus) {
            (Screen::Fleet, Focus::Roster) => Pane::Roster,
            (Screen::Fleet, Focus::Detail) => self.detail_pane(),
            (Screen::Vms, _) => Pane::AllVms,
            (Screen::Hypervisors, _) => Pane::AllHosts,
            (Screen::Messages, _) => Pane::Messages,
            (Screen::Tasks, _) => Pane::Tasks,
            (Screen::Events, _) => Pane::Events,
        }
    }

    /// What fills the detail pane.
    pub(super) fn detail_pane(&self) -> Pane {
        match self.tab() {
            Tab::Health => Pane::Health,
            Tab::Hypervisors => Pane::Hosts,
            Tab::Vms => Pane::Vms,
            Tab::Log => Pane::Log,
            Tab::Overview => Pane::Overview,
            tab @ (Tab::Definition | Tab::Pending | Tab::History | Tab::Picture | Tab::Access) => {
                Pane::Page(tab)
            }
        }
    }

    /// The scopes whose keys hold now, the most special one first.
    pub(super) fn scopes(&self) -> &'static [Scope] {
        use Scope::{
            Detail, Global, Health, Hypervisors, List, Machines, Page, Roster, Table, Tasks, Text,
        };
        match self.pane() {
            Pane::Roster if self.detail_pane() == Pane::Health => {
                &[Roster, List, Machines, Health, Detail, Global]
            }
            Pane::Roster if matches!(self.detail_pane(), Pane::Page(_)) => {
                &[Roster, List, Machines, Page, Detail, Global]
            }
            Pane::Roster => &[Roster, List, Machines, Detail, Global],
            Pane::Vms => &[Table, List, Machines, Detail, Global],
            Pane::Hosts => &[Hypervisors, Table, List, Machines, Detail, Global],
            Pane::AllVms => &[Table, List, Machines, Global],
            Pane::AllHosts => &[Hypervisors, Table, List, Machines, Global],
            Pane::Health => &[Machines, Health, Detail, Global],
            Pane::Overview => &[Machines, Detail, Global],
            Pane::Log => &[List, Detail, Global],
            Pane::Page(Tab::History | Tab::Access) => &[List, Machines, Page, Detail, Global],
            Pane::Page(Tab::Picture) => &[Machines, Page, Detail, Global],
            Pane::Page(_) => &[Text, Machines, Page, Detail, Global],
            Pane::Messages | Pane::Events => &[List, Global],
            Pane::Tasks => &[Tasks, List, Global],
        }
    }

    /// Whether what the cursor is on can be opened.
    pub(super) fn opens(&self) -> bool {
        let closed = matches!(self.pane(), Pane::Page(_) | Pane::Messages);
        !self.layers.is_empty() || !closed
    }

    /// The filter of what the keys go to, where it has one.
    pub(super) fn filter(&mut self) -> Option<&mut Filter> {
        if self.place.screen == Screen::Fleet && self.place.focus == Focus::Detail {
            return self.detail_filter();
        }
        let views = &mut self.views;
        Some(match self.place.screen {
            Screen::Vms => &mut views.all_vms.filter,
            Screen::Hypervisors => &mut views.all_hosts.filter,
            Screen::Messages => &mut views.messages.filter,
            Screen::Events => &mut views.events.filter,
            Screen::Tasks => return None,
            Screen::Fleet => &mut views.roster.filter,
        })
    }

    /// What the filter of what the keys go to is about; nothing, where it is about texts.
    pub(super) fn filtered(&self) -> &'static [Noun] {
        match self.pane() {
            Pane::Roster => &[Noun::Vm, Noun::Hypervisor],
            Pane::Vms | Pane::AllVms => &[Noun::Vm],
            Pane::Hosts | Pane::AllHosts => &[Noun::Hypervisor],
            Pane::Log | Pane::Events => &[Noun::Event],
            _ => &[],
        }
    }

    fn detail_filter(&mut self) -> Option<&mut Filter> {
        Some(match self.detail_pane() {
            Pane::Vms => &mut self.views.vms.filter,
            Pane::Hosts => &mut self.views.hosts.filter,
            Pane::Log => &mut self.views.log.filter,
            _ => return None,
        })
    }

    /// Goes to a screen; the place before can be gone back to.
    pub(super) fn go(&mut self, screen: Screen) {
        if self.place.screen != screen {
            self.remember();
            self.place.screen = screen;
            self.stale = true;
        }
    }

    pub(super) fn remember(&mut self) {
        let place = Place {
            subject: self.subject(),
            ..self.place.clone()
        };
        if self.back.last() != Some(&place) {
            self.back.push(place);
        }
        if self.back.len() > BACK {
            self.back.remove(0);
        }
    }

    /// Goes back; the answer says whether there was a place to go back to.
    pub(super) fn go_back(&mut self, fleet: &Fleet) -> bool {
        let Some(place) = self.back.pop() else {
            return false;
        };
        self.views.roster.reveal(fleet, &place.subject);
        self.place = place;
        self.stale = true;
        true
    }

    /// Exchanges this place and the one before.
    pub(super) fn go_last(&mut self, fleet: &Fleet) {
        let Some(before) = self.back.pop() else {
            return;
        };
        self.remember();
        self.views.roster.reveal(fleet, &before.subject);
        self.place = before;
        self.stale = true;
    }

    /// Shows a machine or hypervisor in the first screen.
    pub(super) fn reveal(&mut self, fleet: &Fleet, subject: &Subject, tab: Option<Tab>) {
        self.remember();
        self.place.screen = Screen::Fleet;
        self.place.focus = Focus::Detail;
        self.views.roster.reveal(fleet, subject);
        if let Some(tab) = tab {
            self.set_tab(tab);
        }
        self.stale = true;
    }

    /// The one machine that the cursor is on or the view is about.
    pub(super) fn machine(&self) -> Option<VmRef> {
        match self.pane() {
            Pane::Vms => self.views.vms.rows.cursor().cloned(),
            Pane::AllVms => self.views.all_vms.rows.cursor().cloned(),
            Pane::Roster | Pane::Overview | Pane::Page(_) => match self.subject() {
                Subject::Vm(vm) => Some(vm),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the cursor is on, as far as machines belong to it.
    pub(super) fn selected(&self) -> Option<Subject> {
        match self.pane() {
            Pane::Vms | Pane::AllVms => self.machine().map(Subject::Vm),
            Pane::Hosts => self.views.hosts.rows.cursor().cloned().map(Subject::Host),
            Pane::AllHosts => self
                .views
                .all_hosts
                .rows
                .cursor()
                .cloned()
                .map(Subject::Host),
            Pane::Messages | Pane::Tasks | Pane::Events => None,
            Pane::Roster | Pane::Health | Pane::Log | Pane::Overview | Pane::Page(_) => {
                Some(self.subject()).filter(|subject| *subject != Subject::Fleet)
            }
        }
    }
}
