//! After the login: the session of before, or a fresh one.

use jid::FullJid;
use minidom::Element;
use xmpp_parsers::{ns, sm};

use super::{Established, Kind, Negotiator, SESSION_REFUSED, Talk, leaf, request};
use crate::{
    End,
    features::{Condition, Features},
    guard::{Guarded, is_stanza},
    management::Management,
    stream_error,
    transport::OpenError,
};

/// Most stanzas kept that arrive before stream management is on.
const EARLY: usize = 64;

impl Negotiator<'_> {
    pub(super) async fn establish(
        &self,
        mut talk: Talk,
        features: &Features,
        previous: Option<&Management>,
    ) -> Result<Established, OpenError> {
        let previous = previous.filter(|_| features.management);
        let mut early = Vec::new();
        let kind = match self.resume(&mut talk, previous).await? {
            Some(h) => Kind::Resumed(h),
            None => self.begin(&mut talk, features, &mut early).await?,
        };
        let Talk { wire, server } = talk;
        Ok(Established {
            wire,
            server,
            kind,
            early,
        })
    }

    /// Asks for the earlier session (XEP-0198, 5). The answer is the number of stanzas the server handled, or `None` if it forgot.
    async fn resume(
        &self,
        talk: &mut Talk,
        previous: Option<&Management>,
    ) -> Result<Option<u32>, OpenError> {
        let Some((previous, id)) = previous.and_then(|previous| Some((previous, previous.id()?)))
        else {
            return Ok(None);
        };
        let resume = sm::Resume {
            h: previous.received(),
            previd: sm::StreamId(id.to_owned()),
        };
        talk.send(&Element::from(resume)).await?;
        loop {
            let element = self.receive(talk).await?;
            match element.name() {
                "resumed" if element.ns() == ns::SM => return Ok(handled(&element)),
                "r" if element.ns() == ns::SM => {}
                // `failed` in whatever form: ejabberd's does not fit the schema. Then a fresh session is what remains.
                _ => return Ok(None),
            }
        }
    }

    async fn begin(
        &self,
        talk: &mut Talk,
        features: &Features,
        early: &mut Vec<Guarded>,
    ) -> Result<Kind, OpenError> {
        let jid = self.bind(talk).await?;
        let management = if features.management {
            self.enable(talk, early).await?
        } else {
            None
        };
        Ok(Kind::Fresh { jid, management })
    }

    /// Binds the resource (RFC 6120, 7).
    async fn bind(&self, talk: &mut Talk) -> Result<FullJid, OpenError> {
        let mut bind = Element::bare("bind", ns::BIND);
        if let Some(resource) = &self.options.account.resource {
            bind.append_child(leaf("resource", ns::BIND, resource));
        }
        talk.send(&request("bind", bind)).await?;
        let answer = self.receive(talk).await?;
        if let Some(error) = answer.get_child("error", archipel_protocol::ns::CLIENT) {
            return Err(self.bind_failure(&Condition::read(error), talk));
        }
        let bind = answer.get_child("bind", ns::BIND);
        let jid = bind.and_then(|bind| bind.get_child("jid", ns::BIND));
        let jid = jid.and_then(|jid| jid.text().trim().parse().ok());
        jid.ok_or_else(|| talk.temporary("the answer to the binding names no address"))
    }

    /// RFC 6120, 7.7.2.
    fn bind_failure(&self, condition: &Condition, talk: &Talk) -> OpenError {
        match condition.name.as_str() {
            "conflict" => {
                let jid = stream_error::wanted(self.options);
                End::Conflict { jid }.into()
            }
            _ => talk.temporary(format!("{SESSION_REFUSED}: {condition}")),
        }
    }

    /// Turns stream management on (XEP-0198, 3).
    async fn enable(
        &self,
        talk: &mut Talk,
        early: &mut Vec<Guarded>,
    ) -> Result<Option<Management>, OpenError> {
        let enable = sm::Enable {
            max: None,
            resume: self.options.resume,
        };
        talk.send(&Element::from(enable)).await?;
        loop {
            match talk.child().await? {
                Guarded::Element(element) if element.ns() == ns::SM => {
                    return Ok(enabled(&element));
                }
                Guarded::Element(element) if !is_stanza(element.name(), &element.ns()) => {
                    self.check_stream_error(&element, talk)?;
                }
                stanza if early.len() < EARLY => early.push(stanza),
                _ => {
                    return Err(
                        talk.temporary("it does not answer the request to manage the stream")
                    );
                }
            }
        }
    }
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
