//! One simulated machine.

use std::time::Duration;

use archipel_domain::Summary;
use archipel_protocol::VmState;

use super::load::{Load, Used};
use crate::{Domain, Statistics};

/// A machine, its definition and what it did.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) domain: Domain,
    pub(super) definition: String,
    /// The definition it runs by; `None` while it is off.
    pub(super) live: Option<String>,
    /// What the definition says; it counts from the next start.
    pub(super) defined: Summary,
    /// Hears no request of its hypervisor to shut down or restart.
    pub(super) deaf: bool,
    load: Load,
    run: Run,
}

/// How long a guest's processors ran since its start.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    /// When it started: load follows the hour.
    began: Duration,
    banked: Duration,
    since: Option<Duration>,
}

impl Run {
    fn total(self, now: Duration) -> Duration {
        let current = self
            .since
            .map_or(Duration::ZERO, |since| now.saturating_sub(since));
        self.banked + current
    }
}

impl Machine {
    /// As given: an active one has run since `now`.
    pub(super) fn new(domain: Domain, seed: u64, now: Duration) -> Self {
        let defined = Summary {
            name: domain.name.clone(),
            uuid: Some(domain.id.to_string()),
            title: None,
            memory_kib: domain.memory_kib,
            max_memory_kib: domain.max_memory_kib,
            vcpus: domain.vcpus,
            max_vcpus: domain.vcpus,
        };
        let mut machine = Self {
            definition: archipel_domain::skeleton("test", &defined),
            live: None,
            defined,
            deaf: false,
            load: Load::new(seed, domain.id.as_bytes()),
            run: Run {
                began: now,
                ..Run::default()
            },
            domain,
        };
        machine.live = machine
            .domain
            .state
            .is_active()
            .then(|| machine.definition.clone());
        machine.keep_time(now);
        machine
    }

    /// Takes a new definition, at once when it is off, else from its next start.
    pub(super) fn redefine(&mut self, definition: &str, defined: Summary) {
        definition.clone_into(&mut self.definition);
        self.defined = defined;
        self.domain.persistent = true;
        if !self.domain.state.is_active() {
            self.settle();
        }
    }

    /// Brings it into a state. A run ends where it stops being active and begins anew where it becomes so.
    pub(super) fn enter(&mut self, state: VmState, next_run_id: &mut u32, now: Duration) {
        let was_active = self.domain.state.is_active();
        self.domain.state = state;
        if !state.is_active() {
            self.domain.run_id = None;
            self.live = None;
            self.run = Run::default();
            self.settle();
        } else if !was_active {
            self.run.began = now;
            self.domain.run_id = Some(*next_run_id);
            self.live = Some(self.definition.clone());
            *next_run_id += 1;
        }
        self.keep_time(now);
    }

    /// What it used since its start; nothing while it is off.
    pub(super) fn used(&self, now: Duration) -> Used {
        self.load
            .used(self.domain.vcpus, self.run.began, self.run.total(now))
    }

    /// Its counters, as libvirt gives them for active machines.
    pub(super) fn statistics(&self, now: Duration) -> Statistics {
        let used = self.used(now);
        Statistics {
            id: self.domain.id,
            cpu_ns: Some(used.cpu_ns),
            resident_kib: Some(self.resident_kib(now)),
            disk_read: Some(used.disk_read),
            disk_written: Some(used.disk_written),
            net_received: Some(used.net_received),
            net_sent: Some(used.net_sent),
        }
    }

    pub(super) fn resident_kib(&self, now: Duration) -> u64 {
        let so_far = self.run.began + self.run.total(now);
        self.domain.memory_kib / 1000 * self.load.memory_permille(so_far)
    }

    /// Processors that it kept busy on average over the last `window`.
    pub(super) fn mean_load(&self, now: Duration, window: Duration) -> f64 {
        self.load.mean(
            self.domain.vcpus,
            self.run.began,
            self.run.total(now),
            window,
        )
    }

    fn settle(&mut self) {
        self.domain.name.clone_from(&self.defined.name);
        self.domain.memory_kib = self.defined.memory_kib;
        self.domain.max_memory_kib = self.defined.max_memory_kib;
        self.domain.vcpus = self.defined.vcpus;
    }

    /// The clock of its run stands while its processors do.
    fn keep_time(&mut self, now: Duration) {
        let runs = matches!(self.domain.state, VmState::Running | VmState::ShuttingDown);
        self.run = Run {
            banked: self.run.total(now),
            since: runs.then_some(now),
            ..self.run
        };
    }
}
