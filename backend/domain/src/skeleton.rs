//! The smallest definition that says a few facts.

use std::fmt::Write as _;

use crate::{
    Summary,
    text::{Spot, escaped},
};

/// A definition of the given libvirt type (`test`, `qemu`, ...) that [`summary`](crate::summary) reads back as given.
/// Characters that XML cannot say become U+FFFD.
pub fn skeleton(kind: &str, facts: &Summary) -> String {
    let mut out = format!("<domain type='{}'>\n", escaped(kind, Spot::Quoted('\'')));
    let mut line = |element: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "  <{element}>{}</{}>",
            escaped(value, Spot::Content),
            element.split(' ').next().unwrap_or(element)
        );
    };
    line("name", &facts.name);
    if let Some(uuid) = &facts.uuid {
        line("uuid", uuid);
    }
    if let Some(title) = &facts.title {
        line("title", title);
    }
    line("memory unit='KiB'", &facts.max_memory_kib.to_string());
    line("currentMemory unit='KiB'", &facts.memory_kib.to_string());
    line(
        &format!("vcpu current='{}'", facts.vcpus),
        &facts.max_vcpus.to_string(),
    );
    out.push_str("  <os>\n    <type>hvm</type>\n  </os>\n</domain>\n");
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::summary;

    #[test]
    fn control_characters_do_not_break_it() {
        let facts = Summary {
            name: "a\u{0}\u{1b}[2J\u{fffe}b".to_owned(),
            uuid: None,
            title: None,
            memory_kib: 1,
            max_memory_kib: 1,
            vcpus: 1,
            max_vcpus: 1,
        };
        assert_eq!(
            summary(&skeleton("test", &facts)).unwrap().name,
            "a\u{fffd}\u{fffd}[2J\u{fffd}b"
        );
    }

    proptest! {
        #[test]
        fn facts_come_back(name in "[ -~ä😀\r\n\t]{1,40}", title in proptest::option::of("[ -~]{1,40}"), memory_kib in 0..1u64 << 40, vcpus in 1..4096u32) {
            let facts = Summary {
                name,
                uuid: Some("7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01".to_owned()),
                title,
                memory_kib,
                max_memory_kib: memory_kib + 1,
                vcpus,
                max_vcpus: vcpus * 2,
            };
            prop_assert_eq!(summary(&skeleton("test", &facts)).unwrap(), facts);
        }
    }
}
