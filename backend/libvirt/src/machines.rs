//! Machines: which there are, what they are, what can be done to them.
//!
//! The list costs four round trips, however many machines there are: bulk statistics give names, states, processors and
//! memory, and three filtered lists tell which are transient, which start with the host and whose memory is saved. A driver whose bulk statistics say less
//! (libvirt's own test driver tells the state alone) costs one `virDomainGetInfo` per machine on top; one without bulk
//! statistics (LXC) the same, after a plain list.

use std::collections::HashSet;

use archipel_hypervisor::{Domain as Facts, ErrorKind, Power};
use archipel_protocol::{VmId, VmState};
use virt::{
    domain::{Domain, DomainInfo},
    error::Error,
    sys,
};

use crate::{
    failure::{Failure, code, kind},
    ffi::records::Record,
    session::Session,
};

/// All machines.
pub(crate) fn all(session: &Session) -> Result<Vec<Facts>, Failure> {
    let lists = Lists::read(session)?;
    let groups =
        sys::VIR_DOMAIN_STATS_STATE | sys::VIR_DOMAIN_STATS_VCPU | sys::VIR_DOMAIN_STATS_BALLOON;
    let found: Vec<Result<Facts, Error>> = match session.records(groups, 0) {
        Ok(records) => records
            .iter()
            .map(|record| from_record(&record, &lists))
            .collect(),
        Err(error) if kind(&error) == ErrorKind::Unsupported => {
            let machines = session.connect().list_all_domains(0)?;
            machines
                .iter()
                .map(|machine| {
                    Vital::asked(machine).and_then(|vital| facts(machine, &vital, &lists))
                })
                .collect()
        }
        Err(error) => return Err(error.into()),
    };
    Ok(found
        .into_iter()
        .filter(|facts| !is_gone(facts))
        .collect::<Result<_, _>>()?)
}

/// A handle on one machine.
pub(crate) fn find(session: &Session, id: VmId) -> Result<Domain, Error> {
    session
        .connect()
        .lookup_domain_by_uuid_string(&id.to_string())
}

/// One machine.
pub(crate) fn one(machine: &Domain) -> Result<Facts, Error> {
    let id = id(machine)?;
    let mut lists = Lists::default();
    if !machine.is_persistent()? {
        lists.transient.insert(id);
    }
    // Some drivers have no word for it.
    if machine.autostart().unwrap_or(false) {
        lists.autostart.insert(id);
    }
    if machine.has_managed_save(0).unwrap_or(false) {
        lists.saved.insert(id);
    }
    facts(machine, &Vital::asked(machine)?, &lists)
}

/// Changes its state. Drivers disagree on the number for a state that forbids it (the test driver calls it an internal error), so the
/// state itself is asked when one refuses.
pub(crate) fn power(machine: &Domain, power: Power) -> Result<(), Failure> {
    let done = match power {
        Power::Start => machine.create(),
        Power::Shutdown => machine.shutdown(),
        Power::Destroy => destroy(machine),
        Power::Reboot => machine.reboot(sys::VIR_DOMAIN_REBOOT_DEFAULT),
        Power::Suspend => machine.suspend(),
        Power::Resume => machine.resume(),
        Power::Reset => machine.reset(),
        Power::Save => machine.managed_save(0),
    };
    done.map_err(|error| match kind(&error) {
        ErrorKind::Failed if forbids(machine, power) => Failure::WrongState(error),
        _ => error.into(),
    })
}

/// Whether the state that the machine is in now forbids the verb.
fn forbids(machine: &Domain, power: Power) -> bool {
    let Ok((state, _)) = machine.state() else {
        return false;
    };
    match (power, VmState::from_libvirt(state.to_raw())) {
        (Power::Start, state) => state.is_active(),
        (Power::Resume, state) => !matches!(state, VmState::Paused | VmState::Suspended),
        (Power::Shutdown | Power::Suspend, state) => state != VmState::Running,
        (Power::Reboot | Power::Reset | Power::Save, state) => !state.is_active(),
        (Power::Destroy, _) => false,
    }
}

