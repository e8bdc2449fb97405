//! What came of a request, in words: an entity speaks of itself as I, a hypervisor of its machines by their names.

use std::fmt::Write as _;

use archipel_protocol::{
    Answer, Failure, Iq, Reply, Request, VmState,
    failure::FailureKind,
    health::Info as Health,
    hypervisor_control::{self, NodeInfo, RosterItem},
    machines, migration,
    roster::{self, EntityContact},
    vm_control::{self, Definition, Info},
    vm_resources::{self, Traffic},
};

use super::deed::Deed;

/// The longest answer, in bytes: what is more belongs into a file.
const LIMIT: usize = 12 * 1024;
/// How an answer that is too long ends.
const MORE: &str = "\n… The rest is too long to be said here.";
/// KiB in a MiB.
const KIB: u64 = 1024;

/// What a machine says that did what it was asked for. Of others, and for verbs that are not here, the verb's own words are used.
const OWN_WORDS: &[(&str, &str)] = &[
    ("vm.start", "I am starting."),
    ("vm.shutdown", "I am shutting down."),
    ("vm.reboot", "I am restarting."),
    ("vm.pause", "I am suspended."),
    ("vm.resume", "I am resumed."),
    ("vm.destroy", "I am powered off."),
    ("vm.autostart-on", "I will start with my host."),
    ("vm.autostart-off", "I will not start with my host."),
    ("vm.reset", "I am being reset."),
    ("vm.save", "I am stopped, my memory is kept."),
    ("vm.restore", "I go on where I was."),
    ("vm.discard", "I forgot my saved memory."),
    ("vm.protect", "I am protected."),
    ("vm.unprotect", "I am no longer protected."),
    ("vm.memory", "My memory is set."),
    ("vm.vcpus", "My processors are set."),
    ("vm.pin", "My processor is pinned."),
    ("vm.rename", "I have a new name."),
    ("vm.undefine", "I am not defined any more."),
    ("vm.undo", "I went back to the definition before."),
    ("vm.free", "I am no more."),
];

/// Of whom an answer speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Speaker {
    /// The machine's name, where its hypervisor speaks of it; `None`: the entity speaks of itself.
    pub(crate) about: Option<String>,
}

impl Speaker {
    /// One of two beginnings of a sentence.
    fn begin(&self, own: &str, other: &str) -> String {
        match &self.about {
            None => own.to_owned(),
            Some(name) => format!("{name} {other}"),
        }
    }
}

/// The answer to the request of `deed`, for people.
pub(crate) fn said(
    speaker: &Speaker,
    deed: Deed,
    request: &Request,
    iq: &Iq,
) -> Result<String, Failure> {
    match Answer::parse(request, iq) {
        Ok(Answer::Refused(failure)) => Err(failure),
        Ok(Answer::Done(reply)) => Ok(cut(told(speaker, deed, reply))),
        Err(error) => Err(Failure::new(FailureKind::Other, error.to_string())),
    }
}

/// A failure, for people.
pub(crate) fn refused(failure: &Failure) -> String {
    let text = failure.text.trim_end_matches('.');
    match failure.kind {
        FailureKind::Forbidden => format!("You may not: {text}."),
        _ => format!("That did not work: {text}."),
    }
}

fn told(speaker: &Speaker, deed: Deed, reply: Reply) -> String {
    match reply {
        Reply::VmControl(vm_control::Reply::Info(info)) => figures(speaker, info),
        Reply::VmControl(vm_control::Reply::Definition(Definition(definition))) => {
            definition.map_or_else(|| undefined(speaker), |document| document.text())
        }
        Reply::VmResources(vm_resources::Reply::Interfaces(all)) => interfaces(speaker, &all),
        Reply::EntityRoster(roster::Reply::Contacts(all)) => contacts(speaker, &all),
        Reply::HypervisorControl(reply) => host(reply),
        Reply::MigrationTarget(migration::HostReply::Info(info)) => {
            format!("Machines reach my libvirt at {}.", info.libvirt_uri)
        }
        Reply::Machines(machines::Reply::Machine(machine)) => {
            format!("Done: {}.", machine.jid)
        }
        Reply::Health(archipel_protocol::health::Reply::Info(info)) => health(&info),
        _ => done(speaker, deed),
    }
}

