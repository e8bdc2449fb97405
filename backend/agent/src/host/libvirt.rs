//! libvirt's side: news, reading again what changed, samples, outages.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use archipel_hypervisor::{Domain, Driver, DriverError, DriverEvent, ErrorKind, Lifecycle};
use archipel_protocol::{VmId, VmState, events::Severity};
use tokio::{sync::Semaphore, time::Instant};

use super::{Done, Host, Read, Refreshed};
use crate::{
    calls::CallError,
    eventlog::Fact,
    health::Figures,
    machines::{Change, Machine},
};

/// More machines than this are read by one list.
const ONE_BY_ONE: usize = 16;
/// When what failed is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// What went wrong last: it is tried again for ever, and said once.
#[derive(Debug, Default)]
pub(super) struct Complaint(Option<String>);

impl Complaint {
    pub(super) fn say(&mut self, what: &str, error: &CallError) {
        let text = error.to_string();
        if self.0.as_ref() != Some(&text) {
            tracing::warn!(%error, "{what}; trying again");
            self.0 = Some(text);
        }
    }

    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

/// How much is known about the machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// libvirt was not asked yet.
    Untried,
    /// It was asked and has never answered.
    Unlisted,
    /// Machines were listed: what appears from now on is new.
    Listed,
}

/// What is to be read again.
#[derive(Debug)]
pub(super) struct Refresh {
    all: bool,
    machines: BTreeSet<VmId>,
    /// What was heard and not yet logged: the log names machines, and a new one has no name before it was read.
    heard: Vec<(VmId, Lifecycle)>,
    reading: bool,
    again: Option<Instant>,
    /// Grows with every loss of libvirt: what was read before says nothing about what is now.
    life: u64,
    stage: Stage,
    unread: Complaint,
    unsampled: Complaint,
    /// Held by the one call that reads, for as long as it blocks.
    reader: Arc<Semaphore>,
    /// Held by the one call that samples.
    sampler: Arc<Semaphore>,
}

