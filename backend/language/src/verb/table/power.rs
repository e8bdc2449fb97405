//! Verbs of power: they start, stop and hold machines.

use archipel_protocol::vm_control::Action;

use super::{Risk, Verb, power};

pub(super) const VERBS: &[Verb] = &[
    power(
        ["vm.start", "start", "Start the machine", "started"],
        &["create", "up", "boot"],
        Risk::Safe,
        Action::Create,
    ),
    power(
        [
            "vm.shutdown",
            "shutdown",
            "Ask the guest to shut down",
            "asked to shut down",
        ],
        &["stop", "down"],
        Risk::Disruptive,
        Action::Shutdown,
    ),
    power(
        [
            "vm.reboot",
            "reboot",
            "Ask the guest to restart",
            "asked to restart",
        ],
        &["restart"],
        Risk::Disruptive,
        Action::Reboot,
    ),
    power(
        [
            "vm.pause",
            "pause",
            "Pause the machine, memory kept",
            "paused",
        ],
        &["suspend", "freeze"],
        Risk::Disruptive,
        Action::Suspend,
    ),
    power(
        [
            "vm.resume",
            "resume",
            "Let a paused machine go on",
            "resumed",
        ],
        &["continue", "unpause"],
        Risk::Safe,
        Action::Resume,
    ),
    power(
        [
            "vm.destroy",
            "destroy",
            "Power the machine off at once, unsaved data is lost",
            "powered off",
        ],
        &["poweroff", "kill"],
        Risk::Destructive,
        Action::Destroy,
    ),
    power(
        [
            "vm.reset",
            "reset",
            "Press the reset button, unsaved data is lost",
            "reset",
        ],
        &[],
        Risk::Destructive,
        Action::Reset,
    ),
    power(
        [
            "vm.save",
            "save",
            "Stop the machine with its memory kept on disk",
            "saved",
        ],
        &["managedsave", "hibernate"],
        Risk::Disruptive,
        Action::Save,
    ),
    power(
        [
            "vm.restore",
            "restore",
            "Start the machine from its saved memory",
            "restored",
        ],
        &[],
        Risk::Safe,
        Action::Restore,
    ),
    power(
        [
            "vm.discard",
            "discard",
            "Throw the machine's saved memory away",
            "begins anew at its next start",
        ],
        &[],
        Risk::Destructive,
        Action::Discard,
    ),
];
