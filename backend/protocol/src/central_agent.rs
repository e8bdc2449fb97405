//! `archipel:centralagent`: the original's central database of hypervisors and machines, and the sign of life that its agent
//! publishes. The original checks no permission; its answers stand beside an empty `<query/>`, where [`answer`](crate::answer) finds
//! them.

mod keepalive;
mod rows;
mod selection;

pub use keepalive::{Keepalive, NODE, Statistic};
pub use rows::{HypervisorRow, HypervisorStatus, MachineRow};
pub use selection::Selection;

use jid::Jid;

use crate::{
    ns,
    table::{Items, Long, actions, record, replies},
};

/// The original's code for every failure.
pub const FAILURE: i32 = 123;

actions! {
    /// A request. The original checks no permission; ours is `centralagent_` and the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "centralagent_", answered by Reply {
        /// A hypervisor makes itself known.
        RegisterHypervisors = "register_hypervisors", changes, 123 {
            /// [`HypervisorRow`]s.
            event: Event = "event" via Items,
        } => Done,
        /// A hypervisor tells its figures, which is its sign of life too.
        UpdateHypervisors = "update_hypervisors", changes, 123 {
            /// Addresses with what changes.
            event: Event = "event" via Items,
        } => Done,
        /// Does nothing in the original.
        UnregisterHypervisors = "unregister_hypervisors", changes, 123 {
            /// Addresses.
            event: Event = "event" via Items,
        } => Done,
        /// The hypervisors.
        ReadHypervisors = "read_hypervisors", reads, 123 {
            /// Columns and condition.
            event: Event = "event" via Items,
        } => Entries(Vec<Entry>),
        /// A hypervisor or machine makes machines known.
        RegisterVms = "register_vms", changes, 123 {
            /// [`MachineRow`]s.
            event: Event = "event" via Items,
        } => Done,
        /// Changes rows of machines.
        UpdateVms = "update_vms", changes, 123 {
            /// Ids with what changes.
            event: Event = "event" via Items,
        } => Done,
        /// Replaces definitions of parked machines.
        UpdateVmsDomain = "update_vms_domain", changes, 123 {
            /// Ids with definitions.
            event: Event = "event" via Items,
        } => Entries(Vec<Entry>),
        /// Forgets machines.
        UnregisterVms = "unregister_vms", changes, 123 {
            /// Ids.
            event: Event = "event" via Items,
        } => Entries(Vec<Entry>),
        /// The machines.
        ReadVms = "read_vms", reads, 123 {
            /// Columns and condition.
            event: Event = "event" via Items,
        } => Entries(Vec<Entry>),
        /// Which of these machines live on another hypervisor.
        ExistingVms = "get_existing_vms_instances", reads, 123 {
            /// Ids.
            event: Event = "event" via Items,
        } => Entries(Vec<Entry>),
    }
}

replies! {
    /// What the central agent answers.
    pub enum Reply {
        /// Accepted.
        Done,
        /// Rows.
        Entries(entries: Vec<Entry>),
    }
}

record! {
    /// What a request is about.
    #[derive(Eq, Default)]
    pub struct Event = "event" in ns::CENTRAL_AGENT {
        /// Who asks; the original writes it and never looks at it.
        sender: Option<Jid> = "jid",
        /// Names of columns with commas between, or `*`.
        columns: Option<String> = "columns",
        /// A condition in SQL. Never use it: read it with [`Selection::parse`], which knows what originals send.
        condition: Option<String> = "where_statement",
        /// Rows.
        entries: Vec<Entry> = "entry" via Items,
    }
}

record! {
    /// A row.
    #[derive(Eq, Default)]
    pub struct Entry = "entry" in ns::CENTRAL_AGENT {
        /// Its fields, in any order.
        items: Vec<Item> = "item" via Items,
    }
}

record! {
    /// A field of a row.
    #[derive(Eq)]
    pub struct Item = "item" in ns::CENTRAL_AGENT {
        /// The column.
        key: String = "key",
        /// The value; the text `None` where there is none.
        value: String = "value" via Long,
    }
}

impl Entry {
    /// A row of these fields; what has no value becomes the text `None`.
    pub fn new<'a>(fields: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Self {
        let item = |(key, value): (&str, Option<String>)| Item {
            key: key.to_owned(),
            value: value.unwrap_or_else(|| "None".to_owned()),
        };
        Self {
            items: fields.into_iter().map(item).collect(),
        }
    }

    /// The value of a column; the text `None` is nothing.
    pub fn get(&self, key: &str) -> Option<&str> {
        let item = self.items.iter().find(|item| item.key == key)?;
        Some(item.value.as_str()).filter(|value| !matches!(*value, "" | "None"))
    }
}
