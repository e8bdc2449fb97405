#![allow(clippy::unwrap_used)]
use super::*;

const DOMAIN: &str = "<domain type='kvm'><name>a</name><metadata><x:y xmlns:x='urn:x'/><z/></metadata><memory unit='GiB'>2</memory>\
    <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><loader secure='yes'>/l</loader><boot dev='hd'/></os>\
    <features><acpi/><hyperv mode='custom'><relaxed state='on'/></hyperv><smm state='off'/></features>\
    <cpu mode='custom' match='exact'><model>Nehalem</model><topology sockets='2' cores='3' threads='1'/><feature policy='disable' name='vmx'/></cpu>\
    <clock offset='timezone' timezone='Europe/Berlin'><timer name='hpet' present='no'/></clock><on_crash>restart</on_crash>\
    <devices><disk type='block' device='lun'><driver type='raw' cache='none'/><source dev='/dev/sda'/><target dev='sda' bus='scsi'/><readonly/></disk>\
    <disk type='network'><source protocol='rbd' name='p/i'><host name='m1'/></source><target dev='vda'/><boot order='2'/></disk>\
    <disk type='file' device='cdrom'><target dev='sdb'/></disk>\
    <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><link state='down'/><boot order='1'/></interface>\
    <serial type='file'><source path='/log'/><target type='isa-serial' port='0'/></serial>\
    <graphics type='vnc' port='-1' autoport='yes' passwd='hunter2'><listen type='address' address='::1'/><listen type='none'/></graphics>\
    <memballoon model='virtio' autodeflate='on'><stats period='10'/></memballoon></devices></domain>";

#[test]
fn reads_a_machine() {
    let document = Document::parse(DOMAIN).unwrap();
    let machine = document.machine().unwrap();
    assert_eq!(machine.memory().unwrap(), Some(Amount { bytes: 2 << 30 }));
    assert_eq!(machine.current_memory(), machine.memory());
    assert_eq!(machine.vcpus(), Ok(Vcpus { now: 1, most: 1 }));
    assert_eq!(
        (
            machine.board().as_deref(),
            machine.architecture().as_deref(),
            machine.os_type().as_deref()
        ),
        (Some("q35"), Some("x86_64"), Some("hvm"))
    );
    assert!(machine.firmware().is_secure && machine.firmware().kind.as_deref() == Some("efi"));
    let cpu = machine.cpu().unwrap();
    assert_eq!(
        (cpu.model.as_deref(), cpu.topology.unwrap().processors()),
        (Some("Nehalem"), Some(6))
    );
    assert_eq!(
        machine.clock().unwrap().timers.first().unwrap().is_present,
        Some(false)
    );
    let features: Vec<_> = machine
        .features()
        .into_iter()
        .map(|feature| (feature.name, feature.is_on))
        .collect();
    assert_eq!(
        features,
        [
            ("acpi".to_owned(), true),
            ("hyperv".to_owned(), true),
            ("hyperv/relaxed".to_owned(), true),
            ("smm".to_owned(), false)
        ]
    );
    assert_eq!(machine.lifecycle().on_crash.as_deref(), Some("restart"));
    assert_eq!(
        machine
            .metadata()
            .map(|element| element.name())
            .collect::<Vec<_>>(),
        ["x:y", "z"]
    );
}

#[test]
fn reads_its_devices() {
    let document = Document::parse(DOMAIN).unwrap();
    let machine = document.machine().unwrap();
    let disks: Vec<_> = machine.disks().collect();
    let [lun, rbd, drive] = disks.as_slice() else {
        unreachable!()
    };
    assert_eq!(
        (&lun.source, lun.device.as_str(), lun.is_readonly),
        (&DiskSource::Device("/dev/sda".to_owned()), "lun", true)
    );
    assert!(
        matches!(&rbd.source, DiskSource::Network { protocol, host: Some(host), .. } if protocol == "rbd" && host == "m1")
    );
    assert_eq!(
        (&drive.source, drive.target.as_deref()),
        (&DiskSource::Empty, Some("sdb"))
    );
    let interface = machine.interfaces().next().unwrap();
    assert_eq!(
        (interface.source, interface.is_linked),
        (InterfaceSource::Bridge("br0".to_owned()), false)
    );
    assert_eq!(
        machine.boot(),
        [
            BootStep::Device(interface.element),
            BootStep::Device(rbd.element)
        ]
    );
    let screen = machine.graphics().next().unwrap();
    assert_eq!(
        (screen.port, screen.is_autoport, screen.has_password),
        (None, true, true)
    );
    assert_eq!(
        screen.listens,
        [Address::Ip("::1".to_owned()), Address::Nowhere]
    );
    assert_eq!(
        machine.serials().next().unwrap().path.as_deref(),
        Some("/log")
    );
    assert_eq!(machine.balloon().unwrap().period, Some(10));
}

#[test]
fn a_snapshot_holds_a_machine_and_a_pool_none() {
    let snapshot = Document::parse(format!("<domainsnapshot>{DOMAIN}</domainsnapshot>")).unwrap();
    assert_eq!(snapshot.machine().unwrap().disks().count(), 3);
    assert!(Document::parse("<pool/>").unwrap().machine().is_none());
}
