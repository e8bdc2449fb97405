//! A session that is up: reading, writing, acknowledging, until it is lost or over.

use std::{convert::Infallible, io, time::Duration};

use archipel_protocol::Stanza;
use minidom::Element;
use tokio::time::{Instant, sleep_until, timeout};
use xmpp_parsers::{ns, sm};

use super::desk::{Desk, Turn};
use crate::{
    End, Event, Options, Refusal,
    features::Condition,
    guard::{Guarded, Header},
    management::Management,
    negotiate::handled,
    stream_error,
    wire::{Incoming, Wire, connection_text},
};

mod route;

/// How a session that was up came to an end.
pub(super) enum Outcome {
    /// Lost, perhaps to be resumed with these counters.
    Lost {
        reason: String,
        management: Option<Management>,
    },
    /// For good.
    Over(End),
}

/// Why the loop ends.
enum Leave {
    /// The connection is of no further use; the session may be resumed.
    Lost(String),
    /// The session itself cannot be trusted any more.
    Spoilt(String),
    /// The server ended it for good.
    Over(End),
    /// The consumer wants the end.
    Stop,
}

/// Most stanzas written in one go: what is in the write buffer is not bounded otherwise.
const BATCH: usize = 32;

/// The id of the ping that keeps a session without stream management alive.
const KEEP_ALIVE: &str = "keep-alive";

pub(super) struct Live<'a> {
    options: &'a Options,
    desk: &'a mut Desk,
    wire: Wire,
    server: String,
    management: Option<Management>,
    /// When to ask the server what it has handled.
    ask_at: Option<Instant>,
    /// Stanzas put since the last time everything was written.
    unwritten: usize,
}

impl<'a> Live<'a> {
    pub(super) fn new(
        options: &'a Options,
        desk: &'a mut Desk,
        stream: (Wire, String),
        management: Option<Management>,
    ) -> Self {
        let (wire, server) = stream;
        Self {
            options,
            desk,
            wire,
            server,
            management,
            ask_at: None,
            unwritten: 0,
        }
    }

    /// Works until the session ends. `early` is handled before anything else.
    pub(super) async fn run(mut self, early: Vec<Guarded>) -> Outcome {
        let Err(leave) = self.work(early).await;
        match leave {
            Leave::Lost(reason) => Outcome::Lost {
                reason: format!("{}: {reason}", self.server),
                management: self.management,
            },
            Leave::Spoilt(reason) => Outcome::Lost {
                reason: format!("{}: {reason}", self.server),
                management: None,
            },
            Leave::Over(end) => Outcome::Over(end),
            Leave::Stop => {
                self.say_goodbye().await;
                Outcome::Over(End::Stopped)
            }
        }
    }

    async fn work(&mut self, early: Vec<Guarded>) -> Result<Infallible, Leave> {
        self.repeat()?;
        // The server counts from `<enabled/>` on (XEP-0198, 4): what came before is not to be acknowledged.
        for child in early {
            self.handle(child)?;
        }
        loop {
            let read = self.may_read();
            let take = self.wire.is_idle() && self.has_room();
            let ask_at = self.ask_at;
            tokio::select! {
                incoming = self.wire.turn(read) => self.incoming(incoming).await?,
                turn = self.desk.turn(take) => self.turn(turn)?,
                () = wait(ask_at), if ask_at.is_some() => self.ask()?,
            }
        }
    }

    /// A consumer that waits for room to write before it takes more gets that room only from acknowledgements, which must be read.
    fn may_read(&self) -> bool {
        let heard = self.desk.is_clear() || !self.has_room() && self.desk.holds_more();
        heard && self.unwritten < BATCH
    }

    /// After a resumption: writes again what the server has not handled (XEP-0198, 5).
    fn repeat(&mut self) -> Result<(), Leave> {
        let Some(management) = &self.management else {
            return Ok(());
        };
        for stanza in management.unacknowledged() {
            self.wire.put(stanza).map_err(|error| lost(&error))?;
        }
        self.expect_acknowledgement();
        Ok(())
    }

