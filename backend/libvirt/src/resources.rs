//! What machines are given.

use archipel_domain::Summary;
use archipel_hypervisor::{Apply, Pin};
use virt::{domain::Domain, error::Error, sys};

use crate::failure::Failure;

/// Memory (`virDomainSetMemoryFlags`). Where the next start is to have more than the definition's most, that grows first.
pub(crate) fn set_memory(machine: &Domain, kib: u64, apply: Apply) -> Result<(), Failure> {
    let set = |flags| machine.set_memory_flags(kib, flags);
    if apply.is_next() && kib > next(machine)?.max_memory_kib {
        let most = sys::VIR_DOMAIN_MEM_CONFIG | sys::VIR_DOMAIN_MEM_MAXIMUM;
        judged(machine, apply, set(most))?;
    }
    judged(machine, apply, set(flags(apply)))
}

/// Processors (`virDomainSetVcpusFlags`). Where the next start is to have more than the definition's most, that grows first.
pub(crate) fn set_vcpus(machine: &Domain, count: u32, apply: Apply) -> Result<(), Failure> {
    let set = |flags| machine.set_vcpus_flags(count, flags);
    if apply.is_next() && count > next(machine)?.max_vcpus {
        let most = sys::VIR_DOMAIN_VCPU_CONFIG | sys::VIR_DOMAIN_VCPU_MAXIMUM;
        judged(machine, apply, set(most))?;
    }
    judged(machine, apply, set(flags(apply)))
}

/// Where a processor may run (`virDomainPinVcpuFlags`, on drivers without it `virDomainPinVcpu`).
pub(crate) fn pin(machine: &Domain, pin: &Pin, apply: Apply) -> Result<(), Failure> {
    let map = map(&pin.cpus);
    let pinned = match machine.pin_vcpu_flags(pin.vcpu, &map, flags(apply)) {
        Err(error) if crate::failure::is_flag_unknown(&error) && apply == Apply::Live => {
            machine.pin_vcpu(pin.vcpu, &map)
        }
        answer => answer,
    };
    judged(machine, apply, pinned)
}

/// What the definition for the next start says.
fn next(machine: &Domain) -> Result<Summary, Failure> {
    let text = machine.xml_desc(sys::VIR_DOMAIN_XML_INACTIVE)?;
    Ok(archipel_domain::summary(&text)?)
}

/// `virDomainModificationImpact`; the flags for memory and processors have the same values.
fn flags(apply: Apply) -> u32 {
    match apply {
        Apply::Live => sys::VIR_DOMAIN_AFFECT_LIVE,
        Apply::Next => sys::VIR_DOMAIN_AFFECT_CONFIG,
        Apply::Both => sys::VIR_DOMAIN_AFFECT_LIVE | sys::VIR_DOMAIN_AFFECT_CONFIG,
    }
}

/// One bit for each of the host's processors, the first in the lowest bit of the first byte.
fn map(cpus: &[u32]) -> Vec<u8> {
    let most = cpus.iter().copied().max().unwrap_or_default() as usize;
    let mut map = vec![0; most / 8 + 1];
    for cpu in cpus {
        let place = *cpu as usize;
        if let Some(byte) = map.get_mut(place / 8) {
            *byte |= 1_u8 << (place % 8);
        }
    }
    map
}

/// Drivers disagree on the number for a machine that is off, so it is asked.
fn judged(machine: &Domain, apply: Apply, answer: Result<(), Error>) -> Result<(), Failure> {
    answer.map_err(|error| {
        let off = apply.is_live() && !machine.is_active().unwrap_or(true);
        let transient = apply.is_next() && !machine.is_persistent().unwrap_or(true);
        if off || transient {
            Failure::WrongState(error)
        } else {
            error.into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn processors_are_bits() {
        assert_eq!(map(&[0, 2, 9]), [0b101, 0b10]);
        assert_eq!(map(&[]), [0]);
    }
}
