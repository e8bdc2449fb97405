//! The libvirt driver keeps the contract of all drivers, on libvirt's test driver: within this process and in a daemon. What the test
//! driver only pretends, files, is asked of QEMU's daemon, too.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::LazyLock;

use archipel_hypervisor::{
    Driver,
    contract::{self, Rig},
};
use archipel_libvirt::LibvirtDriver;
use archipel_protocol::VmId;
use common::Daemon;
use virt::{connect::Connect, storage_vol::StorageVol};

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

    fn volume(&self, name: &str) -> String {
        let pool = &self.other.list_all_storage_pools(0).unwrap()[0];
        let text = format!(
            "<volume><name>{name}</name><capacity>1048576</capacity><target><format type='raw'/></target></volume>"
        );
        let made = StorageVol::create_xml(pool, &text, 0).unwrap();
        made.path().unwrap()
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

/// Machines of the other cases are no guests of QEMU's; files are files.
#[test]
fn volumes_in_a_pool_of_files() {
    let Some(daemon) = Daemon::with_qemu("the contract of volumes on QEMU") else {
        return;
    };
    let folder = daemon.libvirtd().images();
    let target = folder.to_str().unwrap();
    let made = {
        let libvirtd = daemon.libvirtd();
        let pool = ["pool-create-as", "contract", "dir", "--target", target];
        daemon.run(libvirtd.virsh(&pool))
    };
    made.unwrap();
    let rig = Libvirt::at(&daemon.uri());
    contract::unknown_volumes_are_not_found(&rig);
    contract::a_volume_is_copied_and_deleted(&rig);
}
