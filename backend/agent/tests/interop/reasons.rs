//! Why our agent answers otherwise than the original. A reason that explains nothing any more fails, and so does a difference without one.

use std::collections::{BTreeMap, BTreeSet};

use crate::Difference;

/// What a later part of the agent brings.
const LATER: &str = "the agent has no such part yet; until then it says so, whoever asks";

/// Beginnings of exchanges' names, and why these differ. The first that fits counts.
const REASONS: &[(&str, &str)] = &[
    ("archipel-entity-scheduler__", LATER),
    ("archipel-hypervisor-geolocalization__", LATER),
    ("archipel-hypervisor-network__", LATER),
    ("archipel-hypervisor-nuage-network__", LATER),
    ("archipel-hypervisor-vmcasting__", LATER),
    ("archipel-hypervisor-vmparking__", LATER),
    ("archipel-virtualmachine-snapshoting__", LATER),
    ("archipel-virtualmachine-vmcasting__", LATER),
    ("archipel-virtualmachine-vnc__", LATER),
    ("archipel-vm-disk__", LATER),
    ("archipel-vm-oom__", LATER),
    ("archipel-vm-vmparking__", LATER),
    ("archipel-xmppserver-users__", LATER),
    (
        "archipel-hypervisor-control__migrationinfo__no-permission-needed",
        "A7: it takes the permission of the same name",
    ),
    ("archipel-vm-control__migrate__", LATER),
    (
        "archipel-avatar__setavatar__unknown-file",
        "B19: a picture that is not there is refused, and the one that is shown stays",
    ),
    (
        "archipel-roster__getroster__not-registered-on-hypervisor",
        "B10: a hypervisor has a roster, too",
    ),
    (
        "archipel-hypervisor-control__alloc__with-name",
        "the name is taken by another recorded request; `alloc` with a free one is in docs/coverage.md",
    ),
    (
        "archipel-hypervisor-control__capabilities__hangs-the-agent",
        "B1: it is answered",
    ),
    (
        "archipel-hypervisor-control__clone__undefined-source",
        "the machine of this recording has a definition here; one without is refused",
    ),
    (
        "archipel-hypervisor-control__manage__no-items",
        "a request that names nobody is an error, not a success",
    ),
    (
        "archipel-hypervisor-control__manage__ok",
        "a machine that the agent looks after already is told apart from one that it takes over",
    ),
    (
        "archipel-hypervisor-control__rostervm__admin-added-through-adminaccounts-node",
        "A3, A4: nobody becomes an administrator by an item on a node; root admins stand in agent.toml",
    ),
    (
        "archipel-hypervisor-control__soft_alloc__no-permission-check",
        "A1: it takes the permission of the same name, which is looked at before anything else",
    ),
    (
        "archipel-hypervisor-control__unmanage__not-managed",
        "the machine of this recording is looked after here",
    ),
    (
        "archipel-permissions__get__no-target",
        "a request that names nobody is an error, not an empty list",
    ),
    (
        "archipel-permissions__get__non-admin",
        "A6: to read other people's rights takes `permission_get`, which nobody has without being given it",
    ),
    (
        "archipel-permissions__getown__other-user",
        "it is refused, too: as what it is, a want of permission",
    ),
    (
        "archipel-permissions__set__missing-attributes",
        "B9: a request that names nobody is an error; the original gives a right to no one and says so",
    ),
    (
        "archipel-permissions__set__role",
        "B8: roles are part of the agent",
    ),
    (
        "archipel-permissions__setown__admin-other-user",
        "it is refused, too: as what it is, a want of permission",
    ),
    (
        "archipel-tags__settags__missing-tags",
        "without tags it is an error; the original says that it was done, and does nothing",
    ),
    (
        "archipel-vm-control__info__not-defined",
        "B4: an empty result, where the original's type `ignore` comes back as an error on ejabberd and not at all on Prosody",
    ),
    (
        "archipel-vm-control__networkinfo__not-defined",
        "B4: the same",
    ),
    (
        "archipel-vm-control__memory__shut-off",
        "what is set on a machine that is off counts from its next start",
    ),
    (
        "archipel-vm-control__setvcpus__shut-off",
        "what is set on a machine that is off counts from its next start",
    ),
    (
        "archipel-vm-control__setvcpus__running-up",
        "the simulated machine has no processor to add while it runs; docs/coverage.md has one that has",
    ),
    (
        "archipel-vm-control__suspend__already-paused",
        "a machine that is paused is not paused once more: the state is told",
    ),
    (
        "archipel-vm-definition__define__again-after-undefine",
        "in the replay another machine has the recorded name, and libvirt wants names to be unique",
    ),
    (
        "archipel-vm-definition__define__bad-domain-type",
        "the simulated driver takes any type; libvirt refuses this one",
    ),
    (
        "archipel-vm-definition__define__bad-xml-desc",
        "the simulated driver asks for no devices; libvirt refuses this definition",
    ),
    (
        "disco-info__get__not-implemented",
        "the agent says what it can do (XEP-0030)",
    ),
    (
        "jabber-iq-version__get__not-implemented",
        "the agent says what it is (XEP-0092)",
    ),
];

/// A row of the page.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) exchanges: String,
    pub(crate) count: usize,
    pub(crate) original: String,
    pub(crate) ours: String,
    pub(crate) why: &'static str,
}

/// The differences by their reasons.
pub(crate) fn rows(differences: &BTreeMap<&str, Difference>) -> Vec<Row> {
    let why = |name: &str| {
        REASONS
            .iter()
            .position(|(begin, _)| name.starts_with(begin))
    };
    let unlisted: Vec<String> = differences
        .iter()
        .filter(|(name, _)| why(name).is_none())
        .map(|(name, one)| {
            format!(
                "{name}: the original {}, ours {}",
                one.original,
                detail(one)
            )
        })
        .collect();
    let rows: Vec<Row> = REASONS
        .iter()
        .enumerate()
        .map(|(at, (begin, reason))| {
            let of = differences.iter().filter(|(name, _)| why(name) == Some(at));
            row(begin, reason, &of.map(|(_, one)| one).collect::<Vec<_>>())
        })
        .collect();
    let idle: Vec<&str> = rows
        .iter()
        .filter(|row| row.count == 0)
        .map(|row| row.exchanges.as_str())
        .collect();
    assert!(
        unlisted.is_empty(),
        "differences without a reason in reasons.rs:\n{}",
        unlisted.join("\n")
    );
    assert!(
        idle.is_empty(),
        "reasons for no difference any more: {idle:?}"
    );
    rows
}

/// What ours does, and what it leaves out.
fn detail(one: &Difference) -> String {
    use crate::shape::Answer::Done;
    match (&one.original, &one.ours) {
        (Done(original), Done(ours)) => {
            let missing: Vec<_> = original.difference(ours).cloned().collect();
            format!("{} without {}", one.ours, missing.join(" "))
        }
        _ => one.ours.to_string(),
    }
}

fn row(begin: &str, why: &'static str, differences: &[&Difference]) -> Row {
    let words = |of: fn(&Difference) -> String| -> String {
        let all: BTreeSet<String> = differences.iter().map(|one| of(one)).collect();
        all.into_iter().collect::<Vec<_>>().join(", ")
    };
    Row {
        exchanges: begin.to_owned(),
        count: differences.len(),
        original: words(|one| one.original.to_string()),
        ours: words(|one| one.ours.to_string()),
        why,
    }
}
