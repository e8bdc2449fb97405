//! Requests that need something said: how much, which name.

use std::str::FromStr;

use archipel_protocol::{
    Request, definitions,
    machines::{self, Copying},
    ns, pictures, vm_definition,
    vm_resources::{self, Action, Disks},
};

/// A request with arguments of its own, or of another namespace than the plain ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// `memory`.
    Memory,
    /// `setvcpus`.
    Vcpus,
    /// `pin`.
    Pin,
    /// `rename`.
    Rename,
    /// `undefine`.
    Undefine,
    /// `undo`.
    Undo,
    /// `pending`.
    Pending,
    /// `picture`.
    Picture,
    /// `clone`.
    Clone(Copying),
    /// `manage`.
    Manage,
    /// `unmanage`.
    Unmanage,
    /// `free`.
    Free(Disks),
}

/// Why a value cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GivenError {
    /// A value is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// It is no size.
    #[error("`{0}` is no size of memory; write it like 512MiB, 8GiB or 8G")]
    Memory(String),
    /// It is no count.
    #[error("`{0}` is no number")]
    Number(String),
}

impl Ask {
    /// Namespace and action.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Memory => (ns::VM_CONTROL, "memory"),
            Self::Vcpus => (ns::VM_CONTROL, "setvcpus"),
            Self::Pin => (ns::VM_CONTROL, "pin"),
            Self::Rename => (ns::VM_CONTROL, "rename"),
            Self::Undefine => (ns::VM_DEFINITION, "undefine"),
            Self::Undo => (ns::VM_DEFINITION, "undo"),
            Self::Pending => (ns::VM_DEFINITION, "pending"),
            Self::Picture => (ns::VM_CONTROL, "picture"),
            Self::Free(_) => (ns::VM_CONTROL, "free"),
            Self::Clone(_) => (ns::HYPERVISOR_CONTROL, "clone"),
            Self::Manage => (ns::HYPERVISOR_CONTROL, "manage"),
            Self::Unmanage => (ns::HYPERVISOR_CONTROL, "unmanage"),
        }
    }

    /// Whether it changes something.
    pub const fn is_change(self) -> bool {
        !matches!(self, Self::Pending | Self::Picture)
    }

    /// The request with what was said, in the order of the verb's own arguments.
    pub fn request(self, given: &[String]) -> Result<Request, GivenError> {
        let said = |at: usize, name| given.get(at).ok_or(GivenError::Missing(name));
        Ok(match self {
            Self::Memory => Request::VmResources(Action::Memory {
                kib: kib(said(0, "size")?)?,
                when: None,
            }),
            Self::Vcpus => Request::VmResources(Action::SetVcpus {
                count: number(said(0, "count")?)?,
                when: None,
            }),
            Self::Pin => Request::VmResources(Action::Pin {
                vcpu: number(said(0, "vcpu")?)?,
                cpus: said(1, "cpus")?.clone(),
                when: None,
            }),
            Self::Rename => Request::VmResources(vm_resources::Action::Rename {
                name: said(0, "name")?.clone(),
            }),
            Self::Undefine => Request::VmDefinition(vm_definition::Action::Undefine),
            Self::Undo => Request::Definitions(definitions::Action::Undo {
                number: given.first().map(|text| number(text)).transpose()?,
            }),
            Self::Pending => Request::Definitions(definitions::Action::Pending { offset: 0 }),
            Self::Picture => Request::Pictures(pictures::Action::whole()),
            Self::Clone(copying) => Request::Machines(machines::Action::Clone {
                jid: None,
                name: Some(said(0, "name")?.clone()),
                copy: Some(copying),
            }),
            Self::Manage => Request::Machines(machines::Action::Manage {
                machines: Vec::new(),
            }),
            Self::Unmanage => Request::Machines(machines::Action::Unmanage {
                machines: Vec::new(),
            }),
            Self::Free(disks) => Request::VmResources(Action::Free { disks: Some(disks) }),
        })
    }
}

fn number<N: FromStr>(text: &str) -> Result<N, GivenError> {
    text.parse()
        .map_err(|_| GivenError::Number(text.to_owned()))
}

/// A size in KiB. Units are binary, whatever the `i`; without one it is a number of MiB, as people mean it.
fn kib(text: &str) -> Result<u64, GivenError> {
    let refuse = || GivenError::Memory(text.to_owned());
    let trimmed = text.trim();
    let end = trimmed
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(trimmed.len());
    let (digits, unit) = trimmed.split_at_checked(end).ok_or_else(refuse)?;
    let number: u64 = digits.parse().map_err(|_| refuse())?;
    let scale = match unit.trim().to_ascii_lowercase().as_str() {
        "k" | "kb" | "kib" => 1,
        "" | "m" | "mb" | "mib" => 1 << 10,
        "g" | "gb" | "gib" => 1 << 20,
        "t" | "tb" | "tib" => 1 << 30,
        _ => return Err(refuse()),
    };
    number
        .checked_mul(scale)
        .filter(|kib| *kib > 0)
        .ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, wanted) in [
            ("8GiB", 8 << 20),
            ("512M", 512 << 10),
            ("2048", 2 << 20),
            ("4096 kib", 4_096),
        ] {
            assert_eq!(kib(text).unwrap(), wanted, "{text}");
        }
        for bad in ["", "0", "GiB", "-1", "8 hats", "99999999999999999999G", "ü"] {
            assert!(kib(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_said_is_asked_for() {
        for ask in [
            Ask::Memory,
            Ask::Vcpus,
            Ask::Pin,
            Ask::Rename,
            Ask::Undefine,
            Ask::Undo,
            Ask::Pending,
            Ask::Picture,
            Ask::Clone(Copying::Linked),
            Ask::Manage,
            Ask::Unmanage,
            Ask::Free(Disks::Keep),
        ] {
            let request = ask.request(&["1".into(), "2".into()]).unwrap();
            assert_eq!((request.namespace(), request.action()), ask.words());
            assert_eq!(request.is_change(), ask.is_change());
        }
        assert_eq!(Ask::Rename.request(&[]), Err(GivenError::Missing("name")));
    }
}
