//! Hypervisors by roster group.

use std::collections::BTreeMap;

use crate::{fleet::Fleet, hypervisor::Hypervisor};

/// A roster group with its hypervisors, ordered by name.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// Its name; `None` for the hypervisors without a group.
    pub name: Option<&'a str>,
    /// Its hypervisors. One that stands in several groups is in each of them.
    pub hypervisors: Vec<&'a Hypervisor>,
}

/// The groups ordered by name, then those without one.
pub(crate) fn groups(fleet: &Fleet) -> Vec<Group<'_>> {
    let mut named: BTreeMap<&str, Vec<&Hypervisor>> = BTreeMap::new();
    let mut ungrouped = Vec::new();
    for hypervisor in fleet.hypervisors() {
        for group in &hypervisor.groups {
            named.entry(group).or_default().push(hypervisor);
        }
        if hypervisor.groups.is_empty() {
            ungrouped.push(hypervisor);
        }
    }
    let group = |(name, hypervisors)| Group {
        name: Some(name),
        hypervisors,
    };
    let mut all: Vec<_> = named.into_iter().map(group).collect();
    if !ungrouped.is_empty() {
        all.push(Group {
            name: None,
            hypervisors: ungrouped,
        });
    }
    all
}
