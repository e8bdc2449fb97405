//! Between handles, consumer and stream: what is asked while there is no connection, and what waits to be seen.

use std::{collections::VecDeque, future::Future, pin::pin, sync::Arc};

use archipel_protocol::{Presence, Stanza};
use jid::FullJid;
use minidom::Element;
use tokio::sync::mpsc;

use super::{Ends, shown::Shown};
use crate::{
    Event, RequestError,
    options::Limits,
    outbound,
    session::{Command, Shared},
};

/// The end was asked for, or every handle is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop;

/// Whether what handles ask can still reach the server without a fresh session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// No session: stanzas are dropped, requests fail.
    Unbound,
    /// A session that is up or may be resumed.
    Bound,
    /// As `Bound`, but stanzas were dropped for want of room: should it be resumed, the consumer must start over all the same.
    Overrun,
}

/// The next thing to do.
pub(super) enum Turn {
    /// Write this, if anything is left to write of what was asked.
    Write(Option<Element>),
    /// The consumer took an event.
    Delivered,
    /// End in good order.
    Stop,
}

/// What handles asked for and what the consumer has not seen yet.
pub(super) struct Desk {
    inbox: mpsc::Receiver<Command>,
    events: mpsc::Sender<Box<Event>>,
    shared: Arc<Shared>,
    /// Events the consumer has no room for yet.
    outbox: VecDeque<Box<Event>>,
    /// Asked for while suspended, to be written on resumption.
    shelf: VecDeque<Command>,
    room: usize,
    standing: Standing,
    jid: Option<FullJid>,
    shown: Shown,
}

impl Desk {
    pub(super) fn new(ends: Ends, limits: &Limits) -> Self {
        Self {
            inbox: ends.inbox,
            events: ends.sender,
            shared: ends.shared,
            outbox: VecDeque::new(),
            shelf: VecDeque::new(),
            room: limits.unacknowledged,
            standing: Standing::Unbound,
            jid: None,
            shown: Shown::default(),
        }
    }

    /// Whether there ever was a session.
    pub(super) fn was_bound(&self) -> bool {
        self.jid.is_some()
    }

    /// Does `work` while taking what handles ask and handing events over.
    pub(super) async fn attend<F: Future>(&mut self, work: F) -> Result<F::Output, Stop> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                () = self.shared.stop.cancelled() => return Err(Stop),
                output = &mut work => return Ok(output),
                () = deliver(&self.events, &mut self.outbox), if !self.outbox.is_empty() => {}
                command = self.inbox.recv() => self.shelve(command.ok_or(Stop)?),
            }
        }
    }

    fn shelve(&mut self, command: Command) {
        if self.standing == Standing::Bound && self.shelf.len() < self.room {
            self.shelf.push_back(command);
            return;
        }
        if self.standing == Standing::Bound {
            self.overrun();
        }
        if let Command::Request(iq) = command {
            self.shared
                .requests
                .fail(&iq.id, RequestError::NotConnected);
        }
    }

    fn overrun(&mut self) {
        self.standing = Standing::Overrun;
        self.shelf.clear();
        self.fail_all(&RequestError::Lost);
        self.bind(None);
    }

    /// The session cannot be resumed: nothing asked of it can be answered.
    pub(super) fn forget(&mut self) {
        self.standing = Standing::Unbound;
        self.shelf.clear();
        self.fail_all(&RequestError::Lost);
        self.bind(None);
    }

    /// A fresh session. What was asked before belongs to another one.
    pub(super) fn reset(&mut self, jid: FullJid, resumable: bool) {
        while let Ok(command) = self.inbox.try_recv() {
            drop(command);
        }
        self.forget();
        self.welcome(jid, resumable);
    }

    /// The session of before. What was shelved is to be written.
    pub(super) fn resumed(&mut self) {
        match (self.standing, self.jid.clone()) {
            (Standing::Overrun, Some(jid)) => self.welcome(jid, true),
            _ => self.tell(Event::Resumed),
        }
    }

    fn welcome(&mut self, jid: FullJid, resumable: bool) {
        self.standing = Standing::Bound;
        self.shown = Shown::default();
        self.jid = Some(jid.clone());
        self.bind(Some(jid.clone()));
        self.tell(Event::Reset { jid, resumable });
    }

    /// The next stanza to write that still matters, with shelved ones first; `None` if nothing waits.
    pub(super) fn next_ready(&mut self) -> Option<Element> {
        loop {
            let command = self
                .shelf
                .pop_front()
                .or_else(|| self.inbox.try_recv().ok())?;
            if let Some(element) = self.prepare(command) {
                return Some(element);
            }
        }
    }

    /// Waits for the next thing to do; writes are handed out only if `take`. Can be dropped without loss.
    pub(super) async fn turn(&mut self, take: bool) -> Turn {
        if take && let Some(command) = self.shelf.pop_front() {
            return Turn::Write(self.prepare(command));
        }
        tokio::select! {
            () = self.shared.stop.cancelled() => Turn::Stop,
            () = deliver(&self.events, &mut self.outbox), if !self.outbox.is_empty() => Turn::Delivered,
            command = self.inbox.recv(), if take => {
                command.map_or(Turn::Stop, |command| Turn::Write(self.prepare(command)))
            }
        }
    }

    /// Takes no more from handles; what they queued is still to be had.
    pub(super) fn refuse_more(&mut self) {
        self.inbox.close();
    }

    /// Whether the consumer has taken everything, so that more may be read.
    pub(super) fn is_clear(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Whether there is a place for what the consumer has no room for yet.
    pub(super) fn holds_more(&self) -> bool {
        self.outbox.len() < self.room
    }

    /// Queues an event. A newer reason to be suspended replaces an older one that nobody has seen.
    pub(super) fn tell(&mut self, event: Event) {
        if matches!(event, Event::Suspended { .. })
            && let Some(last) = self.outbox.back_mut()
            && matches!(**last, Event::Suspended { .. })
        {
            **last = event;
            return;
        }
        self.outbox.push_back(Box::new(event));
    }

    /// Hands over what waits, for as long as somebody takes it.
    pub(super) async fn shut(mut self) {
        while !self.outbox.is_empty() {
            deliver(&self.events, &mut self.outbox).await;
        }
    }

    /// Requests in flight and the wish to stop.
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn bind(&self, jid: Option<FullJid>) {
        self.shared.bind(jid);
    }

    pub(super) fn fail_all(&self, error: &RequestError) {
        self.shared.requests.fail_all(error);
    }

    /// The last words of the session.
    pub(super) fn farewell(&self) -> Vec<Presence> {
        self.shown.farewell()
    }

    /// A request nobody waits for any more is not sent.
    fn prepare(&mut self, command: Command) -> Option<Element> {
        let stanza = match command {
            Command::Send(stanza) => *stanza,
            Command::Request(iq) if self.shared.requests.is_open(&iq.id) => Stanza::Iq(*iq),
            Command::Request(_) => return None,
        };
        if let Stanza::Presence(presence) = &stanza {
            self.shown.note(presence);
        }
        match outbound::seal(stanza.into_element()) {
            Ok(element) => Some(element),
            Err(problem) => {
                tracing::error!(%problem, "a stanza was not sent");
                None
            }
        }
    }
}

/// Hands over the first event. A consumer that dropped its end wants none.
async fn deliver(events: &mpsc::Sender<Box<Event>>, outbox: &mut VecDeque<Box<Event>>) {
    match events.reserve().await {
        Ok(permit) => {
            if let Some(event) = outbox.pop_front() {
                permit.send(event);
            }
        }
        Err(_) => outbox.clear(),
    }
}
