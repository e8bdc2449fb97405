//! Memory, processors, interfaces.

use super::{Own, Rig};
use crate::{Apply, ErrorKind, Pin, Power};

/// At once, or from the next start on, then also more than the most until now.
pub fn memory_counts_when_it_is_to(rig: &dyn Rig) {
    let own = Own::defined("roomy", rig);
    let driver = rig.driver();
    let memory = || driver.domain(own.id).unwrap().memory_kib;
    driver.set_memory(own.id, 96 << 10, Apply::Next).unwrap();
    assert_eq!(memory(), 96 << 10);
    let refused = driver.set_memory(own.id, 64 << 10, Apply::Live);
    assert_eq!(refused.unwrap_err().kind, ErrorKind::WrongState);
    driver.power(own.id, Power::Start).unwrap();
    driver.set_memory(own.id, 64 << 10, Apply::Live).unwrap();
    assert_eq!(memory(), 64 << 10);
    assert!(driver.set_memory(own.id, 1 << 20, Apply::Live).is_err());
    driver.set_memory(own.id, 512 << 10, Apply::Next).unwrap();
    assert_eq!(memory(), 64 << 10);
    driver.power(own.id, Power::Destroy).unwrap();
    let domain = driver.domain(own.id).unwrap();
    assert_eq!(
        (domain.memory_kib, domain.max_memory_kib),
        (512 << 10, 512 << 10)
    );
}

/// The same for processors.
pub fn processors_count_when_they_are_to(rig: &dyn Rig) {
    let own = Own::defined("quick", rig);
    let driver = rig.driver();
    let vcpus = || driver.domain(own.id).unwrap().vcpus;
    driver.set_vcpus(own.id, 2, Apply::Next).unwrap();
    assert_eq!(vcpus(), 2);
    let refused = driver.set_vcpus(own.id, 1, Apply::Live);
    assert_eq!(refused.unwrap_err().kind, ErrorKind::WrongState);
    driver.power(own.id, Power::Start).unwrap();
    driver.set_vcpus(own.id, 1, Apply::Live).unwrap();
    assert_eq!(vcpus(), 1);
    assert!(driver.set_vcpus(own.id, 3, Apply::Live).is_err());
    driver.set_vcpus(own.id, 3, Apply::Next).unwrap();
    driver.power(own.id, Power::Destroy).unwrap();
    assert_eq!(vcpus(), 3);
}

/// A processor that a machine does not have cannot be tied to anything.
pub fn a_pin_is_of_a_processor_that_is_there(rig: &dyn Rig) {
    let own = Own::defined("tied", rig);
    let driver = rig.driver();
    driver.power(own.id, Power::Start).unwrap();
    let pin = |vcpu| Pin {
        vcpu,
        cpus: vec![0],
    };
    driver.pin(own.id, &pin(0), Apply::Live).unwrap();
    assert!(driver.pin(own.id, &pin(9), Apply::Live).is_err());
}

/// What is off has no traffic.
pub fn traffic_is_of_running_machines(rig: &dyn Rig) {
    let own = Own::defined("silent", rig);
    let driver = rig.driver();
    let refused = driver.traffic(own.id).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::WrongState, "{refused}");
    driver.power(own.id, Power::Start).unwrap();
    for interface in driver.traffic(own.id).unwrap() {
        assert!(!interface.name.is_empty(), "{interface:?}");
    }
}
