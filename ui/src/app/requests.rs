//! What has to be fetched for what is shown: asked for once, and again when its hypervisor came back.

use std::time::Duration;

use archipel_fleet::{Fleet, Hypervisor, Look, Moment, Range};
use archipel_protocol::{HypervisorId, history::Metric};

use super::{App, place::Pane};
use crate::{
    now::Now,
    output::Command,
    screen::{Screen, Tab},
    subject::Subject,
    views::page::Pages,
};

/// Agents whose logs are fetched at once for the log of all.
const LOGS: usize = 64;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was asked for last.
#[derive(Debug, Default)]
pub(super) struct Asked {
    look: Look,
    history: Option<(HypervisorId, Range, Moment)>,
    logs: Vec<(HypervisorId, u64)>,
}

impl App {
    /// Asks for what the open view lacks.
    pub(super) fn ask(&mut self, fleet: &Fleet, now: Now) {
        let pane = if self.place.screen == Screen::Fleet {
            self.detail_pane()
        } else {
            self.pane()
        };
        match pane {
            Pane::Health => self.ask_history(fleet, now),
            Pane::Log => self.ask_log(fleet),
            Pane::Events => self.ask_logs(fleet),
            Pane::Page(tab) => self.ask_page(tab, fleet, now),
            _ => {}
        }
    }

    /// What is seen is known after a frame, not before: rows move, and terminals change their size.
    pub(super) fn ask_figures(&mut self) {
        let look = self.look();
        if self.asked.look != look {
            self.asked.look.clone_from(&look);
            self.out.push(Command::Look(look));
        }
    }

    /// Whose machines' figures are seen.
    fn look(&self) -> Look {
        let subject = self.subject();
        match (self.place.screen, subject.host()) {
            (Screen::Vms, _) => self.views.all_vms.look(),
            (Screen::Fleet, Some(host)) => Look::At(host.clone()),
            (Screen::Fleet, None) if self.detail_pane() == Pane::Vms => self.views.vms.look(),
            _ => Look::Away,
        }
    }

    /// A live feed continues a series by itself; one that is missing is asked for, and again when no answer came.
    fn ask_history(&mut self, fleet: &Fleet, now: Now) {
        let Subject::Host(id) = self.subject() else {
            return;
        };
        let host = fleet.hypervisor(&id).filter(|host| answers(fleet, host));
        if host.is_none_or(|host| host.history(Metric::Cpu, self.range).is_some()) {
            return;
        }
        let asked = self.asked.history.as_ref();
        let waits = asked.is_some_and(|(of, range, at)| {
            *of == id && *range == self.range && now.moment.since(*at) < PATIENCE
        });
        if !waits {
            self.asked.history = Some((id.clone(), self.range, now.moment));
            self.out.push(Command::History(id, self.range));
        }
    }

    fn ask_log(&mut self, fleet: &Fleet) {
        let Subject::Host(id) = self.subject() else {
            return;
        };
        if let Some(host) = fleet.hypervisor(&id) {
            self.ask_log_of(fleet, host);
        }
    }

    fn ask_logs(&mut self, fleet: &Fleet) {
        for host in fleet.hypervisors().take(LOGS) {
            self.ask_log_of(fleet, host);
        }
    }

    /// Asks when the agent has newer entries than at the last time.
    fn ask_log_of(&mut self, fleet: &Fleet, host: &Hypervisor) {
        let asked = self.asked.logs.iter().position(|(id, _)| *id == host.id);
        let known = asked.map_or(0, |at| self.asked.logs[at].1);
        if host.newest_event == known || !answers(fleet, host) {
            return;
        }
        match asked {
            Some(at) => self.asked.logs[at].1 = host.newest_event,
            None => self.asked.logs.push((host.id.clone(), host.newest_event)),
        }
        self.out.push(Command::Log(host.id.clone()));
    }

    fn ask_page(&mut self, tab: Tab, fleet: &Fleet, now: Now) {
        let Subject::Vm(vm) = self.subject() else {
            return;
        };
        let pages = self.views.pages.take();
        let pages = pages.filter(|pages| pages.vm == vm);
        let pages = self
            .views
            .pages
            .insert(pages.unwrap_or_else(|| Pages::new(vm.clone())));
        let host = fleet.hypervisor(&vm.hypervisor);
        if !host.is_some_and(|host| answers(fleet, host)) {
            return;
        }
        if let Some(question) = pages.lacks(tab, fleet) {
            pages.asked(&question, now);
            self.out.push(Command::Ask(question));
        }
    }
}

/// Whether there is any sense in asking.
fn answers(fleet: &Fleet, host: &Hypervisor) -> bool {
    fleet.link().is_online() && host.reach.is_online() && host.fresh.is_live()
}
