//! The one table of verbs: what can be done to which noun.

mod ask;

use std::fmt;

use archipel_protocol::{Request, ns, vm_control};

use crate::permission::Permission;

pub use self::ask::{Ask, GivenError};
pub use crate::noun::Noun;

/// What an argument of a verb is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A selector of entities of this noun.
    Selector(Noun),
    /// A bare address on the bus.
    Jid,
    /// An amount of memory, such as `8GiB`.
    Memory,
    /// A number.
    Number,
    /// A name of one's choice.
    Name,
    /// Some of a host's processors: `0-3,7`.
    Processors,
}

/// An argument of a verb: for parsing, prompting and completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// The word for it in help, in capitals on the command line.
    pub name: &'static str,
    /// What it is.
    pub kind: ArgumentKind,
    /// Whether it may be given more than once.
    pub several: bool,
    /// What it says.
    pub summary: &'static str,
}

const MACHINES: Argument = Argument {
    name: "selector",
    kind: ArgumentKind::Selector(Noun::Vm),
    several: true,
    summary: "which machines: a name, an id or a selector",
};
const MACHINE: Argument = Argument {
    several: false,
    summary: "which machine: a name, an id or a selector of one",
    ..MACHINES
};
const fn own(name: &'static str, kind: ArgumentKind, summary: &'static str) -> Argument {
    Argument {
        name,
        kind,
        several: false,
        summary,
    }
}

const HYPERVISOR: Argument = Argument {
    name: "jid",
    kind: ArgumentKind::Jid,
    several: false,
    summary: "the hypervisor's bare address",
};

/// What a verb may cost. It decides the confirmation, read-only mode and the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Risk {
    /// Changes nothing, or nothing that is missed.
    Safe,
    /// Interrupts somebody's work: confirmed with names.
    Disruptive,
    /// Loses something: confirmed by typing the count.
    Destructive,
}

/// Whether a verb makes sense for many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mass {
    /// One at a time.
    One,
    /// Any number.
    Many,
}

/// The stable id of a verb, such as `vm.start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerbId(pub &'static str);

impl fmt::Display for VerbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How a verb is said on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireAction {
    /// As an action of `archipel:vm:control`.
    Vm(vm_control::Action),
    /// As a request to a machine that needs something said, or of another namespace.
    Ask(Ask),
    /// Not at all: the operator's program does it with the roster of its account.
    Roster,
}

impl WireAction {
    /// Namespace and action, where something is sent.
    pub fn words(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Vm(action) => Some((ns::VM_CONTROL, action.word())),
            Self::Ask(ask) => Some(ask.words()),
            Self::Roster => None,
        }
    }

    /// The request to send with the values of the verb's own arguments; nothing where nothing is sent.
    pub fn request(self, given: &[String]) -> Result<Option<Request>, GivenError> {
        match self {
            Self::Vm(action) => Ok(Some(Request::VmControl(action))),
            Self::Ask(ask) => ask.request(given).map(Some),
            Self::Roster => Ok(None),
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verb {
    /// Stable for ever.
    pub id: VerbId,
    /// The noun that it acts on.
    pub noun: Noun,
    /// The word on the command line, `archipel vm WORD`.
    pub word: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// What it does, imperative, under 60 columns.
    pub summary: &'static str,
    /// What is said when it is done, after the machine's name: `web01 started`.
    pub done: &'static str,
    /// What it may cost.
    pub risk: Risk,
    /// For one or for many.
    pub mass: Mass,
    /// What follows the word.
    pub arguments: &'static [Argument],
    /// What the agent will ask for.
    pub permission: Permission,
    /// How it is said on the wire.
    pub wire: WireAction,
}

impl Verb {
    /// The row with this id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.id.0 == id)
    }

    /// The arguments that say more than which entities are meant, in their order.
    pub fn own_arguments(&self) -> impl Iterator<Item = &'static Argument> {
        let chooses = |argument: &&Argument| {
            matches!(argument.kind, ArgumentKind::Selector(_) | ArgumentKind::Jid)
        };
        self.arguments
            .iter()
            .filter(move |argument| !chooses(argument))
    }

    /// Whether it changes something.
    pub fn is_change(&self) -> bool {
        match self.wire {
            WireAction::Vm(action) => action.is_change(),
            WireAction::Ask(_) | WireAction::Roster => true,
        }
    }

    /// The row of `noun` with this word or alias.
    pub fn by_word(noun: Noun, word: &str) -> Option<&'static Self> {
        let named = |verb: &&Self| verb.word == word || verb.aliases.contains(&word);
        VERBS.iter().filter(|verb| verb.noun == noun).find(named)
    }
}

const fn power(
    words: [&'static str; 4],
    aliases: &'static [&'static str],
    risk: Risk,
    action: vm_control::Action,
) -> Verb {
    let [id, word, summary, done] = words;
    Verb {
        id: VerbId(id),
        noun: Noun::Vm,
        word,
        aliases,
        summary,
        done,
        risk,
        mass: Mass::Many,
        arguments: &[MACHINES],
        permission: Permission(action.permission()),
        wire: WireAction::Vm(action),
    }
}

const fn asking(
    words: [&'static str; 4],
    risk: Risk,
    arguments: &'static [Argument],
    (ask, permission): (Ask, &'static str),
) -> Verb {
    let [id, word, summary, done] = words;
    Verb {
        id: VerbId(id),
        noun: Noun::Vm,
        word,
        aliases: &[],
        summary,
        done,
        risk,
        mass: Mass::Many,
        arguments,
        permission: Permission(permission),
        wire: WireAction::Ask(ask),
    }
}

const fn roster(words: [&'static str; 4]) -> Verb {
    let [id, word, summary, done] = words;
    Verb {
        id: VerbId(id),
        noun: Noun::Hypervisor,
        word,
        aliases: &[],
        summary,
        done,
        risk: Risk::Safe,
        mass: Mass::One,
        arguments: &[HYPERVISOR],
        permission: Permission::NONE,
        wire: WireAction::Roster,
    }
}

use vm_control::Action;

/// All verbs.
pub static VERBS: &[Verb] = &[
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for (at, verb) in VERBS.iter().enumerate() {
            assert!(verb.summary.len() < 60, "{}", verb.id);
            assert_eq!(verb.id.0, format!("{}.{}", verb.noun.word(), verb.word));
            for other in &VERBS[..at] {
                assert_ne!(other.id, verb.id);
                let words = |verb: &Verb| {
                    verb.aliases
                        .iter()
                        .copied()
                        .chain([verb.word])
                        .collect::<Vec<_>>()
                };
                let shared = words(verb).iter().any(|word| words(other).contains(word));
                assert!(
                    other.noun != verb.noun || !shared,
                    "{} and {}",
                    other.id,
                    verb.id
                );
            }
        }
    }

    #[test]
    fn verbs_are_found_by_id_word_and_alias() {
        assert_eq!(Verb::by_id("vm.start"), Verb::by_word(Noun::Vm, "boot"));
        assert!(Verb::by_word(Noun::Hypervisor, "start").is_none());
    }
}
