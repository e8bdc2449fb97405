//! From a fresh connection to a bound or resumed session.

use std::io;

use archipel_protocol::ns as protocol_ns;
use jid::FullJid;
use minidom::Element;
use rxml::xml_ncname;
use xmpp_parsers::{ns, sm};

use crate::{
    End, Options,
    features::{Condition, Features},
    guard::{Guarded, is_stanza},
    management::Management,
    sasl::{Distrust, Exchange, Terms},
    transport::{OpenError, Opened, Protection},
    wire::{Incoming, Wire, connection_text},
};

mod register;

/// A session that can be worked with.
pub(crate) struct Established {
    /// The stream.
    pub(crate) wire: Wire,
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

impl Negotiator<'_> {
    /// Logs in on `opened` and resumes `previous`, or else binds a fresh session.
    pub(crate) async fn run(
        mut self,
        opened: Opened,
        previous: Option<&Management>,
    ) -> Result<Established, OpenError> {
        let Opened {
            io,
            protection,
            server,
        } = opened;
        let domain = self.options.account.jid.domain().as_str();
        let broken = |error: io::Error| temporary(&server, &connection_text(&error));
        let mut wire = Wire::open(io, domain, &self.options.timing)
            .await
            .map_err(broken)?;
        let features = self.features(&mut wire, &server).await?;
        self.register(&mut wire, &features, &server).await?;
        self.login(&mut wire, &features, &protection, &server)
            .await?;
        let mut wire = wire.restart(domain).await.map_err(broken)?;
        let features = self.features(&mut wire, &server).await?;
        self.establish(wire, &features, previous, &server).await
    }

    async fn features(&self, wire: &mut Wire, server: &str) -> Result<Features, OpenError> {
        let element = self.receive(wire, server).await?;
        if element.is("features", ns::STREAM) {
            return Ok(Features::read(&element));
        }
        Err(temporary(
            server,
            &format!("<{}> came instead of the server's features", element.name()),
        ))
    }

    async fn login(
        &self,
        wire: &mut Wire,
        features: &Features,
        protection: &Protection,
        server: &str,
    ) -> Result<(), OpenError> {
        let account = &self.options.account;
        let terms = Terms {
            features,
            protection,
            allow_plain: self.options.settings.allow_plain,
        };
        let Some(name) = account.jid.node() else {
            return Err(End::NoName {
                account: account.jid.clone(),
            }
            .into());
        };
        let chosen = terms.choose(name.as_str(), account.secret.expose());
        let mut exchange = chosen
            .ok_or_else(|| no_mechanism(features, server))?
            .map_err(|error| temporary(server, &error.to_string()))?;
        let first = exchange.initial();
        let auth = nonza("auth", &first);
        let auth = with(auth, xml_ncname!("mechanism"), exchange.name());
        self.send(wire, &auth, server).await?;
        self.converse(wire, &mut exchange, server).await
    }

    async fn converse(
        &self,
        wire: &mut Wire,
        exchange: &mut Exchange,
        server: &str,
    ) -> Result<(), OpenError> {
        let distrust = |problem: Distrust| self.impostor(server, &problem);
        loop {
            let element = self.receive(wire, server).await?;
            match element.name() {
                "challenge" => {
                    let response = exchange.respond(&element.text()).map_err(distrust)?;
                    self.send(wire, &nonza("response", &response), server)
                        .await?;
                }
                "success" => return exchange.succeed(&element.text()).map_err(distrust),
                "failure" => return Err(self.login_failure(&Condition::read(&element), server)),
                other => {
                    return Err(temporary(
                        server,
                        &format!("<{other}> came during the login"),
                    ));
                }
            }
        }
    }

    async fn establish(
        &self,
        mut wire: Wire,
        features: &Features,
        previous: Option<&Management>,
        server: &str,
    ) -> Result<Established, OpenError> {
        if let Some(previous) = previous.filter(|_| features.management)
            && let Some(h) = self.resume(&mut wire, previous, server).await?
        {
            let kind = Kind::Resumed(h);
            return Ok(Established {
                wire,
                kind,
                early: Vec::new(),
            });
        }
        let jid = self.bind(&mut wire, server).await?;
        let mut early = Vec::new();
        let management = match features.management {
            true => self.enable(&mut wire, &mut early, server).await?,
            false => None,
        };
        let kind = Kind::Fresh { jid, management };
        Ok(Established { wire, kind, early })
    }

