//! A real libvirt takes the documents, and understands them as the views do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{collections::BTreeSet, path::Path};

use archipel_domain::{Document, Edit, Kind, Machine, Target, fields};
use archipel_lab::{Driver, Libvirtd, Scratch, missing, skip};
use common::{Sample, samples};

const NEEDS: [&str; 3] = ["libvirtd", "virsh", "qemu-system-x86_64"];

/// What a user's daemon does not take, or only with KVM, swtpm or firmware files installed; the schema is their test.
const BEYOND_A_SESSION: [&str; 2] = ["domain-beyond-a-session", "domain-firmware-chosen"];

#[tokio::test]
async fn libvirt_understands_machines_as_the_views_do() {
    if let Some(reason) = missing(&NEEDS) {
        return skip("libvirt_understands_machines_as_the_views_do", &reason);
    }
    let libvirt = Libvirtd::start(Driver::Qemu).await.unwrap();
    let mut faults = Vec::new();
    for sample in of(Kind::Domain) {
        if BEYOND_A_SESSION.contains(&sample.name.as_str()) {
            continue;
        }
        match dumped(&libvirt, &sample).await {
            Ok(dump) => faults.extend(missing_facts(&sample, &dump)),
            Err(why) => faults.push(format!("{}: {why}", sample.name)),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn of(kind: Kind) -> Vec<Sample> {
    samples()
        .into_iter()
        .filter(|sample| sample.document.kind() == kind)
        .collect()
}

/// What libvirt makes of a definition.
async fn dumped(libvirt: &Libvirtd, sample: &Sample) -> Result<Document, String> {
    let file = sample.file.to_str().unwrap();
    libvirt
        .virsh(&["define", "--validate", file])
        .await
        .map_err(|why| why.to_string())?;
    let name = sample.document.machine().unwrap().name().unwrap();
    let text = libvirt
        .virsh(&["dumpxml", "--inactive", "--security-info", &name])
        .await
        .unwrap();
    let dump = Document::parse_as(Kind::Domain, text.as_str()).unwrap();
    assert_eq!(dump.text(), text);
    Ok(dump)
}

fn missing_facts(sample: &Sample, dump: &Document) -> Vec<String> {
    let ours = facts(sample.document.machine().unwrap());
    let theirs = facts(dump.machine().unwrap());
    ours.difference(&theirs)
        .map(|fact| format!("{}: libvirt does not say: {fact}", sample.name))
        .collect()
}

/// What the views say, where a definition says it: libvirt fills in the rest.
fn facts(machine: Machine<'_>) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    let mut note = |name: &str, value: Option<String>| {
        facts.extend(value.map(|value| format!("{name}: {value}")));
    };
    note("name", machine.name());
    note("uuid", machine.uuid());
    note("title", machine.title());
    note("description", machine.description());
    note(
        "memory",
        Some(machine.memory().unwrap().unwrap().kib().to_string()),
    );
    note(
        "current memory",
        Some(machine.current_memory().unwrap().unwrap().kib().to_string()),
    );
    note("vcpus", Some(format!("{:?}", machine.vcpus().unwrap())));
    note("firmware", Some(format!("{:?}", machine.firmware())));
    note("os type", machine.os_type());
    if let Some(cpu) = machine.cpu() {
        note("cpu mode", cpu.mode);
        note("cpu model", cpu.model);
        note(
            "topology",
            cpu.topology.map(|topology| format!("{topology:?}")),
        );
        cpu.features
            .iter()
            .for_each(|feature| note("cpu feature", Some(format!("{feature:?}"))));
    }
    if let Some(clock) = machine.clock() {
        note("clock", clock.offset);
        note("timezone", clock.timezone);
        clock
            .timers
            .iter()
            .for_each(|timer| note("timer", Some(format!("{timer:?}"))));
    }
    let lifecycle = machine.lifecycle();
    note("on_poweroff", lifecycle.on_poweroff);
    note("on_reboot", lifecycle.on_reboot);
    note("on_crash", lifecycle.on_crash);
    machine
        .features()
        .iter()
        .for_each(|feature| note("feature", Some(format!("{feature:?}"))));
    machine
        .metadata()
        .for_each(|element| note("metadata", Some(element.local_name().to_owned())));
    facts.extend(devices(machine));
    facts
}

fn devices(machine: Machine<'_>) -> BTreeSet<String> {
    let disks = machine.disks().map(|disk| {
        format!(
            "disk {:?} {:?} {} {:?} {:?} {} {} {:?}",
            disk.target,
            disk.source,
            disk.device,
            disk.cache,
            disk.serial,
            disk.is_readonly,
            disk.is_shareable,
            disk.boot_order
        )
    });
    let interfaces = machine.interfaces().map(|interface| {
        format!(
            "interface {:?} {:?} {:?} {:?} {} {:?}",
            interface.mac,
            interface.source,
            interface.filter,
            interface.mtu,
            interface.is_linked,
            interface.boot_order
        )
    });
    let graphics = machine.graphics().map(|graphics| {
        format!(
            "graphics {} {:?} {:?} {} {:?}",
            graphics.kind,
            graphics.port,
            graphics.keymap,
            graphics.has_password,
            graphics.password_until
        )
    });
    let serials = machine.serials().map(|serial| {
        format!(
            "serial {} {:?} {:?} {:?}",
            serial.kind, serial.path, serial.log, serial.port
        )
    });
    let consoles = machine
        .consoles()
        .map(|console| format!("console {} {:?}", console.kind, console.path));
    let balloon = machine.balloon().map(|balloon| {
        format!(
            "balloon {} {:?} {}",
            balloon.model, balloon.period, balloon.deflates
        )
    });
    disks
        .chain(interfaces)
        .chain(graphics)
        .chain(serials)
        .chain(consoles)
        .chain(balloon)
        .collect()
}

/// Each edit, and what libvirt then says.
const EDITS: &[&str] = &[
    "set title The <shop> & more",
    "set description x",
    "set memory 3GiB",
    "set current-memory 1GiB",
    "set max-vcpus 8",
    "set vcpus 3",
    "set iothreads 2",
    "set cpu-model Nehalem",
    "set topology 2x1x2x2",
    "set boot network,cdrom",
    "set boot-menu no",
    "set pae on",
    "set pmu off",
    "set hyperv-relaxed on",
    "set kvm-hidden on",
    "set clock localtime",
    "set on-crash restart",
    "set on-reboot destroy",
    "set suspend-to-mem yes",
    "set balloon-period 9",
    "set disk[vda].cache writeback",
    "set disk[vda].serial WD-1",
    "set disk[vda].readonly on",
    "set disk[vda].file /srv/b & c.img",
    "set disk[vda].write-iops 300",
    "add /devices <interface type='bridge'><mac address='52:54:00:aa:00:09'/><source bridge='br0'/></interface>",
    "set interface[52:54:00:aa:00:09].mtu 1400",
    "set interface[1].model e1000",
    "set interface[1].link down",
    "set interface[1].mac 52:54:00:aa:bb:cc",
    "set graphics[vnc].password sesame",
    "set graphics[vnc].keymap fr",
    "set video[1].model vga",
    "set /devices/sound/@model ich9",
    "set /devices/watchdog[@model='i6300esb']/@action reset",
];

#[tokio::test]
async fn libvirt_understands_edits_as_the_fields_do() {
    if let Some(reason) = missing(&NEEDS) {
        return skip("libvirt_understands_edits_as_the_fields_do", &reason);
    }
    let libvirt = Libvirtd::start(Driver::Qemu).await.unwrap();
    let scratch = Scratch::new().unwrap();
    let mut document = common::named("domain-web").document;
    for line in EDITS {
        let edit: Edit = line.parse().unwrap();
        document = document.edited(&[edit]).unwrap().document;
        let file = scratch
            .write(Path::new("web.xml"), document.text())
            .unwrap();
        let sample = Sample {
            name: (*line).to_owned(),
            file,
            document: document.clone(),
        };
        let dump = dumped(&libvirt, &sample)
            .await
            .unwrap_or_else(|why| panic!("{line}: {why}"));
        let says_so = match &line.parse().unwrap() {
            Edit::Set {
                target: Target::Field(name),
                value,
            } => dump.field(name).unwrap().as_ref() == Some(value),
            Edit::Set {
                target: Target::Path(path),
                value,
            } => dump.get(path).as_ref() == Some(value),
            _ => true,
        };
        assert!(says_so, "{line}:\n{}", dump.masked());
    }
    assert_eq!(document.edited(&[]).unwrap().document, document);
}

/// Filters have no place here: libvirt offers them to root alone; the schema is their test.
#[tokio::test]
async fn libvirt_understands_networks_and_pools() {
    if let Some(reason) = missing(&NEEDS) {
        return skip("libvirt_understands_networks_and_pools", &reason);
    }
    let libvirt = Libvirtd::start(Driver::Qemu).await.unwrap();
    for (kind, noun) in [(Kind::Network, "net"), (Kind::Pool, "pool")] {
        for sample in of(kind) {
            let define = format!("{noun}-define");
            libvirt
                .virsh(&[&define, sample.file.to_str().unwrap()])
                .await
                .unwrap();
            let dump = format!("{noun}-dumpxml");
            agrees(
                &sample,
                &libvirt.virsh(&[&dump, &name(&sample)]).await.unwrap(),
            );
        }
    }
}

#[tokio::test]
async fn libvirt_makes_volumes_and_snapshots() {
    if let Some(reason) = missing(&NEEDS).or_else(|| missing(&["qemu-img"])) {
        return skip("libvirt_makes_volumes_and_snapshots", &reason);
    }
    let libvirt = Libvirtd::start(Driver::Qemu).await.unwrap();
    let folder = libvirt.images();
    libvirt
        .virsh(&[
            "pool-create-as",
            "here",
            "dir",
            "--target",
            folder.to_str().unwrap(),
        ])
        .await
        .unwrap();
    for sample in of(Kind::Volume) {
        libvirt
            .virsh(&["vol-create", "here", sample.file.to_str().unwrap()])
            .await
            .unwrap();
        agrees(
            &sample,
            &libvirt
                .virsh(&["vol-dumpxml", &name(&sample), "here"])
                .await
                .unwrap(),
        );
    }
    let machine = with_disk(folder.join("image.qcow2").to_str().unwrap());
    let scratch = Scratch::new().unwrap();
    let file = scratch.write("machine.xml", machine.text()).unwrap();
    libvirt
        .virsh(&["define", "--validate", file.to_str().unwrap()])
        .await
        .unwrap();
    let sample = common::named("snapshot-named");
    libvirt
        .virsh(&["snapshot-create", "smallest", sample.file.to_str().unwrap()])
        .await
        .unwrap();
    let text = libvirt
        .virsh(&["snapshot-dumpxml", "smallest", &name(&sample)])
        .await
        .unwrap();
    agrees(&sample, &text);
    let dump = Document::parse(text).unwrap();
    let lost = facts(machine.machine().unwrap())
        .difference(&facts(dump.machine().unwrap()))
        .count();
    assert_eq!(lost, 0, "{}", dump.text());
}

/// The smallest machine, and a disk that edits gave it.
fn with_disk(file: &str) -> Document {
    let lines = [
        "set /devices/disk[target/@dev='vda']/@type file".to_owned(),
        "set disk[vda].format qcow2".to_owned(),
        format!("set disk[vda].file {file}"),
        "set disk[vda].bus virtio".to_owned(),
    ];
    let edits: Vec<Edit> = lines.iter().map(|line| line.parse().unwrap()).collect();
    common::named("domain-smallest")
        .document
        .edited(&edits)
        .unwrap()
        .document
}

fn name(sample: &Sample) -> String {
    sample.document.get(&"name".parse().unwrap()).unwrap()
}

/// Each field that a document has must be the same in what libvirt made of it; how much is taken at once is libvirt's to say.
fn agrees(sample: &Sample, text: &str) {
    let dump = Document::parse_as(sample.document.kind(), text).unwrap();
    assert_eq!(dump.text(), text);
    for field in fields(sample.document.kind())
        .iter()
        .filter(|field| field.name != "allocation")
    {
        let field = field.name.parse().unwrap();
        let said = sample.document.field(&field).unwrap();
        assert!(
            said.is_none() || dump.field(&field).unwrap() == said,
            "{}: {field}:\n{text}",
            sample.name
        );
    }
}
