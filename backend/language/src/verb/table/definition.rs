//! Verbs about what a machine is and what is written about it.

use archipel_protocol::vm_control::Action;

use super::{Argument, ArgumentKind, Ask, MACHINE, MACHINES, Mass, Risk, Verb, asking, own, power};

const VERSION: Argument = Argument {
    optional: true,
    ..own(
        "to",
        ArgumentKind::Number,
        "the number of the history to go back to; without it, the last but one",
    )
};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        mass: Mass::One,
        arguments: &[MACHINE],
        ..power(
            [
                "vm.info",
                "info",
                "Show the machine's state and figures",
                "described",
            ],
            &["show"],
            Risk::Safe,
            Action::Info,
        )
    },
    Verb {
        mass: Mass::One,
        arguments: &[MACHINE],
        ..power(
            ["vm.xml", "xml", "Show the machine's definition", "shown"],
            &["xmldesc", "dumpxml"],
            Risk::Safe,
            Action::XmlDesc,
        )
    },
    asking(
        [
            "vm.undefine",
            "undefine",
            "Take the definition away, disks kept; undo brings it back",
            "undefined",
        ],
        Risk::Destructive,
        &[MACHINES],
        (Ask::Undefine, "undefine"),
    ),
    asking(
        [
            "vm.undo",
            "undo",
            "Go back to the definition before, or to one of the history",
            "went back",
        ],
        Risk::Disruptive,
        &[MACHINES, VERSION],
        (Ask::Undo, "define"),
    ),
    Verb {
        mass: Mass::One,
        ..asking(
            [
                "vm.pending",
                "pending",
                "Show what will be different at the next start",
                "compared",
            ],
            Risk::Safe,
            &[MACHINE],
            (Ask::Pending, "xmldesc"),
        )
    },
    Verb {
        mass: Mass::One,
        ..asking(
            [
                "vm.screenshot",
                "screenshot",
                "Take a picture of the screen",
                "pictured",
            ],
            Risk::Safe,
            &[MACHINE],
            (Ask::Picture, "screenshot"),
        )
    },
];
