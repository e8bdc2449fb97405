//! Change notifications of an entity on its publish-subscribe node, for the original's clients. Best effort: nothing waits for them.

use std::time::Duration;

use archipel_bus::{RequestError, Session};
use archipel_hypervisor::Lifecycle;
use archipel_protocol::{
    BareJid, Element, Failure, Iq, IqKind, Jid,
    failure::FailureKind,
    push::{Push, create_node},
};
use jiff::Timestamp;
use tokio::{sync::mpsc, time::timeout};

/// Notifications that wait; more are dropped.
const WAITING: usize = 32;
/// How long the service may take for one.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long a service that refuses is left alone at first: it may only be about to begin.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Each further pause is longer by this factor: who refuses twice changes no sooner than an administrator changes the settings, and an
/// idle host must not cost bytes for it.
const LONGER: u32 = 60;
/// The longest pause: ten thousand machines must not be a load for a service that never will.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Publishes what happens to one entity.
#[derive(Debug)]
pub(crate) struct Pusher {
    session: Session,
    entity: BareJid,
    /// Boxed: the queue would otherwise reserve room for dozens of them, for every machine.
    queue: Option<mpsc::Sender<Box<Push>>>,
}

impl Pusher {
    /// Nothing is published before [`Pusher::renew`].
    pub(crate) fn new(session: Session, entity: BareJid) -> Self {
        Self {
            session,
            entity,
            queue: None,
        }
    }

    /// A new session: its service may allow what the last one refused.
    pub(crate) fn renew(&mut self) {
        let (queue, waiting) = mpsc::channel(WAITING);
        self.queue = Some(queue);
        // Ends when the queue is dropped.
        tokio::spawn(publish(self.session.clone(), self.entity.clone(), waiting));
    }

    /// Publishes one, if the service takes them and has kept up.
    pub(crate) fn push(&self, push: Push) {
        if let Some(queue) = &self.queue {
            // Full: a lost notification is made good by the next.
            let _ = queue.try_send(Box::new(push));
        }
    }
}

/// A notification, dated now.
pub(crate) fn push(family: &str, change: &str, now: Timestamp) -> Push {
    Push {
        family: family.to_owned(),
        change: change.to_owned(),
        date: now.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string(),
    }
}

/// What the original's clients are told of a machine's news. The guest's own shutdown is told by the stop that follows.
pub(crate) fn of_lifecycle(what: Lifecycle, now: Timestamp) -> Option<Push> {
    let control = |change| Some(push("virtualmachine:control", change, now));
    let definition = |change| Some(push("virtualmachine:definition", change, now));
    match what {
        Lifecycle::Started => control("created"),
        Lifecycle::Suspended => control("suspended"),
        Lifecycle::Resumed => control("resumed"),
        Lifecycle::Stopped => control("shutdown"),
        Lifecycle::Crashed => control("crashed"),
        Lifecycle::Defined => definition("defined"),
        Lifecycle::Undefined => definition("undefined"),
        Lifecycle::ShutDown | Lifecycle::PmSuspended => None,
    }
}

/// Until the queue is dropped. A service that refuses is asked again, ever more rarely; what happens meanwhile is not told.
async fn publish(session: Session, entity: BareJid, mut waiting: mpsc::Receiver<Box<Push>>) {
    let mut pause = FIRST_PAUSE;
    while let Err(failure) = serve(&session, &entity, &mut waiting).await {
        if pause == FIRST_PAUSE {
            tracing::info!(%entity, %failure, "no change notifications for the original's clients; trying again, ever more rarely");
        }
        let dropped = async { while waiting.recv().await.is_some() {} };
        if timeout(pause, dropped).await.is_ok() {
            return;
        }
        pause = (pause * LONGER).min(LONGEST_PAUSE);
    }
}

/// Publishes what comes, until the service refuses one or the queue is dropped.
async fn serve(
    session: &Session,
    entity: &BareJid,
    waiting: &mut mpsc::Receiver<Box<Push>>,
) -> Result<(), Failure> {
    ensure_node(session, entity).await?;
    while let Some(push) = waiting.recv().await {
        ask(session, entity, push.publish(entity)).await?;
    }
    Ok(())
}

/// A node that is there already serves as well.
async fn ensure_node(session: &Session, entity: &BareJid) -> Result<(), Failure> {
    match ask(session, entity, create_node(entity)).await {
        Err(failure) if failure.kind == FailureKind::Conflict => Ok(()),
        created => created,
    }
}

/// Only a refusal counts: whatever else went wrong may go better next time.
async fn ask(session: &Session, entity: &BareJid, element: Element) -> Result<(), Failure> {
    let Ok(service) = Jid::new(&format!("pubsub.{}", entity.domain())) else {
        return Err(Failure::new(FailureKind::NotFound, "no service"));
    };
    let request = Iq::request(IqKind::Set, Some(service), element);
    // Boxed: the task that asks waits for most of its life, and would hold the room for a request meanwhile.
    match Box::pin(session.request(request, DEADLINE)).await {
        Err(RequestError::Refused(iq)) => Err(Failure::parse(&iq)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_shutdown_is_no_crash() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(of_lifecycle(Lifecycle::ShutDown, now), None);
        let stopped = of_lifecycle(Lifecycle::Stopped, now).map(|push| push.change);
        assert_eq!(stopped.as_deref(), Some("shutdown"));
    }
}
