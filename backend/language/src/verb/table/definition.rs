//! Verbs about what a machine is and what is written about it.

use archipel_protocol::vm_control::Action;

use super::{Ask, MACHINE, MACHINES, Mass, Risk, Verb, asking, power};

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
            "Go back to the definition before the last change",
            "went back",
        ],
        Risk::Disruptive,
        &[MACHINES],
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
