//! From a fresh connection to a bound or resumed session.

use std::io;

use jid::FullJid;
use minidom::Element;
use rxml::{Namespace, NcNameStr, xml_ncname};
use xmpp_parsers::ns;

use crate::{
    Options,
    features::{Condition, Features},
    guard::Guarded,
    management::Management,
    stream_error,
    transport::{OpenError, Opened},
    wire::{Incoming, Wire, connection_text},
};

mod begin;
mod login;
mod register;

pub(crate) use begin::handled;

/// A session that can be worked with.
pub(crate) struct Established {
    /// The stream.
    pub(crate) wire: Wire,
    /// The server, for messages.
    pub(crate) server: String,
    /// How the session came about.
    pub(crate) kind: Kind,
    /// What arrived before stream management was on; to be handled first.
    pub(crate) early: Vec<Guarded>,
}

/// How a session came about.
pub(crate) enum Kind {
    /// The server knows nothing of an earlier one.
    Fresh {
        /// The address it bound.
        jid: FullJid,
        /// Counters, if the server offers stream management.
        management: Option<Management>,
    },
    /// The earlier one goes on; the server has handled stanzas up to this number.
    Resumed(u32),
}

/// What negotiation needs to know, and learns, across attempts.
#[derive(Debug)]
pub(crate) struct Negotiator<'a> {
    /// The session's options.
    pub(crate) options: &'a Options,
    /// How far the creation of the account got.
    pub(crate) registered: &'a mut Registered,
}

/// How far the creation of the account got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registered {
    /// Not asked for, or done.
    Settled,
    /// To be asked for before the first login.
    Wanted,
    /// Asked for, but the connection was lost before the answer: a `conflict` may mean our own account.
    Unknown,
}

/// The stream under negotiation.
struct Talk {
    wire: Wire,
    server: String,
}

impl Negotiator<'_> {
    /// Logs in on `opened` and resumes `previous`, or else binds a fresh session.
    pub(crate) async fn run(
        mut self,
        opened: Opened,
        previous: Option<&Management>,
    ) -> Result<Established, OpenError> {
        let server = opened.server;
        let domain = self.options.account.jid.domain().as_str();
        let wire = Wire::open(opened.io, domain, &self.options.timing).await;
        let wire = wire.map_err(|error| broken(&server, &error))?;
        let mut talk = Talk { wire, server };
        let features = self.features(&mut talk).await?;
        self.register(&mut talk, &features).await?;
        self.login(&mut talk, &features, &opened.protection).await?;
        *self.registered = Registered::Settled;
        let Talk { wire, server } = talk;
        let wire = wire.restart(domain).await;
        let wire = wire.map_err(|error| broken(&server, &error))?;
        let mut talk = Talk { wire, server };
        let features = self.features(&mut talk).await?;
        self.establish(talk, &features, previous).await
    }

    async fn features(&self, talk: &mut Talk) -> Result<Features, OpenError> {
        let element = self.receive(talk).await?;
        if element.is("features", ns::STREAM) {
            return Ok(Features::read(&element));
        }
        let name = element.name();
        Err(talk.temporary(format!("<{name}> came instead of the server's features")))
    }

    /// The next child, which must be within the bounds and no stream error.
    async fn receive(&self, talk: &mut Talk) -> Result<Element, OpenError> {
        match talk.child().await? {
            Guarded::Element(element) => {
                self.check_stream_error(&element, talk)?;
                Ok(element)
            }
            Guarded::Refused(_, refusal) => Err(talk.temporary(refusal)),
        }
    }

    fn check_stream_error(&self, element: &Element, talk: &Talk) -> Result<(), OpenError> {
        if !element.is("error", ns::STREAM) {
            return Ok(());
        }
        let condition = Condition::read(element);
        if let Some(end) = stream_error::end(self.options, &talk.server, &condition) {
            return Err(end.into());
        }
        let domain = self.options.account.jid.domain().as_str();
        Err(talk.temporary(stream_error::text(domain, &condition)))
    }
}

impl Talk {
    async fn send(&mut self, element: &Element) -> Result<(), OpenError> {
        let sent = self.wire.send(element).await;
        sent.map_err(|error| broken(&self.server, &error))
    }

    /// The next child, whatever it is.
    async fn child(&mut self) -> Result<Guarded, OpenError> {
        loop {
            match self.wire.next().await {
                Incoming::Child(child) => return Ok(child),
                Incoming::Silence | Incoming::Flushed => {}
                Incoming::Poisoned(problem) => {
                    return Err(self.temporary(format!("unreadable XML: {problem}")));
                }
                Incoming::Lost(reason) => return Err(self.temporary(reason)),
            }
        }
    }

    /// A failure that may pass.
    fn temporary(&self, problem: impl std::fmt::Display) -> OpenError {
        temporary(&self.server, problem)
    }
}

/// How the text begins where a server knows the account and gives it no session.
pub(crate) const SESSION_REFUSED: &str = "the server refused the session";

/// A failure that may pass.
pub(crate) fn temporary(server: &str, problem: impl std::fmt::Display) -> OpenError {
    OpenError::Temporary(format!("{server}: {problem}"))
}

/// A connection that broke.
pub(crate) fn broken(server: &str, error: &io::Error) -> OpenError {
    temporary(server, connection_text(error))
}

/// An element that holds a text.
pub(crate) fn leaf(name: &str, namespace: &str, text: &str) -> Element {
    let mut element = Element::bare(name, namespace);
    element.append_text(archipel_protocol::text::valid_xml(text));
    element
}

fn with(mut element: Element, name: &NcNameStr, value: &str) -> Element {
    let attributes = element.attrs_mut();
    attributes.insert(Namespace::NONE, name.to_owned(), value.to_owned());
    element
}

/// A request of negotiation. Its id may be fixed: nothing else is in flight.
fn request(id: &str, payload: Element) -> Element {
    let mut iq = Element::bare("iq", archipel_protocol::ns::CLIENT);
    iq.append_child(payload);
    with(with(iq, xml_ncname!("type"), "set"), xml_ncname!("id"), id)
}
