//! How events change the model.

use archipel_protocol::{Failure, HypervisorId, VmId, events, feed::Update, history::Series};

use crate::{
    changes::Changes,
    claims::Claims,
    counts::Counts,
    event::{Cached, Contact, Event, Level, Link, Stamped},
    feed::Feeding,
    fleet::Fleet,
    history::{History, Range},
    host::Host,
    messages::{Doubled, Overfull},
    run::{Run, RunId},
    time::Moment,
    vm::VmRef,
};

/// Of how many hypervisors the past is kept: of those asked for last.
const HISTORIES: usize = 8;

impl Fleet {
    /// Takes one event over and says what it changed.
    pub fn apply(&mut self, Stamped { at, event }: Stamped) -> Changes {
        match event {
            Event::Link(link) => self.set_link(link, at),
            Event::Contact(contact) => self.put_contact(contact),
            Event::ContactGone(id) => self.remove_contact(&id),
            Event::Trusted(id, true) => self.trust(id, at),
            Event::Trusted(id, false) => self.distrust(&id),
            Event::Cached(cached) => self.remember(*cached, at),
            Event::Reach { hypervisor, reach } => {
                self.edit(&hypervisor, |host, _| host.set_reach(reach, at))
            }
            Event::Watching { hypervisor, watch } => {
                self.edit(&hypervisor, |host, _| host.set_watch(watch, at))
            }
            Event::Speaks { hypervisor, wire } => {
                self.edit(&hypervisor, |host, _| host.set_wire(wire))
            }
            Event::Feed { hypervisor, update } => self.feed(&hypervisor, update, at),
            Event::History {
                hypervisor,
                range,
                series,
            } => self.keep_history(hypervisor, range, series, at),
            Event::Log { hypervisor, event } => self.record(hypervisor, event),
            Event::Started { run, plan } => self.start_run(Run::new(run, plan, at)),
            Event::StepSent { run, vm } => Changes::RUNS.when(self.runs.sent(run, &vm)),
            Event::Step { run, vm, result } => self.finish_step(run, &vm, result, at),
            Event::Notice(notice) => self.notice(at, notice.level, notice.text),
        }
    }

    /// Changes one host, keeping the totals right.
    fn edit<R: Default>(
        &mut self,
        id: &HypervisorId,
        change: impl FnOnce(&mut Host, &mut Claims) -> R,
    ) -> R {
        let Some(host) = self.hosts.get_mut(id) else {
            return R::default();
        };
        discount(&mut self.counts, host);
        let result = change(host, &mut self.claims);
        host.own.tally = host.machines.tally();
        count(&mut self.counts, host);
        result
    }

    /// Changes all hosts.
    fn edit_all(&mut self, change: impl Fn(&mut Host)) {
        for host in self.hosts.values_mut() {
            discount(&mut self.counts, host);
            change(host);
            host.own.tally = host.machines.tally();
            count(&mut self.counts, host);
        }
    }

    fn set_link(&mut self, link: Link, at: Moment) -> Changes {
        match &link {
            Link::Online { .. } => {}
            Link::Connecting { .. } => self.edit_all(|host| host.forget_presence(at)),
            Link::Suspended { .. } | Link::Ended(_) => self.edit_all(|host| host.mark_stale(at)),
        }
        self.link = link;
        Changes::LINK | Changes::ROWS
    }

    fn put_contact(&mut self, contact: Contact) -> Changes {
        let changes = self.describe(&contact);
        self.contacts.insert(contact.id.clone(), contact);
        changes | Changes::CONTACTS
    }

    fn remove_contact(&mut self, id: &HypervisorId) -> Changes {
        let known = self.contacts.remove(id).is_some();
        self.describe(&Contact::bare(id.clone())) | Changes::CONTACTS.when(known)
    }

    /// Gives the host of this contact its name and groups.
    fn describe(&mut self, contact: &Contact) -> Changes {
        let Some(host) = self.hosts.get_mut(&contact.id) else {
            return Changes::NONE;
        };
        self.order
            .remove(&(host.own.name.clone(), contact.id.clone()));
        host.own.name = contact.shown_as();
        host.own.alias = contact.alias().map(str::to_owned);
        host.own.groups.clone_from(&contact.groups);
        self.order
            .insert((host.own.name.clone(), contact.id.clone()));
        Changes::STRUCTURE
    }

    fn trust(&mut self, id: HypervisorId, at: Moment) -> Changes {
        if self.hosts.contains_key(&id) {
            return Changes::NONE;
        }
        let contact = self
            .contacts
            .get(&id)
            .cloned()
            .unwrap_or_else(|| Contact::bare(id.clone()));
        let host = Host::new(contact, at);
        count(&mut self.counts, &host);
        self.order.insert((host.own.name.clone(), id.clone()));
        self.hosts.insert(id, host);
        Changes::STRUCTURE | Changes::CONTACTS
    }

