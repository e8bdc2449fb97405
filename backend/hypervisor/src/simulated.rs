//! A hypervisor in memory, for tests, demonstrations and benchmarks: libvirt's laws without a libvirt.
//!
//! It has no threads and reads no clock: time is what the caller's [`Clock`] says, load is a function of it and of a seed, and
//! whatever goes wrong was ordered with a [`Fault`]. Every call is written down ([`SimulatedDriver::calls`]), so that a checker can hold
//! what an agent claims against what it did.
//!
//! ```
//! use archipel_hypervisor::{Driver, DriverEvent, Lifecycle, Power, simulated::{self, Call, SimulatedDriver}};
//!
//! let driver = SimulatedDriver::new(simulated::machines(3));
//! let mut news = driver.subscribe();
//! let id = driver.domains()?[0].id;
//! driver.power(id, Power::Start)?;
//! assert_eq!(news.try_recv(), Ok(DriverEvent::Machine { id, what: Lifecycle::Started }));
//! assert!(driver.calls().contains(&Call::Power(id, Power::Start)));
//! # Ok::<(), archipel_hypervisor::DriverError>(())
//! ```

mod call;
mod change;
mod definitions;
mod fault;
mod host;
mod load;
mod machine;
mod refusal;
mod setup;
mod volumes;
mod world;

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use archipel_protocol::VmId;
use tokio::sync::mpsc;

pub use call::Call;
pub use change::Change;
pub use fault::{Fault, Gate};
pub use setup::{Clock, Logged, Setup, machines};

use self::{
    fault::Trouble,
    world::{News, World},
};
use crate::{
    Apply, Domain, Driver, DriverError, DriverEvent, HostSample, Lifecycle, Node, Pin, Power,
    Screen, Statistics, Subscribers, Traffic, View, Volume, VolumeCopy,
};

/// The simulated driver; share it with `Arc`.
pub struct SimulatedDriver {
    clock: Clock,
    node: Node,
    logged: Logged,
    subscribers: Subscribers,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    world: World,
    lost: Option<String>,
    calls: Vec<Call>,
    faults: Vec<Fault>,
}

impl SimulatedDriver {
    /// With these machines, on a host whose clock stands still.
    pub fn new(domains: Vec<Domain>) -> Self {
        Self::with(Setup {
            domains,
            ..Setup::default()
        })
    }

    /// With everything chosen.
    pub fn with(setup: Setup) -> Self {
        let world = World::new(setup.domains, setup.seed, (setup.clock)());
        Self {
            clock: setup.clock,
            node: setup.node,
            logged: setup.logged,
            subscribers: Subscribers::with_queue(setup.queue),
            state: Mutex::new(State {
                world,
                lost: None,
                calls: Vec::new(),
                faults: Vec::new(),
            }),
        }
    }

