#![allow(clippy::unwrap_used)]
use super::*;

fn reaches(inside: &str) -> Vec<(ReachKind, String)> {
    let document = Document::parse(format!("<domain>{inside}</domain>")).unwrap();
    document
        .reaches()
        .into_iter()
        .map(|reach| (reach.kind, reach.path().to_string()))
        .collect()
}

const REACHING: &[(&str, ReachKind, &str)] = &[
    (
        "<devices><hostdev mode='subsystem' type='pci'/></devices>",
        ReachKind::HostDevice,
        "devices/hostdev",
    ),
    (
        "<devices><disk type='file'><source file='images/a'/></disk></devices>",
        ReachKind::File,
        "devices/disk/source/@file",
    ),
    (
        "<devices><disk type='block'><source dev='/dev/sda'/></disk></devices>",
        ReachKind::Device,
        "devices/disk/source/@dev",
    ),
    (
        "<devices><disk type='network'><source protocol='nbd'/></disk></devices>",
        ReachKind::Remote,
        "devices/disk/source/@protocol",
    ),
    (
        "<devices><interface type='ethernet'><script path='/etc/up'/></interface></devices>",
        ReachKind::Script,
        "devices/interface/script/@path",
    ),
    (
        "<devices><interface type='vhostuser'/></devices>",
        ReachKind::SharedMemory,
        "devices/interface/@type",
    ),
    (
        "<devices><filesystem><source dir='/srv'/><target dir='/'/></filesystem></devices>",
        ReachKind::Folder,
        "devices/filesystem/source/@dir",
    ),
    (
        "<os><kernel>/boot/k</kernel></os>",
        ReachKind::Kernel,
        "os/kernel",
    ),
    (
        "<os><nvram template='/t'/></os>",
        ReachKind::File,
        "os/nvram/@template",
    ),
    (
        "<devices><emulator>/tmp/mine</emulator></devices>",
        ReachKind::Program,
        "devices/emulator",
    ),
    (
        "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:arg value='-S'/></q:commandline>",
        ReachKind::CommandLine,
        "q:commandline",
    ),
    (
        "<commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'><arg value='-S'/></commandline>",
        ReachKind::CommandLine,
        "commandline",
    ),
    (
        "<devices><x:hostdev xmlns:x='urn:x'/></devices>",
        ReachKind::HostDevice,
        "devices/x:hostdev",
    ),
    (
        "<devices><serial type='tcp'/></devices>",
        ReachKind::Remote,
        "devices/serial/@type",
    ),
    (
        "<devices><graphics type='vnc' listen='0.0.0.0'/></devices>",
        ReachKind::Remote,
        "devices/graphics/@listen",
    ),
    (
        "<devices><hologram/></devices>",
        ReachKind::Unknown,
        "devices/hologram",
    ),
    (
        "<devices><disk><mirror job='copy'><source file='/a'/></mirror></disk></devices>",
        ReachKind::File,
        "devices/disk/mirror/source/@file",
    ),
    (
        "<devices><video><driver vgaconf='x'/><model><acceleration rendernode='/dev/dri/a'/></model></video></devices>",
        ReachKind::Device,
        "devices/video/model/acceleration/@rendernode",
    ),
    (
        "<seclabel type='none'/>",
        ReachKind::Confinement,
        "seclabel",
    ),
];

#[test]
fn what_reaches_out_is_named() {
    for (inside, kind, path) in REACHING {
        let found = reaches(inside);
        assert!(
            found.contains(&(*kind, (*path).to_owned())),
            "{inside}: {found:?}"
        );
    }
}

#[test]
fn relative_paths_are_no_way_out() {
    for (inside, path) in [
        (
            "<devices><serial type='file'><source path='etc/shadow'/></serial></devices>",
            "devices/serial/source/@path",
        ),
        (
            "<devices><console type='pty'><log file='../x'/></console></devices>",
            "devices/console/log/@file",
        ),
        (
            "<devices><disk><source><host transport='unix' socket='s'/></source></disk></devices>",
            "devices/disk/source/host/@socket",
        ),
    ] {
        assert_eq!(
            reaches(inside),
            [(ReachKind::File, path.to_owned())],
            "{inside}"
        );
    }
    let pool = Document::parse("<pool><target><path>here</path></target></pool>").unwrap();
    assert_eq!(pool.reaches().len(), 1);
}

#[test]
fn a_machine_of_its_own_reaches_nowhere() {
    let inside = "<name>/a</name><title>/b</title><description>/c</description><metadata><x:y xmlns:x='urn:x' at='/d'/></metadata><memory>1</memory>\
        <os><type>hvm</type><boot dev='hd'/></os><features><acpi/></features><devices><disk type='volume'><source pool='p' volume='v'/><target dev='vda'/></disk>\
        <interface type='network'><source network='n'/></interface><graphics type='vnc' listen='127.0.0.1'/><serial type='pty'><source path='/dev/pts/3'/></serial><console type='pty' tty='/dev/pts/3'/><memballoon model='virtio'/></devices>";
    assert_eq!(reaches(inside), []);
}

#[test]
fn each_place_is_named_once_and_leads_there() {
    let text = "<domain><devices><disk type='file'><source file='/a'/></disk><disk type='file'><source file='/b'/></disk></devices></domain>";
    let document = Document::parse(text).unwrap();
    let found = document.reaches();
    let values: Vec<_> = found
        .iter()
        .map(|reach| document.get(&reach.path()))
        .collect();
    assert_eq!(values, [Some("/a".to_owned()), Some("/b".to_owned())]);
}

#[test]
fn a_crowd_is_named_one_by_one() {
    let text = format!("<domain>{}</domain>", "<x:a b='/c'></x:a>".repeat(40_000));
    assert_eq!(Document::parse(text).unwrap().reaches().len(), 80_000);
}

#[test]
fn what_is_handed_past_libvirt_is_named_once() {
    let inside = "<q:commandline xmlns:q='urn:q'><q:arg value='-S'/><q:env name='a'/></q:commandline><name/>";
    assert_eq!(
        reaches(inside),
        [(ReachKind::CommandLine, "q:commandline".to_owned())]
    );
}
