//! The few facts that a list of machines shows.

use roxmltree::Node;

use crate::{
    XmlError,
    document::{self, child, text_of},
};

/// What a definition says about its machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The name, raw: it may hold anything that XML can say.
    pub name: String,
    /// The uuid as written; libvirt makes one up where there is none.
    pub uuid: Option<String>,
    /// A short text for people.
    pub title: Option<String>,
    /// Memory at start, KiB.
    pub memory_kib: u64,
    /// Most memory it may have, KiB.
    pub max_memory_kib: u64,
    /// Processors at start.
    pub vcpus: u32,
    /// Most processors it may have.
    pub max_vcpus: u32,
}

/// Reads the facts out of a definition.
pub fn summary(xml: &str) -> Result<Summary, XmlError> {
    let tree = document::domain(xml)?;
    let root = tree.root_element();
    let word = |name| child(root, name).map(text_of);
    let max_memory_kib = memory(root, "memory")?.ok_or(XmlError::Missing("memory"))?;
    let (vcpus, max_vcpus) = vcpus(root)?;
    Ok(Summary {
        name: word("name")
            .filter(|name| !name.is_empty())
            .ok_or(XmlError::Missing("name"))?,
        uuid: word("uuid").map(|uuid| uuid.trim().to_owned()),
        title: word("title"),
        memory_kib: memory(root, "currentMemory")?.unwrap_or(max_memory_kib),
        max_memory_kib,
        vcpus,
        max_vcpus,
    })
}

/// An amount of memory in KiB, rounded up as libvirt does.
fn memory(root: Node<'_, '_>, element: &'static str) -> Result<Option<u64>, XmlError> {
    let Some(node) = child(root, element) else {
        return Ok(None);
    };
    let number = text_of(node).trim().parse::<u64>().ok();
    let bytes = number.zip(scale(node.attribute("unit").unwrap_or("KiB")));
    let bytes = bytes.and_then(|(number, scale)| number.checked_mul(scale));
    let wanted = "an amount of memory, such as 1048576 with the unit KiB";
    bytes
        .map(|bytes| Some(bytes.div_ceil(1024)))
        .ok_or(XmlError::Invalid { element, wanted })
}

/// Bytes in one unit; libvirt ignores capitals.
fn scale(unit: &str) -> Option<u64> {
    let unit = unit.to_ascii_lowercase();
    if matches!(unit.as_str(), "b" | "byte" | "bytes") {
        return Some(1);
    }
    let (letter, rest) = unit.split_at_checked(1)?;
    let power = "kmgtpe".find(letter)?;
    let base: u64 = match rest {
        "" | "ib" => 1024,
        "b" => 1000,
        _ => return None,
    };
    base.checked_pow(u32::try_from(power).ok()? + 1)
}

/// Processors at start and at most; one where nothing is said.
fn vcpus(root: Node<'_, '_>) -> Result<(u32, u32), XmlError> {
    let Some(node) = child(root, "vcpu") else {
        return Ok((1, 1));
    };
    let invalid = XmlError::Invalid {
        element: "vcpu",
        wanted: "a number of processors",
    };
    let number = |text: &str| text.trim().parse::<u32>().map_err(|_| invalid.clone());
    let most = number(&text_of(node))?;
    let now = node.attribute("current").map_or(Ok(most), number)?;
    Ok((now, most))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn with_memory(memory: &str) -> Result<Summary, XmlError> {
        summary(&format!("<domain><name>a</name>{memory}</domain>"))
    }

    #[test]
    fn reads_what_libvirt_writes() {
        let text = "<domain type='qemu' id='3'><name>a&amp;b</name><uuid>\n6f1b\n</uuid><title>shop</title>\
            <memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>1048576</currentMemory>\
            <vcpu placement='static' current='2'>8</vcpu></domain>";
        let read = summary(text).unwrap();
        assert_eq!(
            (
                read.name.as_str(),
                read.uuid.as_deref(),
                read.title.as_deref()
            ),
            ("a&b", Some("6f1b"), Some("shop"))
        );
        assert_eq!(
            (
                read.memory_kib,
                read.max_memory_kib,
                read.vcpus,
                read.max_vcpus
            ),
            (1 << 20, 2 << 20, 2, 8)
        );
    }

    #[test]
    fn units_scale() {
        for (memory, kib) in [
            ("<memory>7</memory>", 7),
            ("<memory unit='b'>1025</memory>", 2),
            ("<memory unit='MB'>1</memory>", 977),
            ("<memory unit='m'>1</memory>", 1024),
            ("<memory unit='GiB'>3</memory>", 3 << 20),
            ("<memory unit='T'>1</memory>", 1 << 30),
        ] {
            assert_eq!(with_memory(memory).unwrap().memory_kib, kib, "{memory}");
        }
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(with_memory(""), Err(XmlError::Missing("memory")));
        for memory in [
            "<memory>-1</memory>",
            "<memory unit='ü'>1</memory>",
            "<memory unit='E'>99</memory>",
            "<memory unit=''>1</memory>",
        ] {
            assert!(
                matches!(
                    with_memory(memory),
                    Err(XmlError::Invalid {
                        element: "memory",
                        ..
                    })
                ),
                "{memory}"
            );
        }
        let vcpu = with_memory("<memory>1</memory><vcpu>many</vcpu>");
        assert!(matches!(
            vcpu,
            Err(XmlError::Invalid {
                element: "vcpu",
                ..
            })
        ));
        assert_eq!(
            summary("<domain><memory>1</memory><name/></domain>"),
            Err(XmlError::Missing("name"))
        );
    }
}
