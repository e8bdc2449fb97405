//! What can be asked of the engine.

use archipel_fleet::{Look, Plan, Range, RunId};
use archipel_protocol::{Element, HypervisorId, Iq, IqKind};
use tokio::{sync::oneshot, time::Instant};

use crate::error::OperatorError;

/// Whose log is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Follow {
    /// Nobody's.
    #[default]
    Nobody,
    /// Everybody's: each new entry arrives as an event.
    All,
}

/// Which hypervisors a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All trusted ones.
    All,
    /// These.
    These(Vec<HypervisorId>),
}

/// A hypervisor whose state could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Which one.
    pub hypervisor: HypervisorId,
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

type Reply<T> = oneshot::Sender<Result<T, OperatorError>>;

/// What can be asked of the engine.
#[derive(Debug)]
pub(crate) enum Command {
    Execute(RunId, Plan),
    Look(Look),
    History(HypervisorId, Range),
    Log(HypervisorId),
    Follow(Follow),
    Ask(Ask),
    Trust(TrustChange),
    Sync(Sync),
    Stop(oneshot::Sender<()>),
}

/// A request to one hypervisor.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) hypervisor: HypervisorId,
    pub(crate) kind: IqKind,
    pub(crate) payload: Element,
    pub(crate) reply: Reply<Iq>,
}

/// What is to be done about a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Add,
    Trust,
    Remove,
}

/// A change of trust.
#[derive(Debug)]
pub(crate) struct TrustChange {
    pub(crate) hypervisor: HypervisorId,
    pub(crate) deed: Deed,
    pub(crate) reply: Reply<()>,
}

/// A wish to have states that are current.
#[derive(Debug)]
pub(crate) struct Sync {
    pub(crate) wanted: Wanted,
    pub(crate) until: Instant,
    pub(crate) reply: Reply<Vec<Missing>>,
}