/// That it was done, or accepted.
fn done(speaker: &Speaker, deed: Deed) -> String {
    let own = OWN_WORDS.iter().find(|(id, _)| *id == deed.id());
    match (&speaker.about, own, deed) {
        (None, Some((_, words)), _) => (*words).to_owned(),
        (Some(name), _, Deed::Verb(verb)) => format!("{name} {}.", verb.done),
        _ => "Done.".to_owned(),
    }
}

fn host(reply: hypervisor_control::Reply) -> String {
    match reply {
        hypervisor_control::Reply::Roster(items) => machines(&items),
        hypervisor_control::Reply::NodeInfo(node) => node.map_or_else(
            || "I do not know what I am.".to_owned(),
            |node| node_info(&node),
        ),
        hypervisor_control::Reply::Ip(address) => format!("My address is {}.", address.text),
        hypervisor_control::Reply::Capabilities(capabilities) => capabilities.0.text(),
    }
}

fn undefined(speaker: &Speaker) -> String {
    format!("{} no definition.", speaker.begin("I have", "has"))
}

/// A state as one says it.
fn state(state: VmState) -> &'static str {
    match state {
        VmState::Running => "running",
        VmState::Paused => "paused",
        VmState::Off => "off",
        VmState::ShuttingDown => "shutting down",
        VmState::Crashed => "crashed",
        VmState::Suspended => "suspended by the guest",
        VmState::Undefined => "not defined",
        VmState::Unknown => "in a state that nobody knows: libvirt is out of reach",
    }
}

fn figures(speaker: &Speaker, info: Option<Info>) -> String {
    let Some(info) = info else {
        return undefined(speaker);
    };
    let (am, have, live) = (
        speaker.begin("I am", "is"),
        speaker.begin("I have", "has"),
        speaker.begin("I live", "lives"),
    );
    format!(
        "{am} {}. {have} {} MB of memory and {}, and use {:.1} % of a processor. {live} on {}.",
        state(info.state),
        info.memory_kib / KIB,
        count(u64::from(info.vcpus), "CPU"),
        info.cpu_percent,
        info.hypervisor,
    )
}

fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

fn interfaces(speaker: &Speaker, all: &[Traffic]) -> String {
    if all.is_empty() {
        return format!("{} no interfaces.", speaker.begin("I have", "has"));
    }
    let line = |one: &Traffic| {
        format!(
            "{}: received {} bytes, {} packets, {} errors, {} dropped; sent {} bytes, {} packets, {} errors, {} dropped",
            one.name,
            one.rx_bytes,
            one.rx_packets,
            one.rx_errors,
            one.rx_dropped,
            one.tx_bytes,
            one.tx_packets,
            one.tx_errors,
            one.tx_dropped
        )
    };
    lines(all.iter().map(line))
}

fn contacts(speaker: &Speaker, all: &[EntityContact]) -> String {
    if all.is_empty() {
        return format!("{} nobody on the roster.", speaker.begin("I have", "has"));
    }
    lines(all.iter().map(|contact| contact.jid.to_string()))
}

fn machines(items: &[RosterItem]) -> String {
    if items.is_empty() {
        return "I have no machines that you may see.".to_owned();
    }
    let line = |item: &RosterItem| {
        let left = if item.managed { "" } else { " (not managed)" };
        format!("{}: {}{left}", item.name, item.jid)
    };
    lines(items.iter().map(line))
}

