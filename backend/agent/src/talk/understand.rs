//! A line of chat, understood: which deed is meant, and what was said besides.
//!
//! A word counts only where it ends: `iptables` is not `ip`. What is longer wins: `migration info` is not `migration`.

use super::deed::{Deed, Place};
use crate::entity::Kind;

/// What begins a talk and asks for nothing.
const GREETINGS: &[&str] = &["hello", "hey", "hi", "good morning", "yo"];
/// What nobody likes to hear.
const RUDE: &[&str] = &["idiot", "moron", "stupid", "dumbass", "fool"];
/// The longest line that is understood, in bytes.
const LINE_LIMIT: usize = 1_000;

/// What was heard.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Something is to be done or told.
    Deed {
        deed: Deed,
        /// The machine that was named, where one has to be.
        machine: Option<String>,
        /// What was said besides.
        given: Vec<String>,
    },
    /// It is clear what is meant, and something is missing or too much: how to say it.
    Almost {
        deed: Deed,
    },
    Help,
    Greeting,
    Rudeness,
    Nothing,
}

/// Understands a line.
pub(crate) fn hear(kind: Kind, line: &str) -> Heard {
    let line = line.trim();
    let line = line.trim_end_matches(['.', '!', '?']).trim_end();
    if line.len() > LINE_LIMIT {
        return Heard::Nothing;
    }
    if after(line, "help").is_some() || line.is_empty() {
        return Heard::Help;
    }
    if let Some((deed, rest)) = meant(kind, line) {
        return complete(kind, deed, &pieces(rest));
    }
    let said = |words: &[&str]| words.iter().any(|word| after(line, word).is_some());
    match (said(GREETINGS), said(RUDE)) {
        (true, _) => Heard::Greeting,
        (_, true) => Heard::Rudeness,
        _ => Heard::Nothing,
    }
}

/// How a deed is said, for help: `memory SIZE MACHINE`.
pub(crate) fn usage(kind: Kind, deed: Deed) -> String {
    let slot = |slot: &super::deed::Slot| {
        let name = match slot.choices {
            [] => slot.name.to_uppercase(),
            choices => choices.join("|"),
        };
        if slot.required {
            name
        } else {
            format!("[{name}]")
        }
    };
    let mut parts: Vec<String> = deed.slots().iter().map(slot).collect();
    if names_machine(kind, deed) {
        parts.insert(deed.machine_at().min(parts.len()), "MACHINE".to_owned());
    }
    let word = deed.words().first().copied().unwrap_or_default();
    parts.insert(0, word.to_owned());
    parts.join(" ")
}

/// Whether the machine has to be named.
pub(crate) fn names_machine(kind: Kind, deed: Deed) -> bool {
    kind == Kind::Hypervisor && deed.place() != Place::Host
}

/// The deed whose word is the longest with which the line begins, and the rest of the line.
fn meant(kind: Kind, line: &str) -> Option<(Deed, &str)> {
    let mut best: Option<(usize, Deed, &str)> = None;
    for deed in Deed::all(kind) {
        for word in deed.words() {
            let longer = best
                .as_ref()
                .is_none_or(|(length, ..)| word.len() > *length);
            if let Some(rest) = after(line, word).filter(|_| longer) {
                best = Some((word.len(), deed, rest));
            }
        }
    }
    best.map(|(_, deed, rest)| (deed, rest))
}

/// What follows `words` at the beginning of the line, in any capitals, where they end there.
fn after<'a>(line: &'a str, words: &str) -> Option<&'a str> {
    let (head, rest) = line.split_at_checked(words.len())?;
    let ends = rest
        .chars()
        .next()
        .is_none_or(|next| !next.is_alphanumeric() && next != '-');
    (head.eq_ignore_ascii_case(words) && ends).then_some(rest)
}

/// The words of a text; what stands in double quotes is one.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for (at, part) in text.split('"').enumerate() {
        if at % 2 == 1 {
            pieces.push(part.to_owned());
        } else {
            pieces.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    pieces
}

