//! Requests on their way, and what comes of them.

use std::time::Duration;

use archipel_bus::{RequestError, Session};
use archipel_fleet::Range;
use archipel_protocol::{
    Element, Epoch, FullJid, HypervisorId, Iq, IqKind, Jid, WatchId, disco::Caps,
};
use futures::{future::BoxFuture, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;

use super::{Engine, original::Question, runs::Job};

/// Everything on its way. The engine polls it; nothing runs on its own.
pub(super) type Work = FuturesUnordered<BoxFuture<'static, Done>>;

/// An answer, or why there is none.
pub(super) type Answer = Result<Iq, RequestError>;

/// What came of a request.
pub(super) enum Done {
    /// Whoever waited for it has been told.
    Told,
    /// The roster was asked for.
    Roster(Answer),
    /// An entity was asked what it can do.
    Ability {
        asked: (HypervisorId, FullJid),
        caps: Caps,
        answer: Answer,
    },
    /// A watch, or a page of one, was asked for.
    Feed {
        hypervisor: HypervisorId,
        watch: WatchId,
        answer: Answer,
    },
    /// An agent without the feed was asked something.
    Original {
        asked: (HypervisorId, Epoch),
        question: Question,
        answer: Answer,
    },
    /// A command was sent.
    Command { job: Box<Job>, answer: Answer },
    /// A piece of history was asked for.
    History {
        hypervisor: HypervisorId,
        range: Range,
        answer: Answer,
    },
    /// Entries of a log were asked for.
    Log {
        hypervisor: HypervisorId,
        answer: Answer,
    },
    /// The cache was written.
    Saved(std::io::Result<()>),
}

/// One request to an entity.
pub(super) struct Outgoing {
    pub(super) session: Session,
    pub(super) iq: Iq,
    pub(super) deadline: Duration,
    /// Ends when the recipient goes away: no answer will come then.
    pub(super) life: CancellationToken,
}

impl Outgoing {
    pub(super) async fn send(self) -> Answer {
        let Self {
            session,
            iq,
            deadline,
            life,
        } = self;
        tokio::select! {
            biased;
            answer = session.request(iq, deadline) => answer,
            () = life.cancelled() => Err(RequestError::Lost),
        }
    }
}

impl Engine {
    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::Told => {}
            Done::Roster(answer) => self.roster_came(answer),
            Done::Ability {
                asked,
                caps,
                answer,
            } => self.ability_came(&asked, &caps, answer),
            Done::Feed {
                hypervisor,
                watch,
                answer,
            } => self.feed_came(&hypervisor, &watch, answer),
            Done::Original {
                asked,
                question,
                answer,
            } => self.original_came(&asked, question, answer),
            Done::Command { job, answer } => self.land(*job, answer),
            Done::History {
                hypervisor,
                range,
                answer,
            } => self.history_came(hypervisor, range, answer),
            Done::Log { hypervisor, answer } => self.log_came(&hypervisor, answer),
            Done::Saved(result) => self.saved(result),
        }
    }

    /// A request that ends when the peer leaves: to its full address, or about it.
    pub(super) fn outgoing(
        &self,
        id: &HypervisorId,
        to: impl Into<Jid>,
        ask: (IqKind, Element),
    ) -> Outgoing {
        let life = self.peers.get(id).map(|peer| peer.life.clone());
        Outgoing {
            session: self.session.clone(),
            iq: Iq::request(ask.0, Some(to.into()), ask.1),
            deadline: self.settings.pace.question,
            life: life.unwrap_or_default(),
        }
    }

    pub(super) fn start(&self, work: impl Future<Output = Done> + Send + 'static) {
        self.work.push(Box::pin(work));
    }
}
