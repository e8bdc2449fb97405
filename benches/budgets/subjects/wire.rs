//! What travels and what libvirt says: read and written.

use std::hint::black_box;

use archipel_domain::{Document, Edit};
use archipel_protocol::{
    Element, Seq,
    feed::{self, Kind, Row, Update},
};

use crate::{
    frame::{Figures, Goal, Row as Line, Table, Unit},
    invented,
    subjects::times,
};

const PLACE: &str = "no server";

/// Rows of [`page`].
pub(super) const PAGE: &[Line] = &[
    part("page-build", "a full feed page built, 16 KiB"),
    part("page-parse", "a full feed page parsed, 16 KiB"),
];

/// Rows of [`domain`].
pub(super) const DOMAIN: &[Line] = &[
    part("domain-parse", "a domain of 30 devices parsed and viewed"),
    part(
        "domain-build",
        "a domain of 30 devices changed in one field and printed",
    ),
];

const fn part(name: &'static str, what: &'static str) -> Line {
    Line {
        name,
        what,
        goal: Goal::None,
        unit: Unit::Milliseconds,
        place: PLACE,
        table: Table::Parts,
    }
}

/// One stanza's worth of machines.
pub(super) async fn page() -> Vec<Figures> {
    let rows = (0..500).map(|index| Row::Vm(invented::row(1, index)));
    let page = Update {
        watch: "w".parse().expect("an id"),
        epoch: "e".parse().expect("an id"),
        seq: Seq(1),
        kind: Kind::Unchanged,
        newest_event: 1,
        rows: feed::fill(&mut rows.peekable()),
    };
    let text = String::from(&page.to_element());
    let build = times(200, || black_box(String::from(&page.to_element())));
    let parse = times(200, || {
        let element: Element = text.parse().expect("our own XML");
        Update::parse(&element).expect("our own page")
    });
    vec![PAGE[0].values(build), PAGE[1].values(parse)]
}

/// A machine as a large one is: 30 devices.
pub(super) async fn domain() -> Vec<Figures> {
    let text = definition();
    let parse = times(200, || {
        let document = Document::parse(&text).expect("our own XML");
        document
            .machine()
            .map(|machine| black_box(machine.disks().count()))
    });
    let document = Document::parse(&text).expect("our own XML");
    let edit: Vec<Edit> = vec!["set memory 8GiB".parse().expect("an edit")];
    let build = times(200, || {
        let edited = document.edited(&edit).expect("it may be edited");
        edited.document.text().len()
    });
    vec![DOMAIN[0].values(parse), DOMAIN[1].values(build)]
}

fn definition() -> String {
    let disks: Vec<String> = (b'a'..=b'l')
        .map(char::from)
        .map(|letter| {
            format!(
                "    <disk type='file' device='disk'>\n      <driver name='qemu' type='qcow2' discard='unmap'/>\n      \
                 <source file='/var/lib/libvirt/images/db01-{letter}.qcow2'/>\n      <target dev='vd{letter}' bus='virtio'/>\n    </disk>\n"
            )
        })
        .collect();
    let interfaces: Vec<String> = (10..22)
        .map(|number| {
            format!(
                "    <interface type='network'>\n      <mac address='52:54:00:00:00:{number}'/>\n      <source network='net{number}'/>\n      \
                 <model type='virtio'/>\n    </interface>\n"
            )
        })
        .collect();
    let (disks, interfaces) = (disks.concat(), interfaces.concat());
    format!(
        "<domain type='kvm'>\n  <name>db01</name>\n  <uuid>7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01</uuid>\n  <memory unit='KiB'>4194304</memory>\n  \
         <vcpu placement='static'>8</vcpu>\n  <os>\n    <type arch='x86_64' machine='q35'>hvm</type>\n    <boot dev='hd'/>\n  </os>\n  \
         <features>\n    <acpi/>\n    <apic/>\n  </features>\n  <cpu mode='host-passthrough'/>\n  <devices>\n{disks}{interfaces}    \
         <controller type='usb' index='0' model='qemu-xhci'/>\n    <serial type='pty'>\n      <target port='0'/>\n    </serial>\n    \
         <console type='pty'>\n      <target type='serial' port='0'/>\n    </console>\n    <graphics type='vnc' port='-1' autoport='yes'/>\n    \
         <video>\n      <model type='virtio'/>\n    </video>\n    <memballoon model='virtio'/>\n  </devices>\n</domain>\n"
    )
}
