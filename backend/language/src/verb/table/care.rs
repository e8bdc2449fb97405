//! Verbs about the life of a machine under the agent: guarded, copied, taken into care, removed.

use archipel_protocol::{machines::Copying, vm_control::Action, vm_resources::Disks};

use super::{Argument, ArgumentKind, Ask, MACHINE, MACHINES, Mass, Risk, Verb, asking, own, power};

pub(super) const VERBS: &[Verb] = &[
    power(
        [
            "vm.protect",
            "protect",
            "Refuse to power off hard and to remove anything",
            "protected",
        ],
        &[],
        Risk::Safe,
        Action::Protect { on: true },
    ),
    power(
        [
            "vm.unprotect",
            "unprotect",
            "Take the protection away",
            "no longer protected",
        ],
        &[],
        Risk::Safe,
        Action::Protect { on: false },
    ),
    Verb {
        mass: Mass::One,
        ..asking(
            [
                "vm.clone",
                "clone",
                "Copy a machine that is off, with its disks",
                "copied",
            ],
            Risk::Safe,
            COPY,
            (Ask::Clone(Copying::Full), "clone"),
        )
    },
    Verb {
        mass: Mass::One,
        ..asking(
            [
                "vm.clone-linked",
                "clone-linked",
                "Copy a machine upon its disks: it must rest from then on",
                "copied upon its disks",
            ],
            Risk::Disruptive,
            COPY,
            (Ask::Clone(Copying::Linked), "clone"),
        )
    },
    asking(
        [
            "vm.manage",
            "manage",
            "Take the machine into its agent's care",
            "managed",
        ],
        Risk::Safe,
        &[MACHINES],
        (Ask::Manage, "manage"),
    ),
    asking(
        [
            "vm.unmanage",
            "unmanage",
            "Let the machine go, with its domain and disks kept",
            "let go",
        ],
        Risk::Disruptive,
        &[MACHINES],
        (Ask::Unmanage, "unmanage"),
    ),
    asking(
        [
            "vm.remove",
            "remove",
            "Remove the machine for good, its disks stay",
            "removed, its disks stay",
        ],
        Risk::Destructive,
        &[MACHINES],
        (Ask::Free(Disks::Keep), "free"),
    ),
    Verb {
        aliases: &["delete"],
        ..asking(
            [
                "vm.erase",
                "erase",
                "Remove the machine and the disks that are its alone",
                "removed with its disks",
            ],
            Risk::Destructive,
            &[MACHINES],
            (Ask::Free(Disks::Delete), "free"),
        )
    },
];

const COPY: &[Argument] = &[
    MACHINE,
    own("name", ArgumentKind::Name, "the name of the copy"),
];
