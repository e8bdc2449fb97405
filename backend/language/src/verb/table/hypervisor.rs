//! Verbs on hypervisors: what the operator's program does with the roster of its account.

use super::{Verb, roster};

pub(super) const VERBS: &[Verb] = &[
    roster([
        "hypervisor.add",
        "add",
        "Subscribe to a hypervisor and trust it",
        "added",
    ]),
    roster([
        "hypervisor.trust",
        "trust",
        "Trust a contact as a hypervisor",
        "trusted",
    ]),
    roster([
        "hypervisor.remove",
        "remove",
        "Forget a hypervisor",
        "removed",
    ]),
];