/// A machine that is off already is where it should be.
fn destroy(machine: &Domain) -> Result<(), Error> {
    match machine.destroy() {
        Err(error)
            if code(&error) == sys::VIR_ERR_OPERATION_INVALID
                && !machine.is_active().unwrap_or(true) =>
        {
            Ok(())
        }
        answer => answer,
    }
}

/// Its uuid.
pub(crate) fn id(machine: &Domain) -> Result<VmId, Error> {
    Ok(VmId::from_bytes(*machine.uuid()?.as_bytes()))
}

/// Whether a machine went away between the list and the question.
pub(crate) fn is_gone<T>(answer: &Result<T, Error>) -> bool {
    answer
        .as_ref()
        .err()
        .is_some_and(|error| kind(error) == ErrorKind::NotFound)
}

/// Which machines are not persistent, which start with the host, and whose memory is saved.
#[derive(Default)]
struct Lists {
    transient: HashSet<VmId>,
    autostart: HashSet<VmId>,
    saved: HashSet<VmId>,
}

impl Lists {
    fn read(session: &Session) -> Result<Self, Error> {
        let list = |filter| -> Result<HashSet<VmId>, Error> {
            session
                .connect()
                .list_all_domains(filter)?
                .iter()
                .map(id)
                .collect()
        };
        Ok(Self {
            transient: list(sys::VIR_CONNECT_LIST_DOMAINS_TRANSIENT)?,
            autostart: list(sys::VIR_CONNECT_LIST_DOMAINS_AUTOSTART)?,
            // Some drivers have no word for it.
            saved: list(sys::VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE).unwrap_or_default(),
        })
    }
}

/// What is different at every look.
#[derive(Default)]
struct Vital {
    state: Option<u64>,
    vcpus: Option<u64>,
    memory_kib: Option<u64>,
    max_memory_kib: Option<u64>,
}

impl Vital {
    fn told(record: &Record<'_>) -> Self {
        let mut vital = Self::default();
        for (name, value) in record.figures() {
            match name {
                "state.state" => vital.state = Some(value),
                "vcpu.current" => vital.vcpus = Some(value),
                "balloon.current" => vital.memory_kib = Some(value),
                "balloon.maximum" => vital.max_memory_kib = Some(value),
                _ => {}
            }
        }
        vital
    }

    fn asked(machine: &Domain) -> Result<Self, Error> {
        let DomainInfo {
            state,
            max_mem,
            memory,
            nr_virt_cpu,
            ..
        } = machine.info()?;
        Ok(Self {
            state: Some(u64::from(state.to_raw())),
            vcpus: Some(u64::from(nr_virt_cpu)),
            memory_kib: Some(memory),
            max_memory_kib: Some(max_mem),
        })
    }

    fn is_whole(&self) -> bool {
        self.state.is_some()
            && self.vcpus.is_some()
            && self.memory_kib.is_some()
            && self.max_memory_kib.is_some()
    }
}

fn from_record(record: &Record<'_>, lists: &Lists) -> Result<Facts, Error> {
    let machine = record.machine()?;
    let mut vital = Vital::told(record);
    if !vital.is_whole() {
        vital = Vital::asked(&machine)?;
    }
    facts(&machine, &vital, lists)
}

fn facts(machine: &Domain, vital: &Vital, lists: &Lists) -> Result<Facts, Error> {
    let id = id(machine)?;
    let small = |number: Option<u64>| number.and_then(|number| u32::try_from(number).ok());
    let state = VmState::from_libvirt(small(vital.state).unwrap_or_default());
    Ok(Facts {
        id,
        name: machine.name()?,
        state,
        run_id: machine.id().filter(|_| state.is_active()),
        vcpus: small(vital.vcpus).unwrap_or_default(),
        memory_kib: vital.memory_kib.unwrap_or_default(),
        max_memory_kib: vital.max_memory_kib.unwrap_or_default(),
        persistent: !lists.transient.contains(&id),
        autostart: lists.autostart.contains(&id),
        saved: lists.saved.contains(&id),
    })
}
