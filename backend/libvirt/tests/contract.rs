//! The libvirt driver keeps the contract of all drivers, on libvirt's test driver: within this process and in a daemon.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::LazyLock;

use archipel_hypervisor::{Driver, contract::Rig};
use archipel_libvirt::LibvirtDriver;
use archipel_protocol::VmId;
use common::Daemon;
use virt::connect::Connect;

/// The driver under test, and a second connection to the same hypervisor.
struct Libvirt {
    driver: LibvirtDriver,
    other: Connect,
}

impl Libvirt {
    fn at(uri: &str) -> Self {
        Self {
            driver: LibvirtDriver::open(uri).unwrap(),
            other: Connect::open(Some(uri)).unwrap(),
        }
    }
}

impl Rig for Libvirt {
    fn driver(&self) -> &dyn Driver {
        &self.driver
    }

    fn define(&self, xml: &str) {
        self.other.define_domain_xml(xml).unwrap();
    }

    fn undefine(&self, id: VmId) {
        let machine = self.other.lookup_domain_by_uuid_string(&id.to_string());
        machine.unwrap().undefine().unwrap();
    }
}

mod in_process {
    use super::Libvirt;

    // All connections of a process to this URI share one state, as long as one is open.
    archipel_hypervisor::driver_contract!(Some(Libvirt::at("test:///default")));
}

mod daemon {
    use super::{Daemon, LazyLock, Libvirt};

    static SHARED: LazyLock<Option<Daemon>> =
        LazyLock::new(|| Daemon::with_test_driver("the contract over a socket"));

    archipel_hypervisor::driver_contract!(SHARED.as_ref().map(|daemon| Libvirt::at(&daemon.uri())));
}