    /// All calls so far that are written down ([`Setup::logged`]), in the order of their arrival; those that failed or still hang, too.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Begins the list of calls anew and gives the old one.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state().calls)
    }

    /// All machines as they are: the truth, told without a call.
    pub fn truth(&self) -> Vec<Domain> {
        let state = self.state();
        let domains = state.world.machines.values();
        domains.map(|machine| machine.domain.clone()).collect()
    }

    /// One machine as it is, told without a call.
    pub fn truth_of(&self, id: VmId) -> Option<Domain> {
        let machine = self.state().world.machine(id).ok()?.domain.clone();
        Some(machine)
    }

    /// From now on something goes wrong. The first fault that fits a call counts.
    pub fn inject(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Takes all faults away. Calls that hang go on hanging until their gate opens.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// The hypervisor goes out of reach: all calls fail until [`SimulatedDriver::restore`], events are not heard, machines run on.
    pub fn lose(&self, reason: &str) {
        let mut state = self.state();
        state.lost = Some(reason.to_owned());
        let reason = reason.to_owned();
        self.subscribers.publish(&DriverEvent::Lost { reason });
    }

    /// It is back.
    pub fn restore(&self) {
        self.state().lost = None;
        self.subscribers.publish(&DriverEvent::Restored);
    }

    /// Something happens that the driver was not asked for; subscribers hear of it unless the hypervisor is out of reach.
    pub fn outside(&self, change: Change) -> Result<(), DriverError> {
        let mut state = self.state();
        let news = state.world.change(change, (self.clock)())?;
        if state.lost.is_none() {
            self.tell(news);
        }
        Ok(())
    }

    /// As [`SimulatedDriver::outside`], and its event gets lost.
    pub fn outside_unheard(&self, change: Change) -> Result<(), DriverError> {
        self.state().world.change(change, (self.clock)()).map(drop)
    }

    /// Whether a machine ignores being asked to shut down (as a guest without ACPI does).
    pub fn set_deaf(&self, id: VmId, deaf: bool) -> Result<(), DriverError> {
        self.state().world.machine_mut(id)?.deaf = deaf;
        Ok(())
    }

    /// There is a volume at this path.
    pub fn add_volume(&self, path: &str) {
        self.state().world.volumes.insert(path.to_owned(), None);
    }

    /// The paths of all volumes.
    pub fn volumes(&self) -> Vec<String> {
        self.state().world.volumes.keys().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, news: News) {
        for (id, what) in news {
            self.subscribers.publish(&DriverEvent::Machine { id, what });
        }
    }

    /// One call: written down, troubled, done, told. The lock is not held while it is slow.
    fn call<T>(
        &self,
        call: Call,
        act: impl FnOnce(&mut World, Duration) -> Result<(T, News), DriverError>,
    ) -> Result<T, DriverError> {
        let mut held = None;
        match self.arrival(call) {
            Some(Trouble::Fail(error)) => return Err(error),
            Some(Trouble::Delay(time)) => std::thread::sleep(time),
            Some(Trouble::Hang(gate)) => gate.pass(),
            Some(Trouble::Hold(gate)) => held = Some(gate),
            None => {}
        }
        let answer = self.act(act);
        if let Some(gate) = held {
            gate.pass();
        }
        answer
    }

    fn act<T>(
        &self,
        act: impl FnOnce(&mut World, Duration) -> Result<(T, News), DriverError>,
    ) -> Result<T, DriverError> {
        let mut state = self.state();
        if let Some(reason) = &state.lost {
            return Err(refusal::lost(reason));
        }
        let (answer, news) = act(&mut state.world, (self.clock)())?;
        self.tell(news);
        Ok(answer)
    }

    fn arrival(&self, call: Call) -> Option<Trouble> {
        let mut state = self.state();
        if self.logged.holds(&call) {
            state.calls.push(call);
        }
        state
            .faults
            .iter_mut()
            .find_map(|fault| fault.strike(&call))
    }

    fn read<T>(
        &self,
        call: Call,
        read: impl FnOnce(&World, Duration) -> Result<T, DriverError>,
    ) -> Result<T, DriverError> {
        self.call(call, |world, now| Ok((read(world, now)?, News::new())))
    }

    /// A change of which libvirt has no event.
    fn quiet(
        &self,
        call: Call,
        act: impl FnOnce(&mut World) -> Result<(), DriverError>,
    ) -> Result<(), DriverError> {
        self.call(call, |world, _| Ok((act(world)?, News::new())))
    }

    fn ask(&self, call: Call, change: Change) -> Result<(), DriverError> {
        self.call(call, |world, now| Ok(((), world.change(change, now)?)))
    }
}

impl Driver for SimulatedDriver {
    fn node(&self) -> Result<Node, DriverError> {
        self.read(Call::Node, |_, _| Ok(self.node.clone()))
    }

    fn domains(&self) -> Result<Vec<Domain>, DriverError> {
        self.read(Call::Domains, |world, _| {
            Ok(world
                .machines
                .values()
                .map(|machine| machine.domain.clone())
                .collect())
        })
    }

    fn domain(&self, id: VmId) -> Result<Domain, DriverError> {
        self.read(Call::Domain(id), |world, _| {
            Ok(world.machine(id)?.domain.clone())
        })
    }

    fn power(&self, id: VmId, power: Power) -> Result<(), DriverError> {
        self.ask(Call::Power(id, power), Change::Power(id, power))
    }

