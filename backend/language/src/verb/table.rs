//! The rows of the table, by subject.

mod care;
mod definition;
mod given;
mod hypervisor;
mod power;

use archipel_protocol::vm_control;

use super::{Argument, ArgumentKind, Ask, Mass, Noun, Risk, Verb, VerbId, WireAction};
use crate::permission::Permission;

/// All verbs.
pub static VERBS: &[Verb] = &JOINED;

const PARTS: [&[Verb]; 5] = [
    power::VERBS,
    given::VERBS,
    definition::VERBS,
    care::VERBS,
    hypervisor::VERBS,
];

static JOINED: [Verb; count()] = joined();

const fn count() -> usize {
    let (mut part, mut count) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
}

const fn joined() -> [Verb; count()] {
    let mut all = [PARTS[0][0]; count()];
    let (mut part, mut to) = (0, 0);
    while part < PARTS.len() {
        let mut from = 0;
        while from < PARTS[part].len() {
            all[to] = PARTS[part][from];
            from += 1;
            to += 1;
        }
        part += 1;
    }
    all
}

const MACHINES: Argument = Argument {
    name: "selector",
    kind: ArgumentKind::Selector(Noun::Vm),
    several: true,
    optional: false,
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
        optional: false,
        summary,
    }
}

const HYPERVISOR: Argument = Argument {
    name: "host",
    kind: ArgumentKind::Jid,
    several: false,
    optional: false,
    summary: "the hypervisor's name on your own bus, or its address",
};

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
