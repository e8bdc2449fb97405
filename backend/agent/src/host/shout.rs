//! Service messages: whoever has the hypervisor among their contacts is told of machines that are made, come or go, as by the original.

use archipel_protocol::{BareJid, VmId, chat::Shout};

use super::{Done, Host, JOBS, change::Ended, sighted};
use crate::{access::Target, state::WATCH};

/// What is told, and of whom.
#[derive(Debug)]
pub(crate) struct Shouting {
    vm: VmId,
    /// Its tags: whether somebody may know of it is asked when it is gone, too.
    tags: Vec<String>,
    /// What happened: `made by`.
    what: &'static str,
    by: BareJid,
    text: String,
}

/// What is told of which change.
const TOLD: &[(&str, &str)] = &[
    ("allocate", "was made by"),
    ("clone", "was made as a copy by"),
    ("take over", "came here, handed over by"),
    ("free", "was removed by"),
];

impl Host {
    /// What is to be told of a change that ended well; what was said in chat is told to nobody else.
    pub(super) fn shout_of(&self, ended: &Ended) -> Option<Shouting> {
        let (_, what) = TOLD.iter().find(|(verb, _)| *verb == ended.verb)?;
        let by = ended.by.clone().filter(|_| ended.aloud)?;
        let machine = self.state.machines.get(ended.vm);
        Some(Shouting {
            vm: ended.vm,
            tags: machine
                .map(|machine| machine.tags.clone())
                .unwrap_or_default(),
            what,
            by,
            text: String::new(),
        })
    }

    /// Asks who has the hypervisor among their contacts. While there is much to do nobody is told: requests come first.
    pub(super) fn shout(&mut self, mut shouting: Shouting, name: &str) {
        if self.jobs.len() >= JOBS / 4 {
            return;
        }
        let (vm, what, by) = (shouting.vm, shouting.what, &shouting.by);
        shouting.text = format!("{name} ({vm}) {what} {by}.");
        if let Some(machine) = self.state.machines.get(vm) {
            shouting.tags.clone_from(&machine.tags);
        }
        let session = self.session.clone();
        self.jobs.spawn(async move {
            let contacts = sighted(&session).await;
            Done::Shout(Box::new(shouting), contacts)
        });
    }

    /// Tells those of them who may know of the machine. Best effort.
    pub(super) fn shout_to(&self, shouting: &Shouting, contacts: Vec<BareJid>) {
        let (access, now) = (&self.state.access, self.state.clock.now());
        let subject = Target::Machine(self.state.subject(shouting.vm, &shouting.tags));
        let told = contacts
            .into_iter()
            .filter(|who| access.allows(who, WATCH, subject, now));
        for who in told {
            let shout = Shout {
                text: shouting.text.clone(),
            };
            let _ = self.session.try_send(shout.to_message(who.into()));
        }
    }
}
