//! Copies of volumes in a real pool, looked at by another program than libvirt.
#![allow(clippy::unwrap_used)]

mod common;

use std::process::Command;

use archipel_hypervisor::{Copying, Driver, ErrorKind, VolumeCopy};
use archipel_libvirt::LibvirtDriver;
use common::Daemon;

/// What `qemu-img info` says of a file.
fn told(path: &str) -> String {
    let output = Command::new("qemu-img")
        .args(["info", path])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_linked_copy_builds_on_its_first_and_a_full_one_on_nothing() {
    let Some(daemon) = Daemon::with_qemu("copies of volumes") else {
        return;
    };
    let folder = daemon.libvirtd().images();
    let virsh = |arguments: &[&str]| {
        let libvirtd = daemon.libvirtd();
        daemon.run(libvirtd.virsh(arguments)).unwrap()
    };
    let target = folder.to_str().unwrap();
    virsh(&["pool-create-as", "copies", "dir", "--target", target]);
    for (name, format) in [("first.raw", "raw"), ("second.qcow2", "qcow2")] {
        virsh(&["vol-create-as", "copies", name, "4M", "--format", format]);
    }
    let driver = LibvirtDriver::open(&daemon.uri()).unwrap();
    for (name, format) in [("first.raw", "raw"), ("second.qcow2", "qcow2")] {
        let from = folder.join(name).to_str().unwrap().to_owned();
        let copy = |how, name: &str| {
            driver.copy_volume(&VolumeCopy {
                from: from.clone(),
                format: format.to_owned(),
                name: name.to_owned(),
                how,
            })
        };
        let linked = copy(Copying::Linked, &format!("linked-{format}.qcow2")).unwrap();
        assert_eq!(linked.format, "qcow2");
        let info = told(&linked.path);
        assert!(info.contains("file format: qcow2"), "{info}");
        assert!(info.contains(&format!("backing file: {from}")), "{info}");
        assert!(
            info.contains(&format!("backing file format: {format}")),
            "{info}"
        );
        assert!(info.contains("virtual size: 4 MiB"), "{info}");
        let full = copy(Copying::Full, &format!("full-{format}")).unwrap();
        let info = told(&full.path);
        assert!(info.contains(&format!("file format: {format}")), "{info}");
        assert!(!info.contains("backing file"), "{info}");
        // What others build on stays; a name is given once.
        assert_eq!(
            driver.delete_volume(&from).unwrap_err().kind,
            ErrorKind::Busy
        );
        assert!(copy(Copying::Full, &format!("full-{format}")).is_err());
        for made in [&linked.path, &full.path, &from] {
            driver.delete_volume(made).unwrap();
            assert!(!folder.join(made).exists(), "{made}");
        }
    }
    let gone = driver.delete_volume(folder.join("first.raw").to_str().unwrap());
    assert_eq!(gone.unwrap_err().kind, ErrorKind::NotFound);
}
