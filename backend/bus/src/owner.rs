//! The one task that owns a session: it connects, keeps the session alive, and connects again.

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::timeout};
use tracing::{Instrument, debug, info_span};

use crate::{
    End, Event, Options, RequestError,
    backoff::Backoff,
    management::Management,
    negotiate::{Established, Kind, Negotiator, Registered},
    options::Registration,
    session::{Command, Shared},
    transport::{OpenError, Transport},
};

mod desk;
mod live;
mod shown;

use desk::{Desk, Stop};
use live::{Live, Outcome};

/// The owning task's ends of the channels.
pub(crate) struct Ends {
    /// What handles ask.
    pub(crate) inbox: mpsc::Receiver<Command>,
    /// What the consumer sees.
    pub(crate) sender: mpsc::Sender<Box<Event>>,
    /// What is shared with handles.
    pub(crate) shared: Arc<Shared>,
}

/// Starts the task.
pub(crate) fn spawn(options: Options, transport: Box<dyn Transport>, ends: Ends) {
    let span = info_span!("bus", account = %options.account.jid);
    let registered = match options.registration {
        Registration::Never => Registered::Settled,
        Registration::WhenNoSecretYet => Registered::Wanted,
    };
    let owner = Owner {
        desk: Desk::new(ends, &options.limits),
        options,
        transport,
        registered,
        backoff: Backoff::default(),
        previous: None,
    };
    tokio::spawn(owner.run().instrument(span));
}

struct Owner {
    options: Options,
    transport: Box<dyn Transport>,
    desk: Desk,
    registered: Registered,
    backoff: Backoff,
    /// Counters of a lost session that may be resumed.
    previous: Option<Management>,
}

/// Why there is no session now.
enum Setback {
    /// To be tried again.
    Retry(String),
    /// For good.
    Over(End),
}

impl From<OpenError> for Setback {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Temporary(reason) => Self::Retry(reason),
            OpenError::Fatal(end) => Self::Over(end),
        }
    }
}

impl From<Stop> for Setback {
    fn from(_: Stop) -> Self {
        Self::Over(End::Stopped)
    }
}

impl Owner {
    async fn run(mut self) {
        let end = loop {
            match self.session().await {
                Setback::Over(end) => break end,
                Setback::Retry(reason) => {
                    if let Err(end) = self.pause(reason).await {
                        break end;
                    }
                }
            }
        };
        debug!(%end, "session over");
        self.desk.close(end).await;
    }

    /// One session from the attempt to connect to its loss.
    async fn session(&mut self) -> Setback {
        match self.attempt().await {
            Ok(established) => self.live(established).await,
            Err(Setback::Retry(reason)) if self.gives_up() => Setback::Over(End::Unreachable {
                account: self.options.account.jid.clone(),
                reason,
            }),
            // The server that let this session in before is mended some day, and nobody goes round to start every agent again.
            Err(Setback::Over(end)) if end.is_curable() && self.desk.was_bound() => {
                Setback::Retry(end.to_string())
            }
            Err(setback) => setback,
        }
    }

    fn gives_up(&self) -> bool {
        self.options.give_up_on_first_failure && !self.desk.was_bound()
    }

    async fn pause(&mut self, reason: String) -> Result<(), End> {
        let retry_in = self
            .backoff
            .pause(&self.options.timing, self.options.gate.spread());
        debug!(%reason, ?retry_in, "suspended");
        self.desk.tell(Event::Suspended { reason, retry_in });
        let slept = self.desk.attend(tokio::time::sleep(retry_in)).await;
        slept.map_err(|Stop| End::Stopped)
    }

    /// Connects and logs in, while the desk shelves what handles ask. The future is large and lives on the heap only for this long.
    async fn attempt(&mut self) -> Result<Established, Setback> {
        let permit = self.desk.attend(self.options.gate.enter()).await?;
        self.backoff.start();
        let negotiator = Negotiator {
            options: &self.options,
            registered: &mut self.registered,
        };
        let attempt = Box::pin(login(
            self.transport.as_mut(),
            negotiator,
            self.previous.as_ref(),
        ));
        let result = self.desk.attend(attempt).await?;
        drop(permit);
        Ok(result?)
    }

    async fn live(&mut self, established: Established) -> Setback {
        self.backoff.succeeded();
        let Established {
            wire,
            server,
            kind,
            early,
        } = established;
        let management = match kind {
            Kind::Fresh { jid, management } => {
                let resumable = management
                    .as_ref()
                    .is_some_and(|management| management.id().is_some());
                self.desk.reset(jid, resumable);
                management
            }
            Kind::Resumed(h) => match self.resumed(h) {
                Ok(management) => Some(management),
                Err(reason) => return Setback::Retry(reason),
            },
        };
        let live = Live::new(&self.options, &mut self.desk, (wire, server), management);
        match live.run(early).await {
            Outcome::Lost { reason, management } => self.lost(reason, management),
            Outcome::Over(end) => Setback::Over(end),
        }
    }

    fn resumed(&mut self, h: u32) -> Result<Management, String> {
        let mut management = self.previous.take().unwrap_or_default();
        match management.acknowledge(h) {
            Ok(()) => {
                management.forget_question();
                self.desk.resumed();
                Ok(management)
            }
            Err(problem) => {
                self.desk.forget();
                Err(format!("on resumption {problem}"))
            }
        }
    }

    fn lost(&mut self, reason: String, management: Option<Management>) -> Setback {
        self.previous = management.filter(|management| management.id().is_some());
        if self.previous.is_none() {
            self.desk.forget();
        }
        Setback::Retry(reason)
    }
}

async fn login(
    transport: &mut dyn Transport,
    negotiator: Negotiator<'_>,
    previous: Option<&Management>,
) -> Result<Established, OpenError> {
    let limit: Duration = negotiator.options.timing.login;
    let work = async {
        let opened = transport.open().await?;
        let established = negotiator.run(opened, previous).await?;
        transport.served();
        Ok(established)
    };
    let late = || OpenError::Temporary(format!("no session within {} s", limit.as_secs()));
    timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
}

impl Desk {
    /// Ends everything that waits and tells the consumer.
    async fn close(mut self, end: End) {
        // First, so that a request queued at this moment fails at once.
        self.refuse_more();
        self.fail_all(&RequestError::Closed);
        self.bind(None);
        self.tell(Event::Ended(end));
        self.shut().await;
    }
}
