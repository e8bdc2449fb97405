//! What goes through machines' interfaces.

use std::net::IpAddr;

use archipel_domain::{Document, Element, Kind};
use archipel_hypervisor::{Counters, Traffic};
use virt::{
    domain::{Domain, Interface},
    sys,
};

use crate::failure::Failure;

/// All interfaces of a running machine: what the live definition says, counters by `virDomainInterfaceStats`, addresses by
/// `virDomainInterfaceAddresses`. What a driver cannot tell is left out.
pub(crate) fn read(machine: &Domain) -> Result<Vec<Traffic>, Failure> {
    if !machine.is_active()? {
        return Err(Failure::Off);
    }
    let text = machine.xml_desc(0)?;
    let document = Document::parse_as(Kind::Domain, text)?;
    let told = addresses(machine);
    let devices = document.root().child("devices");
    let interfaces = devices.iter().flat_map(|devices| devices.all("interface"));
    Ok(interfaces
        .map(|interface| traffic(machine, interface, &told))
        .collect())
}

fn traffic(machine: &Domain, interface: Element<'_>, told: &[Interface]) -> Traffic {
    let says = |child, attribute| interface.child(child)?.attribute(attribute);
    let (mac, device) = (says("mac", "address"), says("target", "dev"));
    // libvirt looks an interface up by its device on the host, else by its hardware address.
    let key = device.as_ref().or(mac.as_ref());
    let stats = key.and_then(|key| machine.interface_stats(key).ok());
    let (received, sent) = stats.map_or_else(Default::default, |stats| {
        let received = [
            stats.rx_bytes,
            stats.rx_packets,
            stats.rx_errs,
            stats.rx_drop,
        ];
        let sent = [
            stats.tx_bytes,
            stats.tx_packets,
            stats.tx_errs,
            stats.tx_drop,
        ];
        (counters(received), counters(sent))
    });
    Traffic {
        name: says("alias", "name").or(device).unwrap_or_default(),
        addresses: told_to(told, mac.as_deref()),
        mac,
        received,
        sent,
    }
}

/// -1 stands for what cannot be told.
fn counters([bytes, packets, errors, dropped]: [i64; 4]) -> Counters {
    let told = |count: i64| u64::try_from(count).ok();
    Counters {
        bytes: told(bytes),
        packets: told(packets),
        errors: told(errors),
        dropped: told(dropped),
    }
}

/// From the leases of the host's own networks; where there are none, from the guest's agent.
fn addresses(machine: &Domain) -> Vec<Interface> {
    let ask = |source| {
        machine
            .interface_addresses(source, 0)
            .ok()
            .filter(|found| !found.is_empty())
    };
    ask(sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
        .or_else(|| ask(sys::VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT))
        .unwrap_or_default()
}

fn told_to(told: &[Interface], mac: Option<&str>) -> Vec<IpAddr> {
    let same = |interface: &&Interface| {
        let own = interface.hwaddr.as_deref();
        own.zip(mac)
            .is_some_and(|(own, mac)| own.eq_ignore_ascii_case(mac))
    };
    let addresses = told.iter().filter(same).flat_map(|one| &one.addrs);
    addresses
        .filter_map(|address| address.addr.parse().ok())
        .collect()
}
