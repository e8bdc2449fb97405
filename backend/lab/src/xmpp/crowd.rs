//! Thousands of accounts at once.

use std::fmt;

/// Accounts that share a password. Each member and each watcher are in each other's rosters, subscribed both ways;
/// members do not see one another, as agents have no business with agents.
#[derive(Clone, Default)]
pub struct Crowd {
    /// The password of all members.
    pub password: String,
    /// The names of accounts that see all members. They are not created.
    pub watchers: Vec<String>,
    /// The watchers' roster groups, each with the names of its members.
    pub groups: Vec<(String, Vec<String>)>,
}

/// A line of a roster.
pub(super) struct Contact<'a> {
    pub(super) name: &'a str,
    pub(super) group: Option<&'a str>,
}

impl Crowd {
    /// All members, each with its group.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.groups
            .iter()
            .flat_map(|(group, names)| names.iter().map(|name| (group.as_str(), name.as_str())))
    }

    /// The rosters of all members.
    pub(super) fn rosters_of_members(&self) -> impl Iterator<Item = (&str, Vec<Contact<'_>>)> {
        self.members()
            .map(|(_, name)| (name, self.seen_by_members()))
    }

    /// The rosters of all watchers.
    pub(super) fn rosters_of_watchers(&self) -> impl Iterator<Item = (&str, Vec<Contact<'_>>)> {
        let seen = || {
            let contacts = self.members().map(|(group, name)| Contact {
                name,
                group: Some(group),
            });
            contacts.collect()
        };
        self.watchers
            .iter()
            .map(move |name| (name.as_str(), seen()))
    }

    fn seen_by_members(&self) -> Vec<Contact<'_>> {
        let contacts = self
            .watchers
            .iter()
            .map(|name| Contact { name, group: None });
        contacts.collect()
    }
}

impl fmt::Debug for Crowd {
    /// Without the password, and without thousands of names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crowd")
            .field("watchers", &self.watchers)
            .field("members", &self.members().count())
            .finish_non_exhaustive()
    }
}