/// Puts what was said in its places. What is too much belongs to the machine's name, or to the last of the rest: names may hold blanks.
fn complete(kind: Kind, deed: Deed, said: &[String]) -> Heard {
    let slots = deed.slots();
    let named = names_machine(kind, deed);
    let places = slots.len() + usize::from(named);
    let needed = slots.iter().filter(|slot| slot.required).count() + usize::from(named);
    if said.len() < needed || (said.len() > places && places == 0) {
        return Heard::Almost { deed };
    }
    let surplus = said.len().saturating_sub(places);
    let long = if named {
        deed.machine_at()
    } else {
        places.saturating_sub(1)
    };
    let mut given = Vec::new();
    let mut rest = said;
    while !rest.is_empty() {
        let width = if given.len() == long { surplus + 1 } else { 1 };
        let (own, others) = rest.split_at(width.min(rest.len()));
        given.push(own.join(" "));
        rest = others;
    }
    let machine = named.then(|| given.remove(deed.machine_at().min(given.len() - 1)));
    let fits = given.iter().zip(&slots).all(|(value, slot)| {
        slot.choices.is_empty() || slot.choices.contains(&value.to_lowercase().as_str())
    });
    if !fits {
        return Heard::Almost { deed };
    }
    Heard::Deed {
        deed,
        machine,
        given,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    fn heard(kind: Kind, line: &str) -> (String, Option<String>, Vec<String>) {
        match hear(kind, line) {
            Heard::Deed {
                deed,
                machine,
                given,
            } => (deed.id().to_owned(), machine, given),
            other => panic!("{line}: {other:?}"),
        }
    }

    fn of_machine(line: &str) -> String {
        heard(Kind::Machine, line).0
    }

    #[test]
    fn the_phrases_of_the_originals_machines() {
        for (words, id) in [
            ("roster|users", "vm.roster"),
            ("start|create|boot|play|run", "vm.start"),
            ("shutdown|stop", "vm.shutdown"),
            ("destroy", "vm.destroy"),
            ("pause|suspend", "vm.pause"),
            ("resume|unpause", "vm.resume"),
            ("info|how are you|and you", "vm.info"),
            ("desc|xml", "vm.xml"),
            ("net|stat", "vm.interfaces"),
        ] {
            let known = Deed::all(Kind::Machine).any(|deed| deed.id() == id);
            for word in words.split('|').filter(|_| known) {
                assert_eq!(of_machine(word), id, "{word}");
                assert_eq!(of_machine(&format!("  {}?", word.to_uppercase())), id);
            }
        }
    }

    #[test]
    fn the_phrases_of_the_originals_hypervisors() {
        for (line, id) in [
            ("capabilities", "hypervisor.capabilities"),
            ("nodeinfo", "hypervisor.node"),
            ("ip", "hypervisor.address"),
            ("roster", "hypervisor.machines"),
            ("vms", "hypervisor.machines"),
            ("Virtual Machines", "hypervisor.machines"),
            ("domains", "hypervisor.machines"),
            ("alloc", "hypervisor.alloc"),
            ("alloc Web Server", "hypervisor.alloc"),
        ] {
            assert_eq!(heard(Kind::Hypervisor, line).0, id, "{line}");
        }
        assert_eq!(
            heard(Kind::Hypervisor, "alloc Web Server").2,
            ["Web Server"]
        );
    }

    #[test]
    fn a_word_ends_where_it_ends() {
        for line in [
            "ipanema",
            "iptables -L",
            "startle",
            "network",
            "hint",
            "runner",
            "stop-it",
        ] {
            for kind in [Kind::Hypervisor, Kind::Machine] {
                assert!(matches!(hear(kind, line), Heard::Nothing), "{line}");
            }
        }
    }

    #[test]
    fn a_hypervisor_is_told_which_machine() {
        let of = |line: &str| heard(Kind::Hypervisor, line);
        assert_eq!(of("start web01").1.as_deref(), Some("web01"));
        assert_eq!(
            of("start my web server").1.as_deref(),
            Some("my web server")
        );
        let (id, machine, given) = of("memory 8GiB my server");
        assert_eq!(
            (id.as_str(), machine.as_deref()),
            ("vm.memory", Some("my server"))
        );
        assert_eq!(given, ["8GiB"]);
        let (_, machine, given) = of("rename \"old name\" web02");
        assert_eq!(
            (machine.as_deref(), given),
            (Some("old name"), vec!["web02".to_owned()])
        );
        let (_, machine, given) = of("free web01 DELETE");
        assert_eq!(
            (machine.as_deref(), given),
            (Some("web01"), vec!["DELETE".to_owned()])
        );
    }

    #[test]
    fn what_is_missing_or_too_much_is_told() {
        for (kind, line) in [
            (Kind::Hypervisor, "start"),
            (Kind::Hypervisor, "memory web01"),
            (Kind::Hypervisor, "free web01"),
            (Kind::Hypervisor, "free web01 perhaps"),
            (Kind::Machine, "memory"),
            (Kind::Machine, "start now"),
        ] {
            assert!(matches!(hear(kind, line), Heard::Almost { .. }), "{line}");
        }
        let usage =
            |id| Deed::by_id(Kind::Hypervisor, id).map(|deed| usage(Kind::Hypervisor, deed));
        assert_eq!(usage("vm.memory").as_deref(), Some("memory SIZE MACHINE"));
        assert_eq!(
            usage("vm.free").as_deref(),
            Some("free MACHINE keep|delete")
        );
        assert_eq!(usage("hypervisor.alloc").as_deref(), Some("alloc [NAME]"));
    }

    #[test]
    fn greetings_and_the_rest() {
        assert!(matches!(
            hear(Kind::Machine, "Good morning!"),
            Heard::Greeting
        ));
        assert!(matches!(hear(Kind::Machine, "yo"), Heard::Greeting));
        assert!(matches!(hear(Kind::Machine, "you idiot"), Heard::Nothing));
        assert!(matches!(hear(Kind::Machine, "idiot!"), Heard::Rudeness));
        assert!(matches!(hear(Kind::Machine, "help me"), Heard::Help));
        assert!(matches!(
            hear(Kind::Machine, &"start ".repeat(999)),
            Heard::Nothing
        ));
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_too_odd(line in ".{0,80}") {
            let _ = hear(Kind::Hypervisor, &line);
            let _ = hear(Kind::Machine, &line);
        }
    }
}
