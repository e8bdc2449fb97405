//! The libvirt driver keeps the contract of all drivers, on libvirt's test driver within this process.
#![allow(clippy::unwrap_used)]

use archipel_hypervisor::{Driver, contract::Rig};
use archipel_libvirt::LibvirtDriver;
use archipel_protocol::VmId;
use virt::connect::Connect;

/// All connections of a process to this URI share one state, as long as one is open.
const URI: &str = "test:///default";

struct InProcess {
    driver: LibvirtDriver,
    other: Connect,
}

fn rig() -> InProcess {
    InProcess {
        driver: LibvirtDriver::open(URI).unwrap(),
        other: Connect::open(Some(URI)).unwrap(),
    }
}

impl Rig for InProcess {
    fn driver(&self) -> &dyn Driver {
        &self.driver
    }

    fn define(&self, xml: &str) {
        self.other.define_domain_xml(xml).unwrap();
    }

    fn undefine(&self, id: VmId) {
        self.other
            .lookup_domain_by_uuid_string(&id.to_string())
            .unwrap()
            .undefine()
            .unwrap();
    }
}

archipel_hypervisor::driver_contract!(rig());