    fn turn(&mut self, turn: Turn) -> Result<(), Leave> {
        match turn {
            Turn::Stop => return Err(Leave::Stop),
            Turn::Delivered | Turn::Write(None) => return Ok(()),
            Turn::Write(Some(stanza)) => self.write(stanza)?,
        }
        while self.unwritten < BATCH && self.has_room() {
            let Some(stanza) = self.desk.next_ready() else {
                break;
            };
            self.write(stanza)?;
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.waiting() < self.options.limits.unacknowledged
    }

    /// Stanzas the server has not acknowledged.
    fn waiting(&self) -> usize {
        self.management
            .as_ref()
            .map_or(0, |management| management.unacknowledged().len())
    }

    fn write(&mut self, stanza: Element) -> Result<(), Leave> {
        self.unwritten += 1;
        self.wire.put(&stanza).map_err(|error| lost(&error))?;
        if let Some(management) = &mut self.management {
            management.keep(stanza);
        }
        self.expect_acknowledgement();
        let limit = self.options.limits.unacknowledged;
        match self.waiting() {
            // Answers to what the server sends are written beyond the limit, but not for ever.
            waiting if waiting > 2 * limit => {
                Err(Leave::Spoilt("it acknowledges nothing".to_owned()))
            }
            waiting if waiting >= limit.div_ceil(2) => self.ask(),
            _ => Ok(()),
        }
    }

    fn expect_acknowledgement(&mut self) {
        if self.waiting() > 0 {
            self.ask_at
                .get_or_insert_with(|| Instant::now() + self.options.timing.acknowledge);
        }
    }

    /// Asks the server what it has handled, unless it has been asked already.
    fn ask(&mut self) -> Result<(), Leave> {
        self.ask_at = None;
        match &mut self.management {
            Some(management) if management.should_ask() => {
                management.asked();
                self.wire
                    .put(&Element::from(sm::R))
                    .map_err(|error| lost(&error))
            }
            _ => Ok(()),
        }
    }

    async fn incoming(&mut self, incoming: Incoming) -> Result<(), Leave> {
        match incoming {
            Incoming::Child(child) => self.child(child),
            Incoming::Flushed => {
                self.unwritten = 0;
                Ok(())
            }
            Incoming::Silence => self.ask_for_life(),
            Incoming::Poisoned(problem) => Err(self.poisoned(problem).await),
            Incoming::Lost(reason) => Err(Leave::Lost(reason)),
        }
    }

    /// Any answer will do; without one the stream reports the loss.
    fn ask_for_life(&mut self) -> Result<(), Leave> {
        let question = match &self.management {
            Some(_) => Element::from(sm::R),
            None => route::ping(self.options.account.jid.domain()),
        };
        self.wire.put(&question).map_err(|error| lost(&error))
    }

    /// The XML reader gave up, so this connection cannot be read any further. What it gave up on counts as handled and the server is
    /// told so while it can still be written to: otherwise it would send the same again after the resumption, for ever.
    async fn poisoned(&mut self, problem: String) -> Leave {
        self.count();
        let _ = timeout(GOODBYE, self.acknowledge()).await;
        let why = Refusal::NotXml(problem.clone());
        self.desk.tell(Event::Refused { from: None, why });
        Leave::Lost(format!(
            "it forwarded what is not readable as XML: {problem}"
        ))
    }

    async fn acknowledge(&mut self) -> io::Result<()> {
        if let Some(management) = &self.management {
            self.wire
                .put(&Element::from(sm::A::new(management.received())))?;
        }
        self.wire.flush().await
    }

    fn count(&mut self) {
        if let Some(management) = &mut self.management {
            management.count();
        }
    }

    fn child(&mut self, child: Guarded) -> Result<(), Leave> {
        if child.is_stanza() {
            self.count();
            self.tell_of_many()?;
        }
        self.handle(child)
    }

    fn handle(&mut self, child: Guarded) -> Result<(), Leave> {
        let is_stanza = child.is_stanza();
        match child {
            Guarded::Element(element) if is_stanza => self.stanza(element),
            Guarded::Element(element) => self.nonza(&element),
            Guarded::Refused(header, why) => self.refuse(&header, why),
        }
    }

    fn stanza(&mut self, element: Element) -> Result<(), Leave> {
        let header = (element.name() == "iq").then(|| Header::of(&element));
        match Stanza::parse(element) {
            Ok(stanza) => self.route(stanza),
            Err(problem) => self.refuse(&header.unwrap_or_default(), problem.into()),
        }
    }

    fn nonza(&mut self, element: &Element) -> Result<(), Leave> {
        if element.is("error", ns::STREAM) {
            return Err(self.stream_error(&Condition::read(element)));
        }
        match element.name() {
            "r" if element.ns() == ns::SM => self.tell_received(),
            "a" if element.ns() == ns::SM => self.acknowledged(handled(element)),
            _ => Ok(()),
        }
    }

    fn stream_error(&self, condition: &Condition) -> Leave {
        let domain = self.options.account.jid.domain().as_str();
        let passing = || Leave::Lost(stream_error::text(domain, condition));
        stream_error::end(self.options, &self.server, condition).map_or_else(passing, Leave::Over)
    }

    fn tell_received(&mut self) -> Result<(), Leave> {
        let Some(management) = &mut self.management else {
            return Ok(());
        };
        let answer = Element::from(sm::A::new(management.tell()));
        self.wire.put(&answer).map_err(|error| lost(&error))
    }

    fn tell_of_many(&mut self) -> Result<(), Leave> {
        match &self.management {
            Some(management) if management.owes() => self.tell_received(),
            _ => Ok(()),
        }
    }

    fn acknowledged(&mut self, h: Option<u32>) -> Result<(), Leave> {
        let (Some(management), Some(h)) = (&mut self.management, h) else {
            return Ok(());
        };
        management
            .acknowledge(h)
            .map_err(|problem| Leave::Spoilt(problem.to_string()))?;
        self.expect_acknowledgement();
        Ok(())
    }

    /// Writes what is queued, takes leave, and waits for the server to close, so that nothing written is cut off.
    async fn say_goodbye(&mut self) {
        self.desk.refuse_more();
        let close = self.options.timing.close;
        if timeout(close, self.farewell()).await.is_err() {
            tracing::debug!("the server did not close the stream in time");
        }
    }

    async fn farewell(&mut self) -> io::Result<()> {
        while let Some(stanza) = self.desk.next_ready() {
            self.wire.put(&stanza)?;
        }
        for presence in self.desk.farewell() {
            self.wire.put(&Stanza::Presence(presence).into_element())?;
        }
        self.acknowledge().await?;
        self.wire.shutdown().await?;
        while !matches!(
            self.wire.next().await,
            Incoming::Lost(_) | Incoming::Poisoned(_)
        ) {}
        Ok(())
    }
}

/// How long a last word on a broken connection may take.
const GOODBYE: Duration = Duration::from_secs(1);

async fn wait(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn lost(error: &io::Error) -> Leave {
    Leave::Lost(connection_text(error))
}
