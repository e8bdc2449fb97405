#![allow(clippy::unwrap_used)]
use std::collections::HashSet;

use super::*;

fn read(text: &str, field: &str) -> Result<Option<String>, EditError> {
    Document::parse(text)
        .unwrap()
        .field(&field.parse().unwrap())
}

#[test]
fn the_tables_are_sound() {
    for kind in Kind::ALL {
        let own = fields(kind).iter();
        let tables = [own.collect::<Vec<_>>()].into_iter().chain(
            devices(kind)
                .iter()
                .map(|device| device.fields.iter().collect()),
        );
        for table in tables {
            let names: HashSet<_> = table.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), table.len(), "two of one name");
            for field in table {
                assert!(field.path.parse::<Path>().is_ok(), "{}", field.path);
                assert!(
                    !field.about.is_empty()
                        && field.about.len() < 100
                        && field.name.parse::<FieldName>().is_ok(),
                    "{}",
                    field.name
                );
            }
        }
        for device in devices(kind) {
            assert!(
                device.path.parse::<Path>().is_ok()
                    && device.key.is_none_or(|key| key.parse::<Path>().is_ok()),
                "{}",
                device.noun
            );
        }
    }
}

#[test]
fn fields_read_in_their_own_spelling() {
    let text = "<domain><memory>1048576</memory><vcpu current=' 2 '>4</vcpu><os><boot dev='hd'/><boot dev='cdrom'/></os>\
        <cpu><topology sockets='1' dies='1' cores='4' threads='1'/></cpu><features><acpi/></features>\
        <devices><disk><target dev='vda'/><boot order='01'/></disk></devices></domain>";
    for (field, value) in [
        ("memory", Some("1GiB")),
        ("vcpus", Some("2")),
        ("max-vcpus", Some("4")),
        ("boot", Some("hd,cdrom")),
        ("topology", Some("1x1x4x1")),
        ("acpi", Some("on")),
        ("pae", Some("off")),
        ("title", None),
        ("disk[vda].boot", Some("1")),
        ("disk[1].boot", Some("1")),
        ("disk[vdb].boot", None),
    ] {
        assert_eq!(read(text, field), Ok(value.map(str::to_owned)), "{field}");
    }
}

#[test]
fn what_a_document_holds_against_the_shape_is_said() {
    for (text, field) in [
        ("<domain><memory>much</memory></domain>", "memory"),
        ("<domain><vcpu current='9'>4</vcpu></domain>", "vcpus"),
        (
            "<domain><cpu><topology sockets='1'/></cpu></domain>",
            "topology",
        ),
        ("<domain><iothreads>-1</iothreads></domain>", "iothreads"),
    ] {
        assert!(
            matches!(read(text, field), Err(EditError::Value { .. })),
            "{field}"
        );
    }
    assert!(matches!(
        read("<domain><name/><name/></domain>", "name"),
        Err(EditError::Several { .. })
    ));
    assert!(matches!(
        read("<pool/>", "memory"),
        Err(EditError::NoField { .. })
    ));
}
