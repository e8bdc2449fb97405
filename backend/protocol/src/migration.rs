//! How a machine moves: `migrate` of `archipel:vm:control` asks it to, `migrationinfo` and `soft_alloc` of
//! `archipel:hypervisor:control` are what it then asks of the destination.
//!
//! The original answers the latter two to everybody; ours asks for the permission of the same name and for an equality of sender,
//! account in the description, and uuid.

use jid::{BareJid, Jid};

use crate::{
    document::{Document, Embedded},
    ids::VmId,
    ns,
    secret::Secret,
    table::{Loose, actions, record, replies},
    xml::ParseError,
};

actions! {
    /// What a machine is asked.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum MachineAction, permissions "", answered by MachineReply {
        /// Moves to another hypervisor; the answer means that it began.
        Migrate = "migrate", changes, -1013 {
            /// Full address of the destination.
            destination: Jid = "hypervisorjid",
        } => Done,
    }
}

replies! {
    /// What a machine answers.
    pub enum MachineReply {
        /// It began.
        Done,
    }
}

actions! {
    /// What a machine asks of its destination.
    #[derive(Debug, Clone, PartialEq)]
    pub enum HostAction, permissions "", answered by HostReply {
        /// How to reach the destination's libvirt.
        Info = "migrationinfo", reads, -9012 => Info(Info),
        /// Takes over a machine that is off.
        Accept = "soft_alloc" as "migrate_in", changes, -9007 {
            /// The definition, with the account in its `description`.
            domain: Document = "domain" via Embedded,
        } => Done,
    }
}

replies! {
    /// What a destination answers.
    pub enum HostReply {
        /// The machine was taken over.
        Done,
        /// How to reach its libvirt.
        Info(info: Info),
    }
}

record! {
    /// How a machine's memory gets to the destination.
    #[derive(Eq)]
    pub struct Info = "migration" in ns::HYPERVISOR_CONTROL {
        /// URI of the destination's libvirt.
        libvirt_uri: String = "libvirt_uri",
        /// Where the files of machines lie; shared storage must be mounted there on both.
        base_folder: String = "base_folder" via Loose,
    }
}

/// What separates address and password in a domain's description.
const SEPARATOR: &str = "::::";

/// Whether a text may hold an account, be it a damaged one.
pub fn may_hold_account(text: &str) -> bool {
    text.contains(SEPARATOR)
}

/// The account of a machine as the original keeps it in the description of its domain: `uuid@domain::::password`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its address; the node is the machine's id.
    pub jid: BareJid,
    /// The machine.
    pub vm: VmId,
    /// Its password.
    pub password: Secret,
}

impl Account {
    /// Reads the description of a domain. The node must be a uuid: the original takes it for a folder name.
    pub fn parse(description: &str) -> Result<Self, ParseError> {
        let wrong = |why: &str| ParseError::invalid("description", why);
        let (jid, password) = description
            .trim()
            .split_once(SEPARATOR)
            .ok_or_else(|| wrong("no account in it"))?;
        let jid = BareJid::new(jid).map_err(|_| wrong("no address before `::::`"))?;
        let node = jid.node().map(|node| node.as_str().to_owned());
        let vm = node.and_then(|node| node.parse().ok());
        Ok(Self {
            vm: vm.ok_or_else(|| wrong("the address is not that of a machine"))?,
            jid,
            password: Secret::new(password),
        })
    }

    /// The description that an original agent understands.
    pub fn description(&self) -> Secret {
        Secret::new(format!("{}{SEPARATOR}{}", self.jid, self.password.reveal()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_account_in_a_description_comes_back() {
        let text = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01@dc.example::::s3::::cret";
        let account = Account::parse(text).unwrap();
        assert_eq!(account.password.reveal(), "s3::::cret");
        assert_eq!(account.description().reveal(), text);
        assert!(!format!("{account:?}").contains("s3"));
    }

    #[test]
    fn a_path_is_no_account() {
        for bad in [
            "",
            "x",
            "../../x@dc.example::::p",
            "dc.example::::p",
            "@@::::p",
        ] {
            assert!(Account::parse(bad).is_err(), "{bad}");
        }
    }
}
