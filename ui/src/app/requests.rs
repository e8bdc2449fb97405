//! What has to be fetched for what is shown: asked for once, and again when its hypervisor came back.

use archipel_fleet::{Fleet, Hypervisor, Moment, Range};
use archipel_protocol::{HypervisorId, history::Metric};

use super::{App, place::Pane};
use crate::{
    now::Now, output::Command, screen::Screen, subject::Subject, views::definition::Definition,
};

/// Agents whose logs are fetched at once for the log of all.
const LOGS: usize = 64;

/// What was asked for last.
#[derive(Debug, Default)]
pub(super) struct Asked {
    detail: Option<HypervisorId>,
    history: Option<(HypervisorId, Range, Moment)>,
    logs: Vec<(HypervisorId, u64)>,
}

impl App {
    /// Asks for what the open view lacks.
    pub(super) fn ask(&mut self, fleet: &Fleet, now: Now) {
        self.ask_detail();
        let pane = if self.place.screen == Screen::Fleet {
            self.detail_pane()
        } else {
            self.pane()
        };
        match pane {
            Pane::Health => self.ask_history(fleet),
            Pane::Log => self.ask_log(fleet),
            Pane::Events => self.ask_logs(fleet),
            Pane::Definition => self.ask_definition(fleet, now),
            _ => {}
        }
    }

    fn ask_detail(&mut self) {
        let wanted = match self.place.screen {
            Screen::Fleet => self.subject().host().cloned(),
            _ => None,
        };
        if self.asked.detail != wanted {
            self.asked.detail.clone_from(&wanted);
            self.out.push(Command::Detail(wanted));
        }
    }

    fn ask_history(&mut self, fleet: &Fleet) {
        let Subject::Host(id) = self.subject() else {
            return;
        };
        let Some(host) = fleet.hypervisor(&id).filter(|host| answers(fleet, host)) else {
            return;
        };
        let wanted = (id, self.range, host.reach_since);
        let missing = host.history(Metric::Cpu, self.range).is_none();
        let is_new = self.asked.history.as_ref() != Some(&wanted);
        if is_new
            && (missing
                || self
                    .asked
                    .history
                    .as_ref()
                    .is_some_and(|asked| asked.2 != wanted.2))
        {
            self.out
                .push(Command::History(wanted.0.clone(), self.range));
        }
        self.asked.history = Some(wanted);
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

    fn ask_definition(&mut self, fleet: &Fleet, now: Now) {
        let Subject::Vm(vm) = self.subject() else {
            return;
        };
        let there = self
            .views
            .definition
            .as_ref()
            .is_some_and(|definition| definition.vm == vm);
        let host = fleet.hypervisor(&vm.hypervisor);
        if there || !host.is_some_and(|host| answers(fleet, host)) {
            return;
        }
        self.views.definition = Some(Definition::asked(vm.clone(), now.moment));
        self.out.push(Command::Definition(vm));
    }
}

/// Whether there is any sense in asking.
fn answers(fleet: &Fleet, host: &Hypervisor) -> bool {
    fleet.link().is_online() && host.reach.is_online()
}
