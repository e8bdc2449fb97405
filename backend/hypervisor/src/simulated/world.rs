//! The machines of one simulated host and the laws they live by: libvirt's.

use std::{collections::BTreeMap, time::Duration};

use archipel_domain::Summary;
use archipel_protocol::{VmId, VmState};

use super::{Change, load::Used, machine::Machine, refusal};
use crate::{Domain, DriverError, Lifecycle, Power};

/// All machines by id, and what those that stopped had used.
#[derive(Debug)]
pub(super) struct World {
    pub(super) machines: BTreeMap<VmId, Machine>,
    pub(super) spent: Used,
    /// Paths of volumes, and on which other each builds.
    pub(super) volumes: BTreeMap<String, Option<String>>,
    seed: u64,
    next_run_id: u32,
    made_up: u64,
}

/// What an action led to, in order.
pub(super) type News = Vec<(VmId, Lifecycle)>;

impl World {
    /// Active machines without a number get one.
    pub(super) fn new(domains: Vec<Domain>, seed: u64, now: Duration) -> Self {
        let mut world = Self {
            machines: BTreeMap::new(),
            spent: Used::default(),
            volumes: BTreeMap::new(),
            seed,
            next_run_id: domains
                .iter()
                .filter_map(|domain| domain.run_id)
                .max()
                .unwrap_or(0)
                + 1,
            made_up: 0,
        };
        for mut domain in domains {
            let active = domain.state.is_active();
            domain.run_id = active.then(|| domain.run_id.unwrap_or_else(|| world.run_id()));
            world
                .machines
                .insert(domain.id, Machine::new(domain, seed, now));
        }
        world
    }

    fn run_id(&mut self) -> u32 {
        let id = self.next_run_id;
        self.next_run_id += 1;
        id
    }

    /// What all machines used, those that stopped included.
    pub(super) fn used(&self, now: Duration) -> Used {
        let mut sum = self.spent;
        self.machines
            .values()
            .for_each(|machine| add(&mut sum, machine.used(now)));
        sum
    }

    pub(super) fn machine(&self, id: VmId) -> Result<&Machine, DriverError> {
        self.machines.get(&id).ok_or_else(|| refusal::not_found(id))
    }

    pub(super) fn machine_mut(&mut self, id: VmId) -> Result<&mut Machine, DriverError> {
        self.machines
            .get_mut(&id)
            .ok_or_else(|| refusal::not_found(id))
    }

    /// Does to a machine whatever can be done.
    pub(super) fn change(&mut self, change: Change, now: Duration) -> Result<News, DriverError> {
        match change {
            Change::Power(id, power) => self.power(id, power, now),
            Change::Become(id, state) => self.turn(id, state, now),
            Change::Autostart(id, on) => self.autostart(id, on),
            Change::Define(xml) => self
                .define(&xml, now)
                .map(|id| vec![(id, Lifecycle::Defined)]),
            Change::Undefine(id) => self.undefine(id),
        }
    }

    fn power(&mut self, id: VmId, power: Power, now: Duration) -> Result<News, DriverError> {
        let machine = self.machine_mut(id)?;
        let Some((state, news)) = outcome(power, &machine.domain, machine.deaf)? else {
            return Ok(News::new());
        };
        machine.domain.saved = power == Power::Save;
        self.enter(id, state, now)?;
        Ok(news.iter().map(|what| (id, *what)).collect())
    }

    /// A change of state that no law governs: a guest crashes, somebody acts with another tool.
    fn turn(&mut self, id: VmId, state: VmState, now: Duration) -> Result<News, DriverError> {
        let was = self.machine(id)?.domain.state;
        self.enter(id, state, now)?;
        let what = match state {
            VmState::Running if was.is_active() => Some(Lifecycle::Resumed),
            VmState::Running => Some(Lifecycle::Started),
            VmState::Paused => Some(Lifecycle::Suspended),
            VmState::Off => Some(Lifecycle::Stopped),
            VmState::ShuttingDown => Some(Lifecycle::ShutDown),
            VmState::Crashed => Some(Lifecycle::Crashed),
            VmState::Suspended => Some(Lifecycle::PmSuspended),
            VmState::Undefined | VmState::Unknown => None,
        };
        Ok(what.map(|what| (id, what)).into_iter().collect())
    }

    /// A transient machine that stops is gone.
    fn enter(&mut self, id: VmId, state: VmState, now: Duration) -> Result<(), DriverError> {
        let machine = self
            .machines
            .get_mut(&id)
            .ok_or_else(|| refusal::not_found(id))?;
        if !state.is_active() {
            add(&mut self.spent, machine.used(now));
        }
        machine.enter(state, &mut self.next_run_id, now);
        if !state.is_active() && !machine.domain.persistent {
            self.machines.remove(&id);
        }
        Ok(())
    }