    fn distrust(&mut self, id: &HypervisorId) -> Changes {
        let Some(host) = self.hosts.remove(id) else {
            return Changes::NONE;
        };
        discount(&mut self.counts, &host);
        host.release(&mut self.claims);
        self.order.remove(&(host.own.name, id.clone()));
        self.journal.forget(id);
        self.looked_at.retain(|other| other != id);
        Changes::STRUCTURE | Changes::CONTACTS | Changes::LOG
    }

    fn remember(&mut self, cached: Cached, at: Moment) -> Changes {
        let id = cached.contact.id.clone();
        if !self.contacts.contains_key(&id) {
            self.describe(&cached.contact);
        }
        let doubled = self.edit(&id, |host, claims| host.remember(cached, claims));
        Changes::STRUCTURE | self.alarm(&id, &doubled, at)
    }

    fn feed(&mut self, id: &HypervisorId, update: Update, at: Moment) -> Changes {
        self.journal.rewind(id, update.newest_event);
        let outcome = self.edit(id, |host, claims| {
            Feeding::new(host, claims, at).apply(update)
        });
        let mut changes = outcome.changes | self.alarm(id, &outcome.doubled, at);
        if outcome.overfull {
            let text = Overfull(self.name_of(id)).to_string();
            changes |= self.notice(at, Level::Warning, text);
        }
        changes
    }

    /// Tells of uuids that another hypervisor claims too.
    fn alarm(&mut self, id: &HypervisorId, doubled: &[VmId], at: Moment) -> Changes {
        let mut changes = Changes::NONE;
        for vm in doubled {
            let text = self.doubled(id, *vm).to_string();
            changes |= self.notice(at, Level::Error, text) | Changes::ROWS;
        }
        changes
    }

    fn doubled(&self, id: &HypervisorId, vm: VmId) -> Doubled<'_> {
        let row = self.hosts.get(id).and_then(|host| host.machines.get(vm));
        let claimants = self.claims.claimants(vm).iter();
        Doubled {
            name: row.map_or("a machine", |row| &row.name),
            hypervisors: claimants.map(|id| self.name_of(id)).collect(),
        }
    }

    fn keep_history(
        &mut self,
        id: HypervisorId,
        range: Range,
        series: Series,
        at: Moment,
    ) -> Changes {
        let Some(host) = self.hosts.get_mut(&id) else {
            return Changes::NONE;
        };
        host.own.histories.put(History::new(series, range, at));
        self.looked_at.retain(|other| *other != id);
        self.looked_at.push_back(id);
        if self.looked_at.len() > HISTORIES {
            let oldest = self.looked_at.pop_front();
            if let Some(host) = oldest.and_then(|id| self.hosts.get_mut(&id)) {
                host.own.histories.clear();
            }
        }
        Changes::HISTORY
    }

    fn record(&mut self, id: HypervisorId, event: events::Event) -> Changes {
        let known = self.hosts.contains_key(&id);
        Changes::LOG.when(known && self.journal.record(id, event))
    }

    fn start_run(&mut self, run: Run) -> Changes {
        self.runs.start(run);
        Changes::RUNS
    }

    fn finish_step(
        &mut self,
        run: RunId,
        vm: &VmRef,
        result: Result<(), Failure>,
        at: Moment,
    ) -> Changes {
        let error = result.as_ref().err().map(ToString::to_string);
        let Ok(ending) = self.runs.finish(run, vm, result, at) else {
            return Changes::NONE;
        };
        if let Some(host) = self.hosts.get_mut(&vm.hypervisor) {
            host.machines.set_error(vm.vm, error);
        }
        let mut changes = Changes::RUNS | Changes::ROWS;
        if let Some(ending) = ending {
            let level = if ending.failed {
                Level::Error
            } else {
                Level::Info
            };
            changes |= self.notice(at, level, ending.text);
        }
        changes
    }

    fn notice(&mut self, at: Moment, level: Level, text: String) -> Changes {
        self.journal.notice(at, level, text);
        Changes::NOTICES
    }
}

fn count(counts: &mut Counts, host: &Host) {
    counts.hypervisors += 1;
    counts.hypervisors_online += u32::from(host.own.reach.is_online());
    counts.add_machines(&host.machines.tally());
}

fn discount(counts: &mut Counts, host: &Host) {
    counts.hypervisors -= 1;
    counts.hypervisors_online -= u32::from(host.own.reach.is_online());
    counts.remove_machines(&host.machines.tally());
}
