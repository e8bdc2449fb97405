//! Verbs about what a machine is given: memory, processors, a name.

use archipel_protocol::vm_control::Action;

use super::{ArgumentKind, Ask, MACHINE, MACHINES, Mass, Risk, Verb, asking, own, power};

pub(super) const VERBS: &[Verb] = &[
    power(
        [
            "vm.autostart-on",
            "autostart-on",
            "Start the machine with its host",
            "will start with its host",
        ],
        &[],
        Risk::Safe,
        Action::Autostart { on: true },
    ),
    power(
        [
            "vm.autostart-off",
            "autostart-off",
            "Do not start the machine with its host",
            "will not start with its host",
        ],
        &[],
        Risk::Safe,
        Action::Autostart { on: false },
    ),
    asking(
        [
            "vm.memory",
            "memory",
            "Set the memory: at once if running, else at next start",
            "has its memory set",
        ],
        Risk::Disruptive,
        &[
            own("size", ArgumentKind::Memory, "how much, such as 8GiB"),
            MACHINES,
        ],
        (Ask::Memory, "memory"),
    ),
    asking(
        [
            "vm.vcpus",
            "vcpus",
            "Set the processors: at once if running, else later",
            "has its processors set",
        ],
        Risk::Disruptive,
        &[own("count", ArgumentKind::Number, "how many"), MACHINES],
        (Ask::Vcpus, "setvcpus"),
    ),
    asking(
        [
            "vm.pin",
            "pin",
            "Tie a processor to processors of the host",
            "pinned",
        ],
        Risk::Safe,
        &[
            own(
                "vcpu",
                ArgumentKind::Number,
                "which of the machine's, from 0",
            ),
            own(
                "cpus",
                ArgumentKind::Processors,
                "the host's, such as 0-3,7",
            ),
            MACHINES,
        ],
        (Ask::Pin, "setvcpus"),
    ),
    Verb {
        mass: Mass::One,
        ..asking(
            [
                "vm.rename",
                "rename",
                "Give a machine that is off another name",
                "renamed",
            ],
            Risk::Disruptive,
            &[MACHINE, own("name", ArgumentKind::Name, "the new name")],
            (Ask::Rename, "define"),
        )
    },
];
