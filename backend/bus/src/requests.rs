//! Requests that wait for their answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use archipel_protocol::{Iq, IqKind};
use jid::{BareJid, Jid};
use tokio::sync::oneshot;

/// Why a request has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// The recipient answered with an error; [`Iq::error`] finds it.
    #[error("the request was refused")]
    Refused(Box<Iq>),
    /// The original agent answered with the type `ignore`: it did not know the request.
    #[error("the recipient did not understand the request")]
    Ignored,
    /// No answer in time. The request may have been carried out.
    #[error("no answer in time")]
    Timeout,
    /// There is no session at present. The request was not sent.
    #[error("not connected to the bus")]
    NotConnected,
    /// The session was lost before the answer came. The request may have been carried out.
    #[error("the connection to the bus was lost before the answer came")]
    Lost,
    /// The session is over.
    #[error("the session is over")]
    Closed,
}

type Answer = Result<Iq, RequestError>;

/// One request in flight.
#[derive(Debug)]
struct Slot {
    to: Option<Jid>,
    answer: oneshot::Sender<Answer>,
}

/// All requests of a session in flight. An answer counts only if it comes from whom was asked: ids alone could be guessed.
#[derive(Debug)]
pub(crate) struct Requests {
    account: BareJid,
    slots: Mutex<HashMap<String, Slot>>,
}

impl Requests {
    /// No requests yet.
    pub(crate) fn new(account: BareJid) -> Arc<Self> {
        Arc::new(Self {
            account,
            slots: Mutex::default(),
        })
    }

    /// Opens a slot under a fresh random id. Dropping the ticket frees it.
    pub(crate) fn open(self: &Arc<Self>, to: Option<Jid>) -> Ticket {
        let (answer, receiver) = oneshot::channel();
        let id = format!("{:024x}", rand::random::<u128>() >> 32);
        self.slots().insert(id.clone(), Slot { to, answer });
        Ticket {
            id,
            requests: self.clone(),
            receiver,
        }
    }

    /// Whether somebody still waits for the answer to `id`.
    pub(crate) fn is_open(&self, id: &str) -> bool {
        self.slots().contains_key(id)
    }

    /// Hands an answer to whoever waits for it; gives it back if nobody does.
    pub(crate) fn complete(&self, iq: Iq) -> Option<Iq> {
        let mut slots = self.slots();
        let expected = slots
            .get(&iq.id)
            .is_some_and(|slot| self.accepts(slot, iq.from.as_ref()));
        let Some(slot) = expected.then(|| slots.remove(&iq.id)).flatten() else {
            return Some(iq);
        };
        drop(slots);
        // A receiver that is gone has cancelled: nobody wants the answer.
        let _ = slot.answer.send(read(iq));
        None
    }

    /// Ends one request.
    pub(crate) fn fail(&self, id: &str, error: RequestError) {
        if let Some(slot) = self.slots().remove(id) {
            let _ = slot.answer.send(Err(error));
        }
    }

    /// Ends all requests.
    pub(crate) fn fail_all(&self, error: &RequestError) {
        let slots = std::mem::take(&mut *self.slots());
        for slot in slots.into_values() {
            let _ = slot.answer.send(Err(error.clone()));
        }
    }

    /// What was asked of the own account may be answered by the account, its server, or nobody by name (RFC 6120, 8.1.2.1).
    fn accepts(&self, slot: &Slot, from: Option<&Jid>) -> bool {
        let own = |jid: &Jid| jid.as_str() == self.account.as_str();
        match (&slot.to, from) {
            (None, None) => true,
            (None, Some(from)) => own(from) || from.as_str() == self.account.domain().as_str(),
            (Some(to), None) => own(to),
            (Some(to), Some(from)) => to == from,
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        // The map is whole whatever panicked elsewhere.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(iq: Iq) -> Answer {
    match iq.kind {
        IqKind::Result => Ok(iq),
        IqKind::Error => Err(RequestError::Refused(Box::new(iq))),
        _ => Err(RequestError::Ignored),
    }
}

/// The right to the answer of one request.
#[derive(Debug)]
pub(crate) struct Ticket {
    id: String,
    requests: Arc<Requests>,
    receiver: oneshot::Receiver<Answer>,
}

impl Ticket {
    /// The id to send.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Waits for the answer.
    pub(crate) async fn answer(mut self) -> Answer {
        (&mut self.receiver)
            .await
            .unwrap_or(Err(RequestError::Closed))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.requests.slots().remove(&self.id);
    }
}

#[cfg(test)]
mod tests;