    /// Asks for the earlier session (XEP-0198, 5). The answer is the number of stanzas the server handled, or `None` if it forgot.
    async fn resume(
        &self,
        wire: &mut Wire,
        previous: &Management,
        server: &str,
    ) -> Result<Option<u32>, OpenError> {
        let Some(id) = previous.id() else {
            return Ok(None);
        };
        let resume = sm::Resume {
            h: previous.received(),
            previd: sm::StreamId(id.to_owned()),
        };
        self.send(wire, &Element::from(resume), server).await?;
        loop {
            let element = self.receive(wire, server).await?;
            match element.name() {
                "resumed" if element.ns() == ns::SM => return Ok(handled(&element)),
                "r" if element.ns() == ns::SM => {}
                // `failed` in whatever form: ejabberd's does not fit the schema. Then a fresh session is what remains.
                _ => return Ok(None),
            }
        }
    }

    /// Binds the resource (RFC 6120, 7).
    async fn bind(&self, wire: &mut Wire, server: &str) -> Result<FullJid, OpenError> {
        let mut bind = Element::bare("bind", ns::BIND);
        if let Some(resource) = &self.options.account.resource {
            bind.append_child(leaf("resource", ns::BIND, resource));
        }
        self.send(wire, &request("bind", bind), server).await?;
        let answer = self.receive(wire, server).await?;
        if let Some(error) = answer.get_child("error", protocol_ns::CLIENT) {
            return Err(self.bind_failure(&Condition::read(error), server));
        }
        let bound = answer
            .get_child("bind", ns::BIND)
            .and_then(|bind| bind.get_child("jid", ns::BIND));
        let bound = bound.and_then(|jid| jid.text().trim().parse().ok());
        bound.ok_or_else(|| temporary(server, "the answer to the binding names no address"))
    }

    /// Turns stream management on (XEP-0198, 3).
    async fn enable(
        &self,
        wire: &mut Wire,
        early: &mut Vec<Guarded>,
        server: &str,
    ) -> Result<Option<Management>, OpenError> {
        let enable = sm::Enable {
            max: None,
            resume: self.options.resume,
        };
        self.send(wire, &Element::from(enable), server).await?;
        loop {
            match self.child(wire, server).await? {
                Guarded::Element(element) if element.ns() == ns::SM => {
                    return Ok(enabled(&element));
                }
                Guarded::Element(element) if !is_stanza(element.name(), &element.ns()) => {
                    self.stream_error(&element, server)?
                }
                stanza if early.len() < EARLY => early.push(stanza),
                _ => {
                    return Err(temporary(
                        server,
                        "no answer came to the request to manage the stream",
                    ));
                }
            }
        }
    }

    async fn send(
        &self,
        wire: &mut Wire,
        element: &Element,
        server: &str,
    ) -> Result<(), OpenError> {
        wire.send(element)
            .await
            .map_err(|error| temporary(server, &connection_text(&error)))
    }

    /// The next child, whatever it is.
    async fn child(&self, wire: &mut Wire, server: &str) -> Result<Guarded, OpenError> {
        loop {
            match wire.next().await {
                Incoming::Child(child) => return Ok(child),
                Incoming::Silence | Incoming::Flushed => {}
                Incoming::Poisoned(problem) => {
                    return Err(temporary(server, &format!("unreadable XML: {problem}")));
                }
                Incoming::Lost(reason) => return Err(temporary(server, &reason)),
            }
        }
    }

    /// The next child, which must be within the bounds and no stream error.
    async fn receive(&self, wire: &mut Wire, server: &str) -> Result<Element, OpenError> {
        match self.child(wire, server).await? {
            Guarded::Element(element) => {
                self.stream_error(&element, server)?;
                Ok(element)
            }
            Guarded::Refused(_, refusal) => Err(temporary(server, &refusal.to_string())),
        }
    }

    fn stream_error(&self, element: &Element, server: &str) -> Result<(), OpenError> {
        if !element.is("error", ns::STREAM) {
            return Ok(());
        }
        Err(stream_error(
            self.options,
            server,
            &Condition::read(element),
        ))
    }

    fn impostor(&self, server: &str, problem: &Distrust) -> OpenError {
        let account = self.options.account.jid.clone();
        let (server, problem) = (server.to_owned(), problem.to_string());
        End::Impostor {
            account,
            server,
            problem,
        }
        .into()
    }

