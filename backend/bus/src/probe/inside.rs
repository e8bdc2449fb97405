//! A session to look around from.

use std::{sync::Arc, time::Duration};

use archipel_config::finding::Software;
use archipel_protocol::{
    Element, Iq, IqKind,
    disco::{self, Info},
    version::{self, Version},
};
use jid::Jid;
use tokio::{sync::OnceCell, task::JoinHandle};

use super::{Access, Aim, Examined, INSIDE, Line, all, line::Entered};
use crate::{Events, RequestError, Session};

/// How long an answer of the server may take.
const ANSWER: Duration = Duration::from_secs(10);
/// The most services of a server that are asked what they are.
const SERVICES: usize = 24;

/// A session to look around from.
#[derive(Debug)]
pub struct Inside {
    /// The way here.
    pub(super) line: Arc<Line>,
    /// The session.
    pub(super) session: Session,
    /// Whether a lost connection can be resumed.
    pub(super) resumable: bool,
    version: OnceCell<Version>,
    services: OnceCell<Vec<(Jid, Info)>>,
    reader: JoinHandle<()>,
}

impl Inside {
    pub(super) fn new(line: Arc<Line>, entered: Entered) -> Self {
        Self {
            line,
            session: entered.session,
            resumable: entered.resumable,
            version: OnceCell::new(),
            services: OnceCell::new(),
            reader: tokio::spawn(read(entered.events)),
        }
    }

    /// Runs the checks of a session, then ends it.
    pub(super) async fn examine(self, aim: Aim<'_>) -> Examined {
        let findings = all(INSIDE, &self, aim).await;
        let software = self.software().await;
        self.session.stop();
        // Only that the session has ended matters.
        let _ = tokio::time::timeout(ANSWER, self.reader).await;
        Examined {
            findings,
            access: Access::In,
            software,
        }
    }

    /// The server's own address.
    pub(super) fn server(&self) -> Option<Jid> {
        self.line.domain().parse().ok()
    }

    /// Asks somebody; `None` is the own account.
    pub(super) async fn ask(
        &self,
        kind: IqKind,
        to: Option<Jid>,
        payload: Element,
    ) -> Result<Iq, RequestError> {
        let request = Iq::request(kind, to, payload);
        self.session.request(request, ANSWER).await
    }

    /// Name and version of the server's software; empty where it does not tell.
    pub(super) async fn version(&self) -> &Version {
        let ask = async || {
            let answer = self.ask(IqKind::Get, self.server(), version::query()).await;
            let payload = answer.ok().and_then(|iq| iq.payload().cloned());
            payload
                .and_then(|query| Version::parse(&query).ok())
                .unwrap_or_default()
        };
        self.version.get_or_init(ask).await
    }

    async fn software(&self) -> Option<Software> {
        match self.version().await.name.to_lowercase() {
            name if name.contains("prosody") => Some(Software::Prosody),
            name if name.contains("ejabberd") => Some(Software::Ejabberd),
            _ => None,
        }
    }

    /// What an entity can do.
    pub(super) async fn info(&self, of: Jid) -> Option<Info> {
        let answer = self.ask(IqKind::Get, Some(of), disco::query(None)).await;
        Info::parse(answer.ok()?.payload()?).ok()
    }

    /// The services of the server and what they are; asked once.
    pub(super) async fn services(&self) -> &[(Jid, Info)] {
        self.services.get_or_init(|| self.ask_services()).await
    }

    async fn ask_services(&self) -> Vec<(Jid, Info)> {
        let items = self
            .ask(IqKind::Get, self.server(), disco::ask_items())
            .await;
        let payload = items.ok().and_then(|iq| iq.payload().cloned());
        let items = payload.and_then(|query| disco::parse_items(&query).ok());
        let asked = items
            .unwrap_or_default()
            .into_iter()
            .take(SERVICES)
            .map(async |jid| Some((jid.clone(), self.info(jid).await?)));
        let known = futures::future::join_all(asked).await;
        known.into_iter().flatten().collect()
    }

    /// The address of the service that is this (XEP-0030 category and type).
    pub(super) async fn service(&self, category: &str, kind: &str) -> Option<Jid> {
        let is = |info: &Info| {
            info.identities
                .iter()
                .any(|own| own.category == category && own.kind == kind)
        };
        let services = self.services().await;
        let found = services.iter().find(|(_, info)| is(info));
        found.map(|(jid, _)| jid.clone())
    }
}

/// Takes events so that the session goes on reading.
async fn read(mut events: Events) {
    while events.next().await.is_some() {}
}

/// Whether the answer says that nobody serves such a request. Other refusals come from somebody who does.
pub(super) fn is_unknown(answer: &Result<Iq, RequestError>) -> bool {
    condition(answer).is_some_and(|condition| {
        matches!(
            condition.as_str(),
            "service-unavailable" | "feature-not-implemented"
        )
    })
}

/// The condition of a refusal.
pub(super) fn condition(answer: &Result<Iq, RequestError>) -> Option<String> {
    let Err(RequestError::Refused(iq)) = answer else {
        return None;
    };
    let error = iq.error()?;
    Some(crate::features::Condition::read(error).name)
}

/// A refusal or a silence, for people.
pub(super) fn text(answer: &Result<Iq, RequestError>) -> String {
    match (condition(answer), answer) {
        (Some(condition), _) => condition,
        (None, Err(error)) => error.to_string(),
        (None, Ok(_)) => String::new(),
    }
}
