//! Documents of our own, one or more for every view: each is what libvirt's schema allows, and is edited without loss.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod common;
#[path = "common/values.rs"]
mod values;

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use archipel_domain::{
    Device, Document, Edit, FieldName, Kind, Secret, Target, devices, fields, shareable,
};
use archipel_lab::{missing, skip};
use common::{Sample, lost, nodes, samples, set_one};
use proptest::{prelude::*, sample::Index};

#[test]
fn there_are_enough_and_of_every_kind() {
    let samples = samples();
    let of = |kind| {
        samples
            .iter()
            .filter(|sample| sample.document.kind() == kind)
            .count()
    };
    assert!(of(Kind::Domain) >= 40, "{} machines", of(Kind::Domain));
    assert!(Kind::ALL.iter().all(|kind| of(*kind) >= 2));
}

#[test]
fn the_schema_allows_them() {
    if let Some(reason) = missing(&["virt-xml-validate", "xmllint"]) {
        return skip("the_schema_allows_them", &reason);
    }
    for sample in samples() {
        assert_eq!(faults(sample.document.text()), None, "{}", sample.name);
    }
}

/// What virt-xml-validate says against a document.
fn faults(text: &str) -> Option<String> {
    let mut child = Command::new("virt-xml-validate")
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The fields of a document and of each of its devices.
fn field_names(sample: &Sample) -> Vec<(FieldName, [String; 2])> {
    let kind = sample.document.kind();
    let own = fields(kind)
        .iter()
        .map(|field| (field.name.to_owned(), values::of(field)));
    let of_devices = devices(kind).iter().flat_map(|device| {
        let keys = 1..=count(&sample.document, device);
        keys.flat_map(move |key| {
            device.fields.iter().map(move |field| {
                (
                    format!("{}[{key}].{}", device.noun, field.name),
                    values::of(field),
                )
            })
        })
    });
    own.chain(of_devices)
        .map(|(name, values)| (name.parse().unwrap(), values))
        .collect()
}

fn count(document: &Document, device: &Device) -> usize {
    document.all(&device.path.parse().unwrap()).count()
}

#[test]
fn every_field_of_every_document_reads_back() {
    for sample in samples() {
        for (name, values) in field_names(&sample) {
            for value in values {
                set_field(&sample, &name, &value);
            }
        }
    }
}

fn set_field(sample: &Sample, name: &FieldName, value: &str) {
    let at = format!("{}: set {name} {value:?}", sample.name);
    let before = &sample.document;
    let edit = Edit::Set {
        target: Target::Field(name.clone()),
        value: value.to_owned(),
    };
    let edited = before
        .edited(std::slice::from_ref(&edit))
        .unwrap_or_else(|why| panic!("{at}: {why}"));
    let after = &edited.document;
    assert_eq!(after.field(name).unwrap().as_deref(), Some(value), "{at}");
    assert_eq!(
        &after.edited(&edited.undo).unwrap().document,
        before,
        "{at}"
    );
    if before.field(name).is_ok_and(|held| held.is_none()) {
        let lost = lost(before.text(), after.text());
        assert!(
            matches!(lost, "" | "/" | "/>" | ">"),
            "{at}: took away {lost:?}"
        );
    }
    let taken = after
        .edited(&[Edit::Unset {
            target: Target::Field(name.clone()),
        }])
        .unwrap();
    let back = edit.inverse(before).unwrap();
    let again = after.edited(&back).unwrap().document;
    assert_eq!(
        again.field(name),
        before.field(name),
        "{at}: taken back by {back:?}"
    );
    assert_eq!(
        taken.document.edited(&taken.undo).unwrap().document,
        *after,
        "{at}"
    );
}

#[test]
fn every_node_of_every_document_reads_back() {
    for sample in samples() {
        for node in nodes(&sample.document) {
            for value in ["", "plain", " <ä> & \"two\" 'one'\r\n\t]]>"] {
                set_one(&sample.name, &sample.document, &node, value);
            }
        }
    }
}

#[test]
fn everything_in_them_is_known() {
    for sample in samples() {
        let unknown = sample
            .document
            .reaches()
            .into_iter()
            .filter(|reach| reach.kind == archipel_domain::ReachKind::Unknown);
        assert_eq!(
            unknown.map(|reach| reach.to_string()).collect::<Vec<_>>(),
            Vec::<String>::new(),
            "{}",
            sample.name
        );
    }
}

#[test]
fn their_secrets_are_hidden_and_come_back() {
    let samples = samples();
    let with_secrets: Vec<&Sample> = samples
        .iter()
        .filter(|sample| sample.document.secrets().iter().any(Secret::is_value))
        .collect();
    assert!(with_secrets.len() >= 2);
    for sample in with_secrets {
        let masked = sample.document.masked();
        assert!(
            !masked.contains("hunter2") && !masked.contains("opensesame"),
            "{}",
            sample.name
        );
        assert_eq!(
            shareable(sample.document.text()).unwrap(),
            masked,
            "{}",
            sample.name
        );
        assert_eq!(
            Document::parse(masked)
                .unwrap()
                .with_secrets_of(&sample.document)
                .unwrap(),
            sample.document
        );
    }
}

/// The field, its old values and the definition after an edit that the schema must allow, too.
#[test]
fn the_schema_allows_what_is_made() {
    if let Some(reason) = missing(&["virt-xml-validate", "xmllint"]) {
        return skip("the_schema_allows_what_is_made", &reason);
    }
    for name in ["domain-web", "domain-smallest", "domain-crlf"] {
        let sample = common::named(name);
        let lines = [
            "set title x",
            "set description y",
            "set memory 3GiB",
            "set current-memory 1GiB",
            "set max-vcpus 8",
            "set vcpus 3",
            "set iothreads 1",
            "set cpu-mode custom",
            "set cpu-model qemu64",
            "set topology 2x1x2x2",
            "set boot network,hd",
            "set boot-menu yes",
            "set machine q35",
            "set acpi on",
            "set apic on",
            "set smm on",
            "set hyperv-relaxed on",
            "set kvm-hidden on",
            "set clock timezone",
            "set timezone Europe/Berlin",
            "set on-crash restart",
            "set on-poweroff destroy",
            "set suspend-to-mem yes",
            "set balloon virtio",
            "set balloon-period 9",
            "set hugepages on",
            "set cpu-shares 2048",
            "set /@xmlns:qemu http://libvirt.org/schemas/domain/qemu/1.0",
            "set /qemu:commandline/qemu:arg/@value -S",
            "add /devices <disk type='file'><source file='/srv/new.img'/><target dev='vdq' bus='virtio'/></disk>",
            "set disk[vdq].cache none",
            "set disk[vdq].format qcow2",
            "set disk[vdq].serial 1234",
            "set disk[vdq].readonly on",
            "set disk[vdq].read-iops 5",
            "add /devices <interface type='user'><mac address='52:54:00:cc:00:01'/></interface>",
            "set interface[52:54:00:cc:00:01].mtu 1400",
            "set interface[52:54:00:cc:00:01].model virtio",
            "set interface[52:54:00:cc:00:01].link down",
            "set /metadata \"\"",
        ];
        let mut document = sample.document;
        for line in lines {
            document = document
                .edited(&[line.parse().unwrap()])
                .unwrap_or_else(|why| panic!("{name}: {line}: {why}"))
                .document;
        }
        assert_eq!(
            faults(document.text()),
            None,
            "{name}:\n{}",
            document.text()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_value_goes_anywhere(document: Index, node: Index, value in "[ -~äß€😀\r\n\t]{0,24}") {
        let samples = samples();
        let sample = document.get(&samples);
        let nodes = nodes(&sample.document);
        set_one(&sample.name, &sample.document, node.get(&nodes), &value);
    }
}