fn node_info(node: &NodeInfo) -> String {
    format!(
        "I have {}, {} with {} per socket, a {} at {} MHz, and {} MB of memory.",
        count(u64::from(node.cpus), "CPU"),
        count(u64::from(node.sockets), "socket"),
        count(u64::from(node.cores), "core"),
        node.model,
        node.mhz,
        node.memory_mib
    )
}

fn health(info: &Health) -> String {
    let memory = info.sample.memory;
    let [one, five, fifteen] = info.sample.load;
    let mut text = format!(
        "My processors are {:.0} % busy, my load is {one:.2} {five:.2} {fifteen:.2}. {} of {} MB of memory are free. I am up for {}.",
        100.0 - info.sample.idle_percent,
        memory.free / KIB,
        memory.total / KIB,
        count(info.uptime_s / 3_600, "hour")
    );
    for partition in &info.partitions {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n{}: {} of {} MB used",
            partition.mount,
            partition.used / KIB / KIB,
            partition.size / KIB / KIB
        );
    }
    text
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join("\n")
}

/// Cuts a text at a character.
fn cut(mut text: String) -> String {
    if text.len() > LIMIT {
        let end = (0..=LIMIT).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
        text.push_str(MORE);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_protocol::{IqKind, envelope};

    use super::*;
    use crate::entity::Kind;

    fn me() -> Speaker {
        Speaker { about: None }
    }

    fn other() -> Speaker {
        Speaker {
            about: Some("web01".into()),
        }
    }

    fn answer(request: &Request, reply: &Reply) -> Iq {
        let asked = Iq::request(
            IqKind::Get,
            None,
            envelope::Command::new(request.clone()).to_element(),
        );
        asked.result(Some(envelope::answer(request, reply.to_elements(), None)))
    }

    fn say(speaker: &Speaker, id: &str, reply: &Reply) -> String {
        let deed = Deed::by_id(Kind::Hypervisor, id).unwrap();
        let request = deed.request(&[], None).unwrap();
        said(speaker, deed, &request, &answer(&request, reply)).unwrap()
    }

    #[test]
    fn what_was_done_is_told_in_the_first_person_by_whoever_did_it() {
        let done = || Reply::VmControl(vm_control::Reply::Done);
        assert_eq!(say(&me(), "vm.shutdown", &done()), "I am shutting down.");
        assert_eq!(
            say(&other(), "vm.shutdown", &done()),
            "web01 asked to shut down."
        );
    }

    #[test]
    fn figures_are_those_of_the_answer() {
        let info = Info {
            state: VmState::Running,
            max_memory_kib: 1 << 20,
            memory_kib: 1 << 20,
            vcpus: 2,
            cpu_percent: 12.34,
            hypervisor: "hv01@dc.example/host".parse().unwrap(),
            autostart: true,
        };
        let reply = |info| Reply::VmControl(vm_control::Reply::Info(info));
        assert_eq!(
            say(&me(), "vm.info", &reply(Some(info.clone()))),
            "I am running. I have 1024 MB of memory and 2 CPUs, and use 12.3 % of a processor. I live on hv01@dc.example/host."
        );
        assert!(say(&other(), "vm.info", &reply(Some(info))).starts_with("web01 is running."));
        assert_eq!(say(&me(), "vm.info", &reply(None)), "I have no definition.");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let text = cut("ü".repeat(LIMIT));
        assert!(text.len() <= LIMIT + MORE.len() && text.ends_with(MORE));
    }

    #[test]
    fn a_failure_keeps_its_text() {
        let denied = Failure::new(
            FailureKind::Forbidden,
            "Cannot use 'create': permission denied",
        );
        assert_eq!(
            refused(&denied),
            "You may not: Cannot use 'create': permission denied."
        );
    }

    #[test]
    fn own_words_are_of_deeds_that_there_are() {
        for (id, _) in OWN_WORDS {
            assert!(Deed::by_id(Kind::Machine, id).is_some(), "{id}");
        }
    }
}
