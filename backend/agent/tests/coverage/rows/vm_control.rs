//! `archipel:vm:control`: the first machine is taken through a life, the third is renamed and removed.

use crate::row::{Ask, Bad, Of, Push, ROW, Row, Shows, Step, Table, bad, says};

const ONE: Of = Of::Machine("one");
const THREE: Of = Of::Machine("three");
const NAMESPACE: &str = "archipel:vm:control";

const MACHINE: Row = Row {
    of: ONE,
    bad: Bad::NO_MACHINE,
    ..ROW
};

const fn by_admin(action: &'static str, attributes: &'static str) -> Ask {
    Ask {
        by: "admin",
        namespace: NAMESPACE,
        action,
        of: ONE,
        asks: says(attributes),
    }
}

pub const TABLE: Table = Table {
    namespace: NAMESPACE,
    rows: &[
        Row {
            action: "info",
            shows: &[Shows::Answer("state='5'"), Shows::Answer("maxMem='163840'")],
            ..MACHINE
        },
        Row {
            action: "xmldesc",
            shows: &[Shows::Answer("<name>guest01</name>")],
            ..MACHINE
        },
        Row {
            action: "autostart",
            asks: says("value='1'"),
            shows: &[Shows::Virsh("dominfo {one}", "Autostart:      enable")],
            bad: bad("value='2'", "invalid value"),
            ..MACHINE
        },
        Row {
            action: "create",
            asks: says(""),
            shows: &[
                Shows::Virsh("domstate {one}", "running"),
                Shows::Answer("<domain "),
            ],
            push: Some(Push::control(ONE, "created")),
            ..MACHINE
        },
        Row {
            action: "networkinfo",
            shows: &[Shows::Answer("<network ")],
            ..MACHINE
        },
        Row {
            action: "reboot",
            before: &[Step::Up],
            shows: &[Shows::Boots, Shows::Virsh("domstate {one}", "running")],
            ..MACHINE
        },
        Row {
            action: "reset",
            shows: &[Shows::Boots, Shows::Virsh("domstate {one}", "running")],
            ..MACHINE
        },
        Row {
            action: "screenshot",
            asks: says("size='thumbnail'"),
            shows: &[
                Shows::Answer("<screenshot "),
                Shows::Answer("mime='image/png'"),
            ],
            ..MACHINE
        },
        Row {
            action: "picture",
            shows: &[
                Shows::Answer("<picture "),
                Shows::Answer("mime='image/png'"),
            ],
            bad: bad("of='42'", "invalid of"),
            ..MACHINE
        },
        Row {
            action: "protect",
            asks: says("value='1'"),
            shows: &[
                Shows::Then(by_admin("destroy", ""), "wrong-state"),
                Shows::Virsh("domstate {one}", "running"),
            ],
            bad: bad("value='yes'", "invalid value"),
            after: &[Step::Asks(by_admin("protect", "value='0'"))],
            ..MACHINE
        },
        Row {
            action: "pin",
            asks: says("vcpu='0' cpus='0'"),
            shows: &[Shows::Virsh("vcpupin {one} 0", " 0   0")],
            bad: bad("vcpu='0' cpus='all'", "invalid cpus"),
            ..MACHINE
        },
        Row {
            action: "memory",
            asks: says("value='98304'"),
            shows: &[Shows::Virsh("dominfo {one}", "Used memory:    98304 KiB")],
            bad: bad("value='9'", "invalid value"),
            push: Some(Push::control(ONE, "memory")),
            ..MACHINE
        },
        Row {
            action: "setvcpus",
            asks: says("value='2'"),
            shows: &[Shows::Virsh("vcpucount --live --active {one}", "2")],
            bad: bad("value='0'", "invalid value"),
            push: Some(Push::control(ONE, "nvcpu")),
            ..MACHINE
        },
        Row {
            action: "suspend",
            shows: &[Shows::Virsh("domstate {one}", "paused")],
            push: Some(Push::control(ONE, "suspended")),
            ..MACHINE
        },
        Row {
            action: "resume",
            shows: &[Shows::Virsh("domstate {one}", "running")],
            push: Some(Push::control(ONE, "resumed")),
            ..MACHINE
        },
        Row {
            action: "save",
            shows: &[
                Shows::Virsh("domstate {one}", "shut off"),
                Shows::Virsh("dominfo {one}", "Managed save:   yes"),
            ],
            push: Some(Push::control(ONE, "shutdown")),
            ..MACHINE
        },
        Row {
            action: "restore",
            shows: &[
                Shows::Virsh("domstate {one}", "running"),
                Shows::Virsh("dominfo {one}", "Managed save:   no"),
            ],
            push: Some(Push::control(ONE, "created")),
            ..MACHINE
        },
        Row {
            action: "shutdown",
            shows: &[Shows::Virsh("domstate {one}", "shut off")],
            push: Some(Push::control(ONE, "shutdown")),
            ..MACHINE
        },
        Row {
            action: "discard",
            before: &[Step::Virsh("start {one}"), Step::Virsh("managedsave {one}")],
            shows: &[Shows::Virsh("dominfo {one}", "Managed save:   no")],
            ..MACHINE
        },
        Row {
            action: "destroy",
            before: &[Step::Virsh("start {one}")],
            shows: &[Shows::Virsh("domstate {one}", "shut off")],
            push: Some(Push::control(ONE, "shutdown")),
            ..MACHINE
        },
        Row {
            action: "rename",
            of: THREE,
            asks: says("name='renamed'"),
            shows: &[Shows::Virsh("domname {three}", "renamed")],
            bad: bad("name='a/b'", "invalid name"),
            ..MACHINE
        },
        Row {
            action: "free",
            of: THREE,
            asks: says("disks='delete'"),
            shows: &[Shows::Gone("list --all --uuid", "{three}")],
            bad: bad("disks='some'", "invalid disks"),
            push: Some(Push::host("free")),
            ..MACHINE
        },
    ],
};
