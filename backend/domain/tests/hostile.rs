//! Whatever a definition holds: no call panics, what is read is kept, what is secret stays hidden.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use archipel_domain::{
    Document, Edit, FieldName, Kind, MASK, Machine, devices, fields, masked, shareable, summary,
    without_description,
};
use proptest::prelude::*;

const NAMES: &[&str] = &[
    "name",
    "uuid",
    "title",
    "description",
    "metadata",
    "memory",
    "currentMemory",
    "maxMemory",
    "vcpu",
    "os",
    "type",
    "boot",
    "loader",
    "kernel",
    "cpu",
    "topology",
    "model",
    "feature",
    "clock",
    "timer",
    "features",
    "acpi",
    "hyperv",
    "relaxed",
    "on_crash",
    "devices",
    "disk",
    "source",
    "host",
    "auth",
    "secret",
    "cookies",
    "cookie",
    "target",
    "driver",
    "interface",
    "mac",
    "link",
    "graphics",
    "listen",
    "serial",
    "console",
    "log",
    "memballoon",
    "stats",
    "hostdev",
    "domain",
    "x:y",
    "commandline",
    "unheard-of",
];

const ATTRIBUTES: &[&str] = &[
    "unit", "current", "type", "mode", "dev", "file", "order", "port", "autoport", "passwd",
    "usage", "sockets", "cores", "threads", "dies", "address", "network", "name", "state",
    "period", "xmlns", "xmlns:x", "x:z", "policy", "present",
];

const VALUES: &[&str] = &[
    "",
    "0",
    "-1",
    "1",
    "18446744073709551616",
    "KiB",
    "E",
    "GiB",
    "network",
    "file",
    "vda",
    "hunter2",
    MASK,
    "/dev/sda",
    "on",
    "yes",
    "ü",
    "1x2x3",
    "&lt;&#10;",
    "utc",
    "2 ",
];

/// An element of libvirt's words, put together by somebody who does not care.
fn element() -> impl Strategy<Value = String> {
    let attribute = (
        proptest::sample::select(ATTRIBUTES),
        proptest::sample::select(VALUES),
    );
    let attributes = proptest::collection::hash_map(
        attribute.clone().prop_map(|(name, _)| name),
        attribute.prop_map(|(_, value)| value),
        0..4,
    );
    let attributes = attributes.prop_map(|all| {
        all.iter()
            .map(|(name, value)| [" ", name, "='", value, "'"].concat())
            .collect::<String>()
    });
    let leaf = (
        proptest::sample::select(NAMES),
        attributes.clone(),
        proptest::sample::select(VALUES),
    );
    let leaf =
        leaf.prop_map(|(name, attributes, text)| format!("<{name}{attributes}>{text}</{name}>"));
    leaf.prop_recursive(6, 40, 6, move |inner| {
        let children = proptest::collection::vec(inner, 0..6);
        let parts = (
            proptest::sample::select(NAMES),
            attributes.clone(),
            children,
            proptest::sample::select(&["", "\n", "<!--c-->"][..]),
        );
        parts.prop_map(|(name, attributes, children, between)| {
            format!("<{name}{attributes}>{}</{name}>", children.join(between))
        })
    })
}

fn document() -> impl Strategy<Value = Document> {
    let kind = proptest::sample::select(&Kind::ALL[..]);
    let elements = proptest::collection::vec(element(), 0..8);
    (kind, elements).prop_map(|(kind, elements)| {
        let inside = elements.join("\n  ");
        Document::parse(format!("<{kind}>\n  {inside}\n</{kind}>")).unwrap()
    })
}

fn look_at(machine: Machine<'_>) {
    let _ = (
        machine.memory(),
        machine.current_memory(),
        machine.vcpus(),
        machine.cpu(),
        machine.firmware(),
        machine.clock(),
    );
    let _ = (
        machine.boot(),
        machine.features(),
        machine.lifecycle(),
        machine.balloon(),
        machine.metadata().count(),
    );
    let devices =
        machine.disks().count() + machine.interfaces().count() + machine.graphics().count();
    let _ = devices + machine.serials().count() + machine.consoles().count();
}

fn names(kind: Kind) -> Vec<FieldName> {
    let own = fields(kind).iter().map(|field| field.name.to_owned());
    let of_devices = devices(kind).iter().flat_map(|device| {
        device
            .fields
            .iter()
            .map(move |field| format!("{}[1].{}", device.noun, field.name))
    });
    own.chain(of_devices)
        .map(|name| name.parse().unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn everything_can_be_looked_at(document in document()) {
        document.machine().into_iter().for_each(look_at);
        for name in names(document.kind()) {
            let _ = document.field(&name);
        }
        for reach in document.reaches() {
            prop_assert!(document.all(&reach.path()).count() == 1, "{}", reach);
        }
        let _ = (summary(document.text()), without_description(document.text()));
    }

    #[test]
    fn what_is_hidden_is_hidden(document in document()) {
        let shown = Document::parse(document.masked()).unwrap();
        for secret in shown.secrets().iter().filter(|secret| secret.is_value()) {
            prop_assert_eq!(shown.get(&secret.path()), Some(MASK.to_owned()));
        }
        if document.kind() == Kind::Domain {
            prop_assert_eq!(masked(document.text()).unwrap(), shown.text());
            prop_assert!(Document::parse(shareable(document.text()).unwrap()).is_ok());
        }
        // Secrets come back as they were, or not at all.
        if let Ok(restored) = shown.with_secrets_of(&document) {
            prop_assert_eq!(restored, document);
        }
    }

    #[test]
    fn a_field_is_set_and_read_or_refused(document in document(), value in proptest::sample::select(VALUES), at: proptest::sample::Index) {
        let names = names(document.kind());
        let name = at.get(&names);
        let edit: Edit = format!("set {name} \"{value}\"").parse().unwrap();
        if let Ok(edited) = document.edited(&[edit]) {
            prop_assert!(edited.document.field(name).is_ok(), "{}", name);
            let _ = document.diff(&edited.document).to_string();
            prop_assert_eq!(edited.document.edited(&edited.undo).unwrap().document, document);
        }
    }
}
