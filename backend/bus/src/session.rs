//! The handle of a session.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use archipel_protocol::{Iq, Stanza};
use jid::FullJid;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    Events, Options, RequestError, Transport,
    network::Network,
    owner,
    requests::{Requests, Ticket},
};

/// The session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session is over")]
pub struct Closed;

/// Why a stanza was not accepted at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The queue is full: the server takes stanzas more slowly than they come.
    #[error("the queue to the bus is full")]
    Full,
    /// The session is over.
    #[error("the session is over")]
    Closed,
}

/// What a handle asks of the task that owns the session. Boxed: the queue would otherwise reserve room for dozens of stanzas.
#[derive(Debug)]
pub(crate) enum Command {
    /// Write this.
    Send(Box<Stanza>),
    /// Write this unless its slot is gone.
    Request(Box<Iq>),
}

/// What handles and the owning task share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Requests in flight.
    pub(crate) requests: Arc<Requests>,
    /// Asks for an orderly end.
    pub(crate) stop: CancellationToken,
    bound: Mutex<Option<FullJid>>,
}

impl Shared {
    /// Sets or clears the bound address.
    pub(crate) fn bind(&self, jid: Option<FullJid>) {
        *self.bound.lock().unwrap_or_else(PoisonError::into_inner) = jid;
    }

    fn bound(&self) -> Option<FullJid> {
        self.bound
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A handle to a session; clones speak for the same one. When the last is dropped the session ends as by [`Session::stop`].
#[derive(Debug, Clone)]
pub struct Session {
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
}

/// Starts a session over the network as [`Options::settings`] say. One task owns it; connections that fail are tried again for ever.
///
/// Must be called inside a tokio runtime.
pub fn connect(options: Options) -> (Session, Events) {
    let network = Network::new(&options);
    connect_over(options, network)
}

/// Starts a session over another transport.
pub fn connect_over<T: Transport>(options: Options, transport: T) -> (Session, Events) {
    let (commands, inbox) = mpsc::channel(options.limits.commands.max(1));
    let (sender, events) = mpsc::channel(options.limits.events.max(1));
    let shared = Arc::new(Shared {
        requests: Requests::new(options.account.jid.clone()),
        stop: CancellationToken::new(),
        bound: Mutex::new(None),
    });
    owner::spawn(
        options,
        Box::new(transport),
        owner::Ends {
            inbox,
            sender,
            shared: shared.clone(),
        },
    );
    (Session { commands, shared }, Events(events))
}

impl Session {
    /// Queues a stanza, waiting while the queue is full.
    ///
    /// Characters that XML forbids are replaced by U+FFFD. Without a session the stanza is dropped: the consumer sends its state on
    /// [`crate::Event::Reset`]. While a session can still be resumed the stanza waits for that.
    pub async fn send(&self, stanza: impl Into<Stanza>) -> Result<(), Closed> {
        let command = Command::Send(Box::new(stanza.into()));
        self.commands.send(command).await.map_err(|_| Closed)
    }

    /// Queues a stanza unless the queue is full. Otherwise as [`Session::send`].
    pub fn try_send(&self, stanza: impl Into<Stanza>) -> Result<(), SendError> {
        let command = Command::Send(Box::new(stanza.into()));
        self.commands
            .try_send(command)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => SendError::Full,
                mpsc::error::TrySendError::Closed(_) => SendError::Closed,
            })
    }

    /// Sends a request and waits at most `deadline` for its answer. The id is filled in; an answer counts only from whom was asked.
    ///
    /// Dropping the future cancels: a request not yet written is never sent, a late answer arrives as an ordinary stanza.
    pub async fn request(&self, mut iq: Iq, deadline: Duration) -> Result<Iq, RequestError> {
        if self.commands.is_closed() {
            return Err(RequestError::Closed);
        }
        if self.shared.bound().is_none() {
            return Err(RequestError::NotConnected);
        }
        let ticket = self.shared.requests.open(iq.to.clone());
        ticket.id().clone_into(&mut iq.id);
        let answer = self.exchange(Box::new(iq), ticket);
        timeout(deadline, answer)
            .await
            .unwrap_or(Err(RequestError::Timeout))
    }

    async fn exchange(&self, iq: Box<Iq>, ticket: Ticket) -> Result<Iq, RequestError> {
        let sent = self.commands.send(Command::Request(iq)).await;
        sent.map_err(|_| RequestError::Closed)?;
        ticket.answer().await
    }

    /// The full address, while there is a session, be it suspended but resumable.
    pub fn bound_jid(&self) -> Option<FullJid> {
        self.shared.bound()
    }

    /// Asks for an orderly end: what is queued is written, whoever was shown that it is there told of the end, everything received acknowledged, the stream
    /// closed. [`crate::Event::Ended`] follows.
    pub fn stop(&self) {
        self.shared.stop.cancel();
    }

    /// Waits until the session is over.
    pub async fn closed(&self) {
        self.commands.closed().await;
    }
}
