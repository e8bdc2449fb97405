//! `archipel:virtualmachine:snapshoting`: libvirt's snapshots of a machine.
//!
//! A snapshot's document holds a whole definition, and in an original's the password of the machine's account with it:
//! [`Snapshot::of`] reads what is to be shown and leaves the rest.

use jiff::Timestamp;

use crate::{
    document::{Document, Embedded, SnapshotDocument},
    table::{actions, replies},
    xml::{Build, ParseError},
};

actions! {
    /// A request. The permission is `snapshot_` and the name of the action.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Action, permissions "snapshot_", answered by Reply {
        /// Takes one. Never under a name that exists: the original then removes the one that has it.
        Take = "take", changes, -2001 {
            /// libvirt's `domainsnapshot` with at least a name.
            snapshot: Document = "domainsnapshot" via Embedded,
        } => Done,
        /// Which there are.
        Get = "get", reads, -2002 => Snapshots(Vec<SnapshotDocument>),
        /// The one that the machine stands on.
        Current = "current", reads, -2003 => Current(Option<SnapshotDocument>),
        /// Removes one; the original removes all that follow it too.
        Delete = "delete", changes, -2004 {
            /// Its name.
            name: String = "name",
        } => Done,
        /// Puts the machine back.
        Revert = "revert", changes, -2005 {
            /// Its name.
            name: String = "name",
        } => Done,
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Done.
        Done,
        /// Its snapshots. An original answers none where none is the current one.
        Snapshots(documents: Vec<SnapshotDocument>),
        /// The current one, if any.
        Current(document: Option<SnapshotDocument>),
    }
}

/// The document with which a snapshot is asked for.
pub fn wanted(name: &str, description: &str) -> Document {
    let leaf = |tag: &str, text: &str| Build::new(tag, "").text(text);
    let element = Build::new("domainsnapshot", "")
        .child(leaf("name", name))
        .child(leaf("description", description));
    Document::from_wire(&element.done())
}

/// What there is to show of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name, unique within the machine.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// libvirt's word for the machine's state: `running`, `shutoff`, `disk-snapshot`, …
    pub state: Option<String>,
    /// When it was taken.
    pub taken: Option<Timestamp>,
    /// The one that it follows.
    pub parent: Option<String>,
}

impl Snapshot {
    /// Reads libvirt's document.
    pub fn of(document: &Document) -> Result<Self, ParseError> {
        let seconds = document.leaf("creationTime").map(|text| text.parse());
        let seconds: Option<i64> = seconds
            .transpose()
            .map_err(|why| ParseError::invalid("creationTime", why))?;
        let taken = seconds.map(Timestamp::from_second).transpose();
        Ok(Self {
            name: document
                .leaf("name")
                .ok_or_else(|| ParseError::invalid("domainsnapshot", "no name"))?,
            description: document.leaf("description"),
            state: document.leaf("state"),
            taken: taken.map_err(|why| ParseError::invalid("creationTime", why))?,
            parent: document.leaf_below("parent", "name"),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_shown_is_read() {
        let text = "<domainsnapshot><name>b</name><description>two</description><state>running</state><creationTime>1425287742</creationTime><parent><name>a</name></parent><domain><description>x::::secret</description></domain></domainsnapshot>";
        let snapshot = Snapshot::of(&Document::from_text(text).unwrap()).unwrap();
        assert_eq!(snapshot.parent.as_deref(), Some("a"));
        assert_eq!(snapshot.taken.unwrap().to_string(), "2015-03-02T09:15:42Z");
        assert!(!format!("{snapshot:?}").contains("secret"));
    }

    #[test]
    fn what_is_asked_for_is_libvirts_form() {
        let snapshot = Snapshot::of(&wanted("before <upgrade>", "v2")).unwrap();
        assert_eq!(snapshot.name, "before <upgrade>");
        for bad in [
            "<domainsnapshot/>",
            "<domainsnapshot><name>a</name><creationTime>soon</creationTime></domainsnapshot>",
            "<domainsnapshot><name>a</name><creationTime>9223372036854775807</creationTime></domainsnapshot>",
        ] {
            assert!(
                Snapshot::of(&Document::from_text(bad).unwrap()).is_err(),
                "{bad}"
            );
        }
    }
}
