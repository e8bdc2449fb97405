//! A hypervisor.

use archipel_language::Scope;
use archipel_protocol::{
    Epoch, HypervisorId, Seq, VmState,
    feed::{HostLoad, HostRow, Rights},
    history::Metric,
};

use crate::{
    counts::Tally,
    event::{Contact, Reach, WatchState, Wire},
    history::{Histories, History, Range},
    time::{Freshness, Moment},
    trend::Trend,
};

/// A trusted hypervisor as its feed and the roster describe it.
#[derive(Debug, Clone)]
pub struct Hypervisor {
    /// Its account.
    pub id: HypervisorId,
    /// What it is shown as: its account's name part, and in parentheses what else the roster calls it.
    pub name: String,
    /// What the roster calls it, where that is something else.
    pub(crate) alias: Option<String>,
    /// The roster groups that it stands in.
    pub groups: Vec<String>,
    /// Whether its agent is there.
    pub reach: Reach,
    /// Since when `reach` is what it is.
    pub reach_since: Moment,
    /// When its feed spoke last; `None`: never.
    pub heard: Option<Moment>,
    /// Whether what is shown is current.
    pub fresh: Freshness,
    /// The watch on its feed.
    pub watch: WatchState,
    /// How its agent is spoken with.
    pub wire: Wire,
    /// What it is.
    pub row: Option<HostRow>,
    /// What the operator may do on some of its machines, from its row.
    pub(crate) scopes: Vec<(Scope, Rights)>,
    /// Its figures.
    pub load: Option<HostLoad>,
    /// The recent busy share of its processors, thousandths.
    pub cpu_trend: Trend,
    /// The life of the agent's numbering and the number known last.
    pub known: Option<(Epoch, Seq)>,
    /// The newest number of the agent's log, as far as is known.
    pub newest_event: u64,
    pub(crate) tally: Tally,
    pub(crate) histories: Histories,
}

impl Hypervisor {
    /// Takes what its agent says it is. A scope of a later agent's language counts as none.
    pub(crate) fn describe(&mut self, row: HostRow) {
        let scopes = row.scoped.iter();
        self.scopes = scopes
            .filter_map(|scoped| Some((Scope::parse(&scoped.scope).ok()?, scoped.rights.clone())))
            .collect();
        self.row = Some(row);
    }

    pub(crate) fn new(contact: Contact, at: Moment) -> Self {
        Self {
            name: contact.shown_as(),
            alias: contact.alias().map(str::to_owned),
            id: contact.id,
            groups: contact.groups,
            reach: Reach::Unknown,
            reach_since: at,
            heard: None,
            fresh: Freshness::Stale { since: at },
            watch: WatchState::Idle,
            wire: Wire::default(),
            row: None,
            scopes: Vec::new(),
            load: None,
            cpu_trend: Trend::default(),
            known: None,
            newest_event: 0,
            tally: Tally::default(),
            histories: Histories::default(),
        }
    }

    /// What the roster calls it, else the name part of its account.
    pub fn roster_name(&self) -> &str {
        self.alias.as_deref().unwrap_or_else(|| self.node())
    }

    /// The name part of its account.
    pub fn node(&self) -> &str {
        let jid = self.id.jid().as_str();
        jid.split_once('@').map_or(jid, |(node, _)| node)
    }

    /// How many machines it has.
    pub fn machines(&self) -> u32 {
        self.tally.machines
    }

    /// How many of its machines are, or were last, in `state`.
    pub fn machines_in(&self, state: VmState) -> u32 {
        self.tally.by_state[state as usize]
    }

    /// Machines by last known state, in the order of [`VmState::ALL`].
    pub fn by_state(&self) -> [u32; 8] {
        self.tally.by_state
    }

    /// The past of a figure, where it was asked for lately.
    pub fn history(&self, metric: Metric, range: Range) -> Option<&History> {
        self.histories.get(metric, range)
    }

    pub(crate) fn measure(&mut self, load: HostLoad, at: Moment) {
        if let Some(permille) = load.cpu_permille {
            self.cpu_trend.push(permille);
        }
        self.histories.extend(&load, at);
        self.load = Some(load);
    }
}