    /// RFC 6120, 6.5.
    fn login_failure(&self, condition: &Condition, server: &str) -> OpenError {
        let account = self.options.account.jid.clone();
        let server = server.to_owned();
        match condition.name.as_str() {
            // A fresh account that answers `conflict` and then refuses our password is somebody else's.
            "not-authorized" | "invalid-authzid" if *self.registered == Registered::Unknown => {
                End::RegistrationConflict { account }.into()
            }
            "not-authorized" | "invalid-authzid" => End::WrongPassword { account, server }.into(),
            "temporary-auth-failure" | "aborted" => {
                temporary(&server, &format!("login failed for now: {condition}"))
            }
            _ => End::AccountRefused {
                account,
                server,
                reason: condition.to_string(),
            }
            .into(),
        }
    }

    /// RFC 6120, 7.7.2.
    fn bind_failure(&self, condition: &Condition, server: &str) -> OpenError {
        let account = &self.options.account;
        match condition.name.as_str() {
            "conflict" => End::Conflict {
                jid: full(account.jid.as_str(), account.resource.as_deref()),
            }
            .into(),
            _ => temporary(
                server,
                &format!("the server refused the session: {condition}"),
            ),
        }
    }
}

/// Most stanzas kept that arrive before stream management is on.
const EARLY: usize = 64;

/// What a stream error means for the session (RFC 6120, 4.9.3).
pub(crate) fn stream_error(options: &Options, server: &str, condition: &Condition) -> OpenError {
    let account = options.account.jid.clone();
    match condition.name.as_str() {
        "conflict" => End::Conflict {
            jid: full(account.as_str(), options.account.resource.as_deref()),
        }
        .into(),
        "policy-violation" => End::Policy {
            account,
            text: condition.to_string(),
        }
        .into(),
        "not-authorized" => End::AccountRefused {
            account,
            server: server.to_owned(),
            reason: condition.to_string(),
        }
        .into(),
        "host-unknown" => {
            let domain = account.domain();
            temporary(
                server,
                &format!(
                    "it does not serve `{domain}`: check the account's name and the server's host"
                ),
            )
        }
        "system-shutdown" => temporary(server, "it is shutting down"),
        _ => temporary(server, &format!("it ended the stream: {condition}")),
    }
}

fn full(account: &str, resource: Option<&str>) -> String {
    resource.map_or_else(
        || account.to_owned(),
        |resource| format!("{account}/{resource}"),
    )
}

fn no_mechanism(features: &Features, server: &str) -> OpenError {
    let offered = archipel_protocol::text::clean_line(&features.mechanisms.join(", "), 120);
    End::NoMechanism {
        server: server.to_owned(),
        offered,
    }
    .into()
}

/// A failure that may pass.
pub(crate) fn temporary(server: &str, problem: &str) -> OpenError {
    OpenError::Temporary(format!("{server}: {problem}"))
}

/// The count in `<resumed/>` and `<a/>`.
pub(crate) fn handled(element: &Element) -> Option<u32> {
    element.attr("h")?.trim().parse().ok()
}

/// Reads `<enabled/>`; anything else means that the stream is not managed.
fn enabled(element: &Element) -> Option<Management> {
    let resumable = matches!(element.attr("resume"), Some("true" | "1"));
    let id = element.attr("id").filter(|_| resumable);
    (element.name() == "enabled").then(|| Management::new(id.map(str::to_owned)))
}

fn nonza(name: &str, text: &str) -> Element {
    leaf(name, ns::SASL, text)
}

fn leaf(name: &str, namespace: &str, text: &str) -> Element {
    let mut element = Element::bare(name, namespace);
    element.append_text(archipel_protocol::text::valid_xml(text));
    element
}

fn with(mut element: Element, name: &rxml::NcNameStr, value: &str) -> Element {
    element
        .attrs_mut()
        .insert(rxml::Namespace::NONE, name.to_owned(), value.to_owned());
    element
}

/// A request of negotiation. Its id may be fixed: nothing else is in flight.
fn request(id: &str, payload: Element) -> Element {
    let mut iq = Element::bare("iq", protocol_ns::CLIENT);
    iq.append_child(payload);
    with(with(iq, xml_ncname!("type"), "set"), xml_ncname!("id"), id)
}