    fn set_autostart(&self, id: VmId, on: bool) -> Result<(), DriverError> {
        self.ask(Call::SetAutostart(id, on), Change::Autostart(id, on))
    }

    fn definition(&self, id: VmId) -> Result<String, DriverError> {
        self.read(Call::Definition(id), |world, _| {
            archipel_domain::shareable(&world.machine(id)?.definition)
                .map_err(|why| refusal::bad_definition(&why))
        })
    }

    fn secure_definition(&self, id: VmId, view: View) -> Result<String, DriverError> {
        self.read(Call::SecureDefinition(id, view), |world, _| {
            Ok(world.machine(id)?.text(view))
        })
    }

    fn define(&self, xml: &str) -> Result<VmId, DriverError> {
        self.call(Call::Define, |world, now| {
            let id = world.define(xml, now)?;
            Ok((id, vec![(id, Lifecycle::Defined)]))
        })
    }

    fn undefine(&self, id: VmId) -> Result<(), DriverError> {
        self.ask(Call::Undefine(id), Change::Undefine(id))
    }

    fn drop_saved(&self, id: VmId) -> Result<(), DriverError> {
        self.quiet(Call::DropSaved(id), |world| world.drop_saved(id))
    }

    fn set_memory(&self, id: VmId, kib: u64, apply: Apply) -> Result<(), DriverError> {
        let call = Call::SetMemory(id, kib, apply);
        self.quiet(call, |world| world.set_memory(id, kib, apply))
    }

    fn set_vcpus(&self, id: VmId, count: u32, apply: Apply) -> Result<(), DriverError> {
        let call = Call::SetVcpus(id, count, apply);
        self.quiet(call, |world| world.set_vcpus(id, count, apply))
    }

    fn pin(&self, id: VmId, pin: &Pin, apply: Apply) -> Result<(), DriverError> {
        let call = Call::Pin(id, pin.vcpu, apply);
        self.quiet(call, |world| world.pin(id, pin, apply))
    }

    fn rename(&self, id: VmId, name: &str) -> Result<(), DriverError> {
        self.call(Call::Rename(id), |world, _| {
            Ok(((), world.rename(id, name)?))
        })
    }

    fn describe(&self, id: VmId, text: Option<&str>) -> Result<(), DriverError> {
        self.quiet(Call::Describe(id), |world| world.describe(id, text))
    }

    fn traffic(&self, id: VmId) -> Result<Vec<Traffic>, DriverError> {
        self.read(Call::Traffic(id), |world, now| world.traffic(id, now))
    }

    fn delete_volume(&self, path: &str) -> Result<(), DriverError> {
        self.quiet(Call::DeleteVolume, |world| world.delete_volume(path))
    }

    fn copy_volume(&self, copy: &VolumeCopy) -> Result<Volume, DriverError> {
        self.call(Call::CopyVolume, |world, _| {
            Ok((world.copy_volume(copy)?, News::new()))
        })
    }

    fn screenshot(&self, id: VmId) -> Result<Screen, DriverError> {
        self.read(Call::Screenshot(id), |world, _| world.screen(id))
    }

    fn uri(&self) -> Result<String, DriverError> {
        self.read(Call::Uri, |_, _| Ok("test:///simulated".to_owned()))
    }

    fn capabilities(&self) -> Result<String, DriverError> {
        self.read(Call::Capabilities, |_, _| {
            Ok(host::capabilities(&self.node))
        })
    }

    fn statistics(&self) -> Result<Vec<Statistics>, DriverError> {
        self.read(Call::Statistics, |world, now| {
            let active = world
                .machines
                .values()
                .filter(|machine| machine.domain.state.is_active());
            Ok(active.map(|machine| machine.statistics(now)).collect())
        })
    }

    fn host(&self) -> Result<HostSample, DriverError> {
        self.read(Call::Host, |world, now| {
            Ok(host::sample(&self.node, world, now))
        })
    }

    fn subscribe(&self) -> mpsc::Receiver<DriverEvent> {
        self.subscribers.subscribe()
    }
}

impl fmt::Debug for SimulatedDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedDriver")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