    fn autostart(&mut self, id: VmId, on: bool) -> Result<News, DriverError> {
        let domain = &mut self.machine_mut(id)?.domain;
        if !domain.persistent {
            return Err(refusal::wrong_state(
                "cannot set autostart for transient domain",
            ));
        }
        domain.autostart = on;
        Ok(News::new())
    }

    pub(super) fn define(&mut self, xml: &str, now: Duration) -> Result<VmId, DriverError> {
        let defined = archipel_domain::summary(xml).map_err(|why| refusal::bad_definition(&why))?;
        let id = self.id_of(&defined)?;
        self.free_name(&defined.name, id)?;
        let seed = self.seed;
        let machine = self
            .machines
            .entry(id)
            .or_insert_with(|| Machine::new(fresh(id, &defined), seed, now));
        machine.redefine(xml, defined);
        Ok(id)
    }

    /// A name belongs to one machine.
    pub(super) fn free_name(&self, name: &str, id: VmId) -> Result<(), DriverError> {
        let mut others = self
            .machines
            .values()
            .filter(|machine| machine.domain.id != id);
        match others.find(|machine| machine.domain.name == name) {
            Some(other) => Err(refusal::name_taken(name, other.domain.id)),
            None => Ok(()),
        }
    }

    /// The definition's uuid, or one made up from a counter.
    fn id_of(&mut self, defined: &Summary) -> Result<VmId, DriverError> {
        let Some(uuid) = &defined.uuid else {
            self.made_up += 1;
            let number = (u128::from(self.seed) << 64) | u128::from(self.made_up);
            return Ok(VmId::from_bytes(number.to_be_bytes()));
        };
        let wanted = archipel_domain::XmlError::Invalid {
            element: "uuid",
            wanted: "a uuid",
        };
        uuid.parse().map_err(|_| refusal::bad_definition(&wanted))
    }

    /// An active machine goes on as a transient one.
    fn undefine(&mut self, id: VmId) -> Result<News, DriverError> {
        let domain = &mut self.machine_mut(id)?.domain;
        if !domain.persistent {
            return Err(refusal::wrong_state("cannot undefine transient domain"));
        }
        domain.persistent = false;
        domain.autostart = false;
        if !domain.state.is_active() {
            self.machines.remove(&id);
        }
        Ok(vec![(id, Lifecycle::Undefined)])
    }
}

type Outcome = Option<(VmState, &'static [Lifecycle])>;

/// The law: what a power action leads to. `None` where it is accepted and nothing changes.
fn outcome(power: Power, domain: &Domain, deaf: bool) -> Result<Outcome, DriverError> {
    use VmState::{Off, Paused, Running, ShuttingDown};
    let refuse = |why| Err(refusal::wrong_state(why));
    match (power, domain.state) {
        (Power::Start, state) if state.is_active() => refuse("domain is already running"),
        (Power::Start, _) => Ok(Some((Running, &[Lifecycle::Started]))),
        (Power::Destroy, state) if !state.is_active() => Ok(None),
        (Power::Destroy, _) => Ok(Some((Off, &[Lifecycle::Stopped]))),
        (_, state) if !state.is_active() => refuse("domain is not running"),
        (Power::Reboot | Power::Reset, _) => Ok(None),
        (Power::Save, _) if !domain.persistent => {
            refuse("cannot do managed save for transient domain")
        }
        (Power::Save, _) => Ok(Some((Off, &[Lifecycle::Stopped]))),
        (Power::Shutdown, Running | ShuttingDown) if deaf => Ok(None),
        (Power::Shutdown, Running | ShuttingDown) => {
            Ok(Some((Off, &[Lifecycle::ShutDown, Lifecycle::Stopped])))
        }
        (Power::Suspend, Running) => Ok(Some((Paused, &[Lifecycle::Suspended]))),
        (Power::Resume, Paused) => Ok(Some((Running, &[Lifecycle::Resumed]))),
        (Power::Resume, _) => refuse("domain is not paused"),
        (Power::Shutdown | Power::Suspend, _) => refuse("domain is not running"),
    }
}

fn fresh(id: VmId, defined: &Summary) -> Domain {
    Domain {
        id,
        name: defined.name.clone(),
        state: VmState::Off,
        run_id: None,
        vcpus: defined.vcpus,
        memory_kib: defined.memory_kib,
        max_memory_kib: defined.max_memory_kib,
        persistent: true,
        autostart: false,
        saved: false,
    }
}

fn add(sum: &mut Used, used: Used) {
    sum.cpu_ns += used.cpu_ns;
    sum.disk_read += used.disk_read;
    sum.disk_written += used.disk_written;
    sum.net_received += used.net_received;
    sum.net_sent += used.net_sent;
}
