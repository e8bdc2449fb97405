//! Everything that can happen to the model.

use archipel_protocol::{
    Failure, FullJid, HypervisorId, events,
    feed::{HostRow, Update, VmRow},
    history::Series,
};

use crate::{history::Range, plan::Plan, run::RunId, time::Moment, vm::VmRef};

/// An event with the moment of its receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamped {
    /// When it was received.
    pub at: Moment,
    /// What happened.
    pub event: Event,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The operator's own session changed.
    Link(Link),
    /// A contact came onto the roster or changed there.
    Contact(Contact),
    /// A contact left the roster.
    ContactGone(HypervisorId),
    /// A contact is to be believed as a hypervisor, or no longer.
    Trusted(HypervisorId, bool),
    /// What an earlier run of the program knew; shown as stale until the feed speaks.
    Cached(Box<Cached>),
    /// The presence of a trusted hypervisor.
    Reach {
        /// Whose.
        hypervisor: HypervisorId,
        /// What it says.
        reach: Reach,
    },
    /// The watch on a hypervisor's feed.
    Watching {
        /// Whose.
        hypervisor: HypervisorId,
        /// How it stands.
        watch: WatchState,
    },
    /// How its agent is spoken with.
    Speaks {
        /// Whose.
        hypervisor: HypervisorId,
        /// Which wire.
        wire: Wire,
    },
    /// A part of a hypervisor's feed; whoever sends this event has checked that it is of the own watch and from the right address.
    Feed {
        /// Whose.
        hypervisor: HypervisorId,
        /// What it says.
        update: Update,
    },
    /// A piece of history that was asked for.
    History {
        /// Whose.
        hypervisor: HypervisorId,
        /// What was asked for.
        range: Range,
        /// The answer.
        series: Series,
    },
    /// An entry of an agent's log.
    Log {
        /// Whose.
        hypervisor: HypervisorId,
        /// The entry.
        event: events::Event,
    },
    /// A plan is being carried out.
    Started {
        /// Under which number.
        run: RunId,
        /// What is being carried out; its refused steps stay refused.
        plan: Plan,
    },
    /// A step's command is on its way.
    StepSent {
        /// Of which run.
        run: RunId,
        /// On which machine.
        vm: VmRef,
    },
    /// A step's answer came, or will not come.
    Step {
        /// Of which run.
        run: RunId,
        /// On which machine.
        vm: VmRef,
        /// How it ended.
        result: Result<(), Failure>,
    },
    /// Something to tell the operator.
    Notice(Notice),
}

/// The operator's own session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// There is none yet.
    Connecting {
        /// Why the attempt before failed; absent at the first.
        reason: Option<String>,
        /// Seconds until the next attempt, as of the event.
        retry_in_s: u64,
    },
    /// There is one.
    Online {
        /// Its address.
        jid: FullJid,
    },
    /// It was lost; it will be resumed or replaced.
    Suspended {
        /// Why.
        reason: String,
        /// Seconds until the next attempt, as of the event.
        retry_in_s: u64,
    },
    /// It is over and will not come back by itself.
    Ended(String),
}

impl Link {
    /// Whether there is a session.
    pub fn is_online(&self) -> bool {
        matches!(self, Self::Online { .. })
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::Connecting {
            reason: None,
            retry_in_s: 0,
        }
    }
}

/// Somebody on the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The account.
    pub id: HypervisorId,
    /// What the roster calls it, else the account's name part.
    pub name: String,
    /// The roster groups that it stands in.
    pub groups: Vec<String>,
    /// Whether the operator may see its presence.
    pub visible: bool,
    /// Whether it was asked for that and has not answered.
    pub asked: bool,
}

impl Contact {
    /// A contact of which nothing but its account is known.
    pub fn bare(id: HypervisorId) -> Self {
        Self {
            name: account_name(&id),
            id,
            groups: Vec::new(),
            visible: false,
            asked: false,
        }
    }

    /// What the roster calls it, where that is not the account's name part.
    pub(crate) fn alias(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|name| *name != account_name(&self.id))
    }

    /// What it is shown as: the account's name part, and in parentheses what else the roster calls it. A server that shares a group may
    /// take that from the contact's own card (ejabberd does), and nobody shall pass for another. A host name that begins with the
    /// account's says nothing new.
    pub fn shown_as(&self) -> String {
        let account = account_name(&self.id);
        let full = format!("{account}.");
        match self.alias().filter(|alias| !alias.starts_with(&full)) {
            Some(alias) => format!("{account} ({alias})"),
            None => account,
        }
    }
}

/// The name part of an account.
pub(crate) fn account_name(id: &HypervisorId) -> String {
    id.jid()
        .node()
        .map_or_else(|| id.to_string(), ToString::to_string)
}

/// What an earlier run knew of one hypervisor.
#[derive(Debug, Clone, PartialEq)]
pub struct Cached {
    /// Whose.
    pub contact: Contact,
    /// Its properties.
    pub host: Option<HostRow>,
    /// Its machines.
    pub vms: Vec<VmRow>,
    /// When that was known to be so.
    pub heard: Moment,
}

/// Whether a hypervisor's agent is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reach {
    /// Nothing was heard of it since the session began.
    #[default]
    Unknown,
    /// It is there.
    Online {
        /// Under this address.
        jid: FullJid,
    },
    /// It is not there.
    Offline {
        /// Why, for people.
        reason: String,
    },
}

impl Reach {
    /// Whether the agent is there.
    pub fn is_online(&self) -> bool {
        matches!(self, Self::Online { .. })
    }
}

/// How an agent is spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wire {
    /// It has the feed.
    #[default]
    Fleet,
    /// It is an original agent: asked in rounds, and it knows only the original's requests.
    Original,
}

/// The watch on a hypervisor's feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum WatchState {
    /// Not asked for.
    #[default]
    Idle,
    /// Asked for, the answer is not complete.
    Asking {
        /// Since when.
        since: Moment,
    },
    /// Complete, and every change arrives by itself.
    Live,
    /// Not to be had.
    Failed(String),
}

/// Something to tell the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub level: Level,
    /// What failed, on what, why, what next; or what was done.
    pub text: String,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing some day.
    Hint,
    /// Something was done.
    Info,
    /// Something may need a look.
    Warning,
    /// Something failed; stays until dismissed.
    Error,
}
