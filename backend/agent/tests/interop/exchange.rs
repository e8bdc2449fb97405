//! One recorded exchange with a hypervisor or a machine.

use std::{collections::BTreeSet, fs, path::Path};

use archipel_hypervisor::Domain;
use archipel_protocol::{Element, Iq, Stanza, VmState, bounded};

use crate::{common::DOMAIN, shape::Answer};

/// A request and its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Its name in the recordings.
    pub(crate) name: String,
    /// Whether a machine was asked.
    pub(crate) to_machine: bool,
    /// The text of the request's IQ, addresses as they were.
    pub(crate) request: String,
    /// Who asked, by the name of our account.
    pub(crate) by: &'static str,
    /// What the original answered.
    pub(crate) reply: Answer,
}

/// All requests of the folder to hypervisors and machines, in the order of their names.
pub(crate) fn all(folder: &str) -> Vec<Exchange> {
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let paths: BTreeSet<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "xml"))
        .collect();
    paths.iter().filter_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Option<Exchange> {
    let name = path.file_stem()?.to_str()?.to_owned();
    let text = fs::read_to_string(path).unwrap();
    // The same requests again, behind another server.
    if !text.starts_with("<exchange ") || name.starts_with("prosody__") {
        return None;
    }
    let exchange = bounded(&without_comments(&text)).unwrap();
    let entity = exchange.attr("entity")?;
    let request = exchange
        .children()
        .find(|child| child.name() == "request")?;
    let iq = request.children().find(|child| child.name() == "iq")?;
    let reply = exchange.children().find(|child| child.name() == "reply")?;
    let answer = reply.children().find(|child| child.name() == "iq");
    let by = match answer.and_then(|iq| iq.attr("to")) {
        Some(to) if to.starts_with("alice@") => "eve",
        _ => "admin",
    };
    matches!(entity, "hypervisor" | "vm").then(|| Exchange {
        to_machine: entity == "vm",
        request: String::from(iq),
        by: if granted(&name) { "olga" } else { by },
        reply: answer.map_or(Answer::Silence, |iq| Answer::of(&parsed(iq))),
        name,
    })
}

/// Comments, which XMPP forbids, are notes to the reader.
fn without_comments(text: &str) -> String {
    let mut parts = text.split("<!--");
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        kept.push_str(part.split_once("-->").unwrap().1);
    }
    kept
}

/// Somebody who had been given the right before.
fn granted(name: &str) -> bool {
    name.ends_with("after-grant")
        || name.ends_with("-granted")
        || name.ends_with("__setown__non-admin")
}

fn parsed(iq: &Element) -> Iq {
    match Stanza::parse(iq.clone()).unwrap() {
        Stanza::Iq(iq) => iq,
        other => panic!("{other:?}"),
    }
}

impl Exchange {
    /// The request as it is sent to our agent: `machine` takes the place of the one that was recorded.
    pub(crate) fn sent(&self, machine: Option<&Domain>) -> Iq {
        let mut text = self.request.clone();
        if let (Some(recorded), Some(machine)) = (self.machine(), machine) {
            text = text.replace(&recorded, &machine.id.to_string());
            if self.to_machine {
                text = text.replace(">vm one<", &format!(">{}<", machine.name));
            }
        }
        let text = text
            .replace("hypervisor@example.test", &format!("hv01@{DOMAIN}"))
            .replace("alice@", "eve@")
            .replace("example.test", DOMAIN);
        parsed(&text.parse().unwrap())
    }

    /// The id of the machine that was addressed, or named to its hypervisor.
    pub(crate) fn machine(&self) -> Option<String> {
        let unknown = self.name.contains("unknown") && !self.to_machine;
        let mut ids = self
            .request
            .split(|c: char| !c.is_ascii_hexdigit() && c != '-');
        ids.find(|id| id.len() == 36 && !unknown).map(str::to_owned)
    }

    /// In which state the machine was, as far as its case says it.
    pub(crate) fn state(&self) -> VmState {
        let mut parts = self.name.split("__").skip(1);
        let (action, case) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let stops = matches!(action, "shutdown" | "destroy" | "reboot" | "suspend");
        let runs = ["running", "after-reboot", "too-much", "over-max"];
        if case.contains("not-defined") {
            VmState::Undefined
        } else if case.contains("paused") || (action, case) == ("resume", "ok") {
            VmState::Paused
        } else if runs.iter().any(|word| case.contains(word)) || (stops && case == "ok") {
            VmState::Running
        } else {
            VmState::Off
        }
    }

    /// Whether it must come before rights are given to people.
    pub(crate) fn is_denied(&self) -> bool {
        self.by == "eve" && matches!(self.reply, Answer::Denied)
    }
}