impl Default for Refresh {
    fn default() -> Self {
        Self {
            all: false,
            machines: BTreeSet::new(),
            heard: Vec::new(),
            reading: false,
            again: None,
            life: 0,
            stage: Stage::Untried,
            unread: Complaint::default(),
            unsampled: Complaint::default(),
            reader: Arc::new(Semaphore::new(1)),
            sampler: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Refresh {
    /// When a failed reading is tried again.
    pub(super) fn again_at(&self) -> Option<Instant> {
        self.again.filter(|_| !self.reading)
    }

    /// Whether there is something to say about the machines, be it that libvirt is out of reach.
    pub(super) fn is_tried(&self) -> bool {
        self.stage != Stage::Untried
    }

    fn is_due(&self) -> bool {
        let waits = self.again.is_some_and(|again| again > Instant::now());
        !self.reading && !waits && (self.all || !self.machines.is_empty())
    }
}

impl Host {
    /// Something happened at the hypervisor.
    pub(super) fn news(&mut self, news: DriverEvent) {
        match news {
            DriverEvent::Machine { id, what } => {
                self.refresh.heard.push((id, what));
                self.stopping.remove(&id);
                self.sessions.news(id, what, self.state.clock.now());
                if what == Lifecycle::Defined {
                    self.label(id);
                }
                self.take_word(id, what);
                self.refresh_vm(id);
            }
            DriverEvent::Missed => self.refresh_all(),
            DriverEvent::Lost { reason } => {
                self.refresh.life += 1;
                self.outage(&reason);
            }
            DriverEvent::Restored => {
                self.refresh.again = None;
                self.refresh_all();
            }
        }
    }

    /// What the news alone say is shown at once: while libvirt ends the call that led to them, reading the machine has to wait.
    fn take_word(&mut self, id: VmId, what: Lifecycle) {
        let change = state_after(what).and_then(|state| self.state.machines.told(id, state));
        self.apply(change.map(|change| (id, change)));
    }

    pub(super) fn refresh_all(&mut self) {
        self.refresh.all = true;
    }

    pub(super) fn refresh_vm(&mut self, id: VmId) {
        self.refresh.machines.insert(id);
    }

    /// Begins to read what is to be read, one reading at a time: news that come meanwhile are read together afterwards.
    pub(super) fn read_again(&mut self) {
        if !self.refresh.is_due() {
            return;
        }
        let Ok(alone) = self.refresh.reader.clone().try_acquire_owned() else {
            // An earlier reading still hangs in libvirt.
            self.refresh.again = Some(Instant::now() + RETRY);
            return;
        };
        let machines = std::mem::take(&mut self.refresh.machines);
        let all = std::mem::take(&mut self.refresh.all) || machines.len() > ONE_BY_ONE;
        self.refresh.reading = true;
        self.refresh.again = None;
        let (calls, life) = (self.tools.calls.clone(), self.refresh.life);
        self.jobs.spawn(async move {
            let what = calls.read(move |driver| {
                let _alone = alone;
                if all {
                    driver.domains().map(Read::All)
                } else {
                    read_some(driver, machines).map(Read::Some)
                }
            });
            let what = what.await;
            Done::Refreshed(Box::new(Refreshed { life, what }))
        });
    }

    /// What was read, or why not.
    pub(super) fn refreshed(&mut self, refreshed: Refreshed) {
        self.refresh.reading = false;
        if self.refresh.stage == Stage::Untried {
            self.refresh.stage = Stage::Unlisted;
        }
        match refreshed.what {
            Ok(read) => {
                self.refresh.unread.forget();
                self.reached(refreshed.life);
                self.take_in(read);
            }
            Err(error) => self.not_read(&error),
        }
        self.note_heard();
    }

    fn take_in(&mut self, read: Read) {
        let changes: Vec<(VmId, Change)> = match read {
            Read::All(domains) => {
                self.read_node();
                self.label_all();
                // Of a machine of which there was news meanwhile, this may be the state before them.
                self.state.machines.list(domains, &self.refresh.machines)
            }
            Read::Some(found) => {
                let machines = &mut self.state.machines;
                // The same.
                let newer = &self.refresh.machines;
                let found = found.into_iter().filter(|(id, _)| !newer.contains(id));
                let change = |(id, domain): (VmId, Option<Domain>)| {
                    let change = match domain {
                        Some(domain) => machines.found(domain),
                        None => machines.missing(id),
                    };
                    Some((id, change?))
                };
                found.filter_map(change).collect()
            }
        };
        self.apply(changes);
        self.keep_managed();
        if std::mem::replace(&mut self.refresh.stage, Stage::Listed) != Stage::Listed {
            self.remove_unfinished();
        }
    }

    fn apply(&mut self, changes: impl IntoIterator<Item = (VmId, Change)>) {
        for (id, change) in changes {
            self.feed.vm_changed(id);
            if matches!(change, Change::State(_) | Change::Gone { .. }) {
                self.stopping.remove(&id);
            }
            self.note_unheard(id, &change);
            self.follow_machine(id);
        }
    }

    /// libvirt answered: an outage is over, unless the answer is older than the outage.
    fn reached(&mut self, life: u64) {
        if life == self.refresh.life && self.state.outage.take().is_some() {
            tracing::info!("libvirt answers again");
            self.note(Fact {
                what: "libvirt-back",
                ..Fact::default()
            });
            self.refresh_all();
            self.feed.host_changed();
            self.follow_machines();
        }
    }

    fn not_read(&mut self, error: &CallError) {
        self.refresh.all = true;
        self.refresh.again = Some(Instant::now() + RETRY);
        if error.is_outage() {
            self.outage(&error.to_string());
        } else {
            self.refresh
                .unread
                .say("the machines cannot be read", error);
        }
    }

    /// libvirt is out of reach or deaf. Said once per reason.
    fn outage(&mut self, reason: &str) {
        if self.state.outage.as_deref() == Some(reason) {
            return;
        }
        tracing::warn!(reason, "libvirt is out of reach; the agent goes on trying");
        let first = self.state.outage.replace(reason.to_owned()).is_none();
        self.feed.host_changed();
        if first {
            self.note(Fact {
                what: "libvirt-lost",
                severity: Severity::Error,
                text: reason.to_owned(),
                ..Fact::default()
            });
            self.follow_machines();
        }
    }

    /// Takes a sample, unless an earlier one still hangs in libvirt.
    pub(super) fn sample(&mut self) {
        let Ok(alone) = self.refresh.sampler.clone().try_acquire_owned() else {
            return;
        };
        let (calls, clock, life) = (
            self.tools.calls.clone(),
            self.state.clock.clone(),
            self.refresh.life,
        );
        self.jobs.spawn(async move {
            let figures = calls.read(move |driver| {
                let _alone = alone;
                Ok(Figures {
                    host: driver.host()?,
                    machines: driver.statistics()?,
                    at: Instant::now(),
                    wall: clock.now(),
                })
            });
            Done::Sampled(life, Box::new(figures.await))
        });
    }

    pub(super) fn sampled(&mut self, life: u64, figures: Result<Figures, CallError>) {
        match figures {
            Ok(figures) => {
                self.refresh.unsampled.forget();
                self.reached(life);
                self.state.health.take(figures);
            }
            Err(error) if error.is_outage() => self.outage(&error.to_string()),
            Err(error) => self.refresh.unsampled.say("there are no figures", &error),
        }
    }

    fn note_heard(&mut self) {
        for (id, what) in std::mem::take(&mut self.refresh.heard) {
            let Some(word) = word(what) else { continue };
            let name = self.state.name(id);
            self.note(Fact {
                vm: Some(id),
                name,
                what: word,
                ..Fact::default()
            });
        }
    }

    /// A change of which libvirt did not tell, because the agent was not there or missed it.
    fn note_unheard(&mut self, id: VmId, change: &Change) {
        let heard = self.refresh.heard.iter().any(|(known, _)| *known == id);
        if heard || self.refresh.stage != Stage::Listed {
            return;
        }
        let machine = self.state.machines.get(id);
        let Some((what, text)) = unheard(change, machine) else {
            return;
        };
        let name = match change {
            Change::Gone { name } => name.clone(),
            _ => self.state.name(id),
        };
        self.note(Fact {
            vm: Some(id),
            name,
            what,
            text,
            ..Fact::default()
        });
    }
}

fn read_some(
    driver: &dyn Driver,
    machines: BTreeSet<VmId>,
) -> Result<Vec<(VmId, Option<Domain>)>, DriverError> {
    let read = |id| match driver.domain(id) {
        Ok(domain) => Ok((id, Some(domain))),
        Err(error) if error.kind == ErrorKind::NotFound => Ok((id, None)),
        Err(error) => Err(error),
    };
    machines.into_iter().map(read).collect()
}

/// What a machine does after this, where the news alone tell: why one stopped, and what remains of it, has to be read.
const fn state_after(what: Lifecycle) -> Option<VmState> {
    match what {
        Lifecycle::Started | Lifecycle::Resumed => Some(VmState::Running),
        Lifecycle::Suspended => Some(VmState::Paused),
        _ => None,
    }
}

/// The word of the event log. The guest's own shutdown is told by the stop that follows.
const fn word(what: Lifecycle) -> Option<&'static str> {
    Some(match what {
        Lifecycle::Defined => "defined",
        Lifecycle::Undefined => "undefined",
        Lifecycle::Started => "started",
        Lifecycle::Suspended => "paused",
        Lifecycle::Resumed => "resumed",
        Lifecycle::Stopped => "stopped",
        Lifecycle::PmSuspended => "suspended",
        Lifecycle::Crashed => "crashed",
        Lifecycle::ShutDown => return None,
    })
}

fn unheard(change: &Change, machine: Option<&Machine>) -> Option<(&'static str, String)> {
    let state = machine.map_or(VmState::Undefined, Machine::state);
    match change {
        Change::Appeared => Some(("defined", format!("found {state}"))),
        Change::State(before) => Some(("state", format!("found {state}, was {before}"))),
        Change::Gone { .. } => Some(("undefined", "found gone".to_owned())),
        Change::Facts => None,
    }
}
