//! The few facts that a list of machines shows.

use crate::{Amount, Document, Kind, XmlError};

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
    let document = Document::parse_as(Kind::Domain, xml)?;
    let machine = document.machine().ok_or(XmlError::Unexpected("domain"))?;
    let memory = machine.memory()?.ok_or(XmlError::Missing("memory"))?;
    let vcpus = machine.vcpus()?;
    let name = machine.name().filter(|name| !name.is_empty());
    Ok(Summary {
        name: name.ok_or(XmlError::Missing("name"))?,
        uuid: machine.uuid(),
        title: machine.title(),
        memory_kib: machine.current_memory()?.map_or(memory.kib(), Amount::kib),
        max_memory_kib: memory.kib(),
        vcpus: vcpus.now,
        max_vcpus: vcpus.most,
    })
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
