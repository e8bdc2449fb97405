//! What a driver says about machines and their host.

use archipel_protocol::{VmId, VmState};

use super::{Own, Rig};
use crate::{Apply, DriverError, ErrorKind, Pin, Power, View};

/// `domains` and `domain` agree, and say what the definition says.
pub fn the_list_has_each_machine_once(rig: &dyn Rig) {
    let own = Own::defined("listed", rig);
    let listed = rig.driver().domains().unwrap();
    let found: Vec<_> = listed.iter().filter(|domain| domain.id == own.id).collect();
    assert_eq!(found.len(), 1);
    let domain = found[0];
    assert_eq!(*domain, rig.driver().domain(own.id).unwrap());
    assert_eq!(
        (&domain.name, domain.state, domain.run_id),
        (&own.facts.name, VmState::Off, None)
    );
    assert_eq!(
        (domain.memory_kib, domain.max_memory_kib),
        (own.facts.memory_kib, own.facts.max_memory_kib)
    );
    assert_eq!(domain.vcpus, own.facts.vcpus);
    assert!(domain.persistent && !domain.autostart);
}

/// Every call about one machine says so when there is none.
pub fn unknown_machines_are_not_found(rig: &dyn Rig) {
    let nobody = VmId::from_bytes([0x11; 16]);
    let driver = rig.driver();
    let pin = Pin {
        vcpu: 0,
        cpus: vec![0],
    };
    let answers: [Result<(), DriverError>; 12] = [
        driver.domain(nobody).map(drop),
        driver.power(nobody, Power::Start),
        driver.set_autostart(nobody, true),
        driver.definition(nobody).map(drop),
        driver.secure_definition(nobody, View::Next).map(drop),
        driver.undefine(nobody),
        driver.drop_saved(nobody),
        driver.set_memory(nobody, 1 << 10, Apply::Next),
        driver.set_vcpus(nobody, 1, Apply::Next),
        driver.pin(nobody, &pin, Apply::Next),
        driver.rename(nobody, "somebody"),
        driver.traffic(nobody).map(drop),
    ];
    for answer in answers {
        let error = answer.unwrap_err();
        assert_eq!(
            (error.kind, error.code),
            (ErrorKind::NotFound, Some(42)),
            "{error}"
        );
    }
}

/// Autostart comes back as it was set, from the list too.
pub fn autostart_is_kept(rig: &dyn Rig) {
    let own = Own::defined("early", rig);
    for on in [true, true, false] {
        rig.driver().set_autostart(own.id, on).unwrap();
        assert_eq!(rig.driver().domain(own.id).unwrap().autostart, on);
        let listed = rig.driver().domains().unwrap();
        assert!(
            listed
                .iter()
                .any(|domain| domain.id == own.id && domain.autostart == on)
        );
    }
}

/// An active machine has counters, one that is off has none.
pub fn counters_are_of_active_machines(rig: &dyn Rig) {
    let own = Own::defined("counted", rig);
    let mine = || {
        let all = rig.driver().statistics().unwrap();
        all.into_iter()
            .filter(|statistics| statistics.id == own.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(mine(), []);
    rig.driver().power(own.id, Power::Start).unwrap();
    let told = mine();
    assert_eq!(told.len(), 1);
    assert!(told[0].cpu_ns.is_some() && told[0].resident_kib.is_some());
    rig.driver().power(own.id, Power::Destroy).unwrap();
    assert_eq!(mine(), []);
}

/// The host has a name, processors, memory and capabilities.
pub fn the_host_is_described(rig: &dyn Rig) {
    let node = rig.driver().node().unwrap();
    assert!(!node.hostname.is_empty() && !node.driver.is_empty() && node.libvirt_version > 0);
    assert!(node.cpus > 0 && node.memory_kib > 0 && node.cores > 0 && node.threads > 0);
    let capabilities = rig.driver().capabilities().unwrap();
    assert!(capabilities.contains("<capabilities>"), "{capabilities}");
    let sample = rig.driver().host().unwrap();
    assert!(sample.memory_total_kib >= sample.memory_free_kib && sample.memory_free_kib.is_some());
}
