//! Counters of all active machines, in one bulk call.
//!
//! Only where a driver's bulk call tells no processor time of any machine (libvirt's test driver) or does not exist (LXC) is
//! each active machine asked (`virDomainGetInfo`): there is no other way to know.

use archipel_hypervisor::{ErrorKind, Statistics};
use virt::{domain::Domain, error::Error, sys};

use crate::{failure::kind, ffi::records::Record, machines, session::Session};

/// What the driver can tell of each active machine.
pub(crate) fn all(session: &Session) -> Result<Vec<Statistics>, Error> {
    let groups = sys::VIR_DOMAIN_STATS_CPU_TOTAL
        | sys::VIR_DOMAIN_STATS_BALLOON
        | sys::VIR_DOMAIN_STATS_BLOCK
        | sys::VIR_DOMAIN_STATS_INTERFACE;
    let records = match session.records(groups, sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE) {
        Err(error) if kind(&error) == ErrorKind::Unsupported => return asked(session),
        answer => answer?,
    };
    let told: Vec<Statistics> = records
        .iter()
        .map(|record| told(&record))
        .collect::<Result<_, _>>()?;
    if told.iter().all(|statistics| statistics.cpu_ns.is_none()) {
        return asked(session);
    }
    Ok(told)
}

fn told(record: &Record<'_>) -> Result<Statistics, Error> {
    let mut statistics = nothing(&record.machine()?)?;
    for (name, value) in record.figures() {
        count(&mut statistics, name, value);
    }
    Ok(statistics)
}

/// Adds one figure: `cpu.time`, `balloon.rss`, `block.<n>.rd.bytes`, `net.<n>.tx.bytes` and their like.
fn count(statistics: &mut Statistics, name: &str, value: u64) {
    let sum = match name.split_once('.') {
        Some(("cpu", "time")) => &mut statistics.cpu_ns,
        Some(("balloon", "rss")) => &mut statistics.resident_kib,
        Some(("block", figure)) if figure.ends_with(".rd.bytes") => &mut statistics.disk_read,
        Some(("block", figure)) if figure.ends_with(".wr.bytes") => &mut statistics.disk_written,
        Some(("net", figure)) if figure.ends_with(".rx.bytes") => &mut statistics.net_received,
        Some(("net", figure)) if figure.ends_with(".tx.bytes") => &mut statistics.net_sent,
        _ => return,
    };
    *sum = Some(sum.unwrap_or_default().saturating_add(value));
}

fn asked(session: &Session) -> Result<Vec<Statistics>, Error> {
    let active = session
        .connect()
        .list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE)?;
    let answers = active
        .iter()
        .map(one)
        .filter(|answer| !machines::is_gone(answer));
    answers.collect()
}

fn one(machine: &Domain) -> Result<Statistics, Error> {
    let info = machine.info()?;
    Ok(Statistics {
        cpu_ns: Some(info.cpu_time),
        resident_kib: Some(info.memory),
        ..nothing(machine)?
    })
}

fn nothing(machine: &Domain) -> Result<Statistics, Error> {
    Ok(Statistics {
        id: machines::id(machine)?,
        cpu_ns: None,
        resident_kib: None,
        disk_read: None,
        disk_written: None,
        net_received: None,
        net_sent: None,
    })
}

#[cfg(test)]
mod tests {
    use archipel_protocol::VmId;

    use super::*;

    #[test]
    fn figures_of_all_disks_and_interfaces_add_up() {
        let mut statistics = Statistics {
            id: VmId::from_bytes([0; 16]),
            cpu_ns: None,
            resident_kib: None,
            disk_read: None,
            disk_written: None,
            net_received: None,
            net_sent: None,
        };
        for (name, value) in [
            ("cpu.time", 7),
            ("cpu.user", 1),
            ("balloon.rss", 2048),
            ("block.count", 2),
            ("block.0.rd.bytes", 10),
            ("block.1.rd.bytes", 5),
            ("block.1.rd.reqs", 99),
            ("block.0.wr.bytes", 1),
            ("net.0.rx.bytes", 3),
            ("net.1.rx.bytes", u64::MAX),
        ] {
            count(&mut statistics, name, value);
        }
        assert_eq!(
            (statistics.cpu_ns, statistics.resident_kib),
            (Some(7), Some(2048))
        );
        assert_eq!(
            (statistics.disk_read, statistics.disk_written),
            (Some(15), Some(1))
        );
        assert_eq!(
            (statistics.net_received, statistics.net_sent),
            (Some(u64::MAX), None)
        );
    }
}
