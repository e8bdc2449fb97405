//! The indexes behind the views: which rows there are, in which order.

use archipel_fleet::{Changes, Fleet};

use super::{App, place::Pane};
use crate::{now::Now, screen::Screen};

impl App {
    /// Computes the indexes of what is shown anew, where the model, a filter or an order changed.
    pub(super) fn refresh(&mut self, fleet: &Fleet, now: Now) {
        let stale = std::mem::take(&mut self.stale);
        let changes = self.due_changes(stale, fleet, now);
        if changes.is_empty() && !stale {
            return;
        }
        if changes.has(Changes::STRUCTURE) {
            self.views.roster.prune(fleet);
        }
        let filtered = !self.views.roster.filter.is_empty();
        let moves = changes.has(Changes::ROWS | Changes::LOAD) && filtered;
        if stale || changes.has(Changes::STRUCTURE) || moves {
            self.views.roster.rebuild(fleet);
        } else if changes.has(Changes::ROWS) {
            self.views.roster.recount(fleet);
        }
        self.refresh_screen(fleet, changes, stale);
    }

    /// What changed, as far as it is followed now.
    fn due_changes(&mut self, stale: bool, fleet: &Fleet, now: Now) -> Changes {
        let changes = std::mem::take(&mut self.changes);
        if stale {
            self.pace.compute(now.moment);
            return changes;
        }
        let machines = fleet.counts().machines;
        self.pace.admit(changes, machines, now.moment)
    }

    fn refresh_screen(&mut self, fleet: &Fleet, changes: Changes, stale: bool) {
        let pane = if self.place.screen == Screen::Fleet {
            self.detail_pane()
        } else {
            self.pane()
        };
        let subject = self.subject();
        let views = &mut self.views;
        match pane {
            Pane::Vms => {
                views.vms.show(&subject, fleet);
                if stale || views.vms.concerned(changes) {
                    views.vms.rebuild(fleet);
                }
            }
            Pane::Hosts => {
                views.hosts.show(&subject, fleet);
                if stale || views.hosts.concerned(changes) {
                    views.hosts.rebuild(fleet);
                }
            }
            Pane::AllVms if stale || views.all_vms.concerned(changes) => {
                views.all_vms.rebuild(fleet);
            }
            Pane::AllHosts if stale || views.all_hosts.concerned(changes) => {
                views.all_hosts.rebuild(fleet);
            }
            Pane::Log => {
                if let Some(host) = subject.host() {
                    views.log.show(host, fleet);
                }
                if stale || changes.has(Changes::LOG) {
                    views.log.rebuild(fleet);
                }
            }
            Pane::Events if stale || changes.has(Changes::LOG) => views.events.rebuild(fleet),
            Pane::Messages if stale || changes.has(Changes::NOTICES) => {
                views.messages.rebuild(fleet);
            }
            Pane::Tasks if stale || changes.has(Changes::RUNS) => views.tasks.rebuild(fleet),
            _ => {}
        }
    }
}
