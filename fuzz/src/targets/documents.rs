//! One of libvirt's documents: read, shown, masked, judged.

use archipel_domain::{
    Document, Kind, Machine, devices, fields, masked, offers_hvm, shareable, summary,
    without_description,
};

pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let _ = offers_hvm(text);
    let _ = summary(text);
    let _ = shareable(text);
    let _ = without_description(text);
    match Document::parse(text) {
        Ok(document) => sound(&document, text),
        Err(why) => drop(why.to_string()),
    }
}

fn sound(document: &Document, text: &str) {
    assert_eq!(document.text(), text, "parsed and printed");
    if let Some(machine) = document.machine() {
        views(&machine);
    }
    values(document);
    for reach in document.reaches() {
        drop((reach.what(), reach.path().to_string()));
    }
    hides(document);
    let other = Document::parse(document.masked()).expect("a masked document is a document");
    let _ = document.diff(&other).to_string();
}

/// The secrets are gone from what is shown, and back when it is sent back unchanged.
fn hides(document: &Document) {
    let shown = document.masked();
    if document.kind() == Kind::Domain {
        assert_eq!(masked(document.text()).as_deref(), Ok(shown.as_str()));
    }
    let shown = Document::parse(shown).expect("a masked document is a document");
    assert_eq!(shown.masked(), shown.text(), "masked twice");
    if let Ok(restored) = shown.with_secrets_of(document) {
        assert_eq!(restored.text(), document.text(), "masked and restored");
    }
}

fn values(document: &Document) {
    let kind = document.kind();
    for field in fields(kind) {
        let _ = field.name.parse().map(|name| document.field(&name));
    }
    for device in devices(kind) {
        let _ = format!("{device:?}");
    }
    assert!(Kind::ALL.contains(&kind));
}

fn views(machine: &Machine<'_>) {
    let _ = (machine.memory(), machine.current_memory(), machine.vcpus());
    let _ = (machine.cpu(), machine.firmware(), machine.boot());
    let _ = (machine.clock(), machine.features(), machine.lifecycle());
    let _ = (machine.name(), machine.uuid(), machine.title());
    let shown = format!(
        "{:?}{:?}{:?}{:?}{:?}{:?}",
        machine.disks().collect::<Vec<_>>(),
        machine.interfaces().collect::<Vec<_>>(),
        machine.graphics().collect::<Vec<_>>(),
        machine.serials().collect::<Vec<_>>(),
        machine.consoles().collect::<Vec<_>>(),
        machine.balloon(),
    );
    drop(shown);
    let _ = machine.metadata().count();
}
