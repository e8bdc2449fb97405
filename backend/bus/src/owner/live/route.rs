//! Where a stanza goes: to a waiting request, to an answer of the session's own, or to the consumer.

use archipel_protocol::{Iq, IqKind, Stanza, ns};
use jid::{DomainRef, Jid};
use minidom::Element;

use super::{KEEP_ALIVE, Leave, Live};
use crate::{Event, Refusal, guard::Header};

impl Live<'_> {
    pub(super) fn route(&mut self, stanza: Stanza) -> Result<(), Leave> {
        match stanza {
            Stanza::Iq(iq) if iq.kind == IqKind::Get && asks(&iq, "ping", ns::PING) => {
                self.write(Stanza::Iq(iq.result(None)).into_element())?;
            }
            Stanza::Iq(iq) if iq.kind == IqKind::Set && asks(&iq, "query", ns::ROSTER) => {
                self.roster_push(iq)?;
            }
            Stanza::Iq(iq) if !iq.kind.is_request() => self.answer(iq),
            other => self.show(other),
        }
        Ok(())
    }

    fn answer(&mut self, iq: Iq) {
        let unexpected = self.desk.shared().requests.complete(iq);
        if let Some(iq) = unexpected.filter(|iq| iq.id != KEEP_ALIVE) {
            self.show(Stanza::Iq(iq));
        }
    }

    /// RFC 6121, 2.1.6: a push must be acknowledged, and ignored unless it comes from the own account.
    fn roster_push(&mut self, iq: Iq) -> Result<(), Leave> {
        let own = |from: &Jid| from.as_str() == self.options.account.jid.as_str();
        if !iq.from.as_ref().is_none_or(own) {
            let header = Header::of(&Stanza::Iq(iq).into_element());
            return self.refuse(&header, Refusal::ForgedRosterPush);
        }
        self.write(Stanza::Iq(iq.result(None)).into_element())?;
        self.show(Stanza::Iq(iq));
        Ok(())
    }

    fn show(&mut self, stanza: Stanza) {
        self.desk.tell(Event::Stanza(stanza));
    }

    /// Answers a refused request, so that its sender need not wait, and tells the consumer.
    pub(super) fn refuse(&mut self, header: &Header, why: Refusal) -> Result<(), Leave> {
        let from = header.sender();
        if let (true, Some(from), Some(id)) = (header.is_request(), &from, &header.id) {
            self.write(refusal(from.clone(), id.clone(), &why).into_element())?;
        }
        self.desk.tell(Event::Refused { from, why });
        Ok(())
    }
}

fn asks(iq: &Iq, name: &str, namespace: &str) -> bool {
    iq.payload()
        .is_some_and(|payload| payload.is(name, namespace))
}

/// The refused request is not repeated in the answer: it was never kept.
fn refusal(to: Jid, id: String, why: &Refusal) -> Stanza {
    let (kind, condition) = match why {
        Refusal::Unreadable(_) => ("modify", "jid-malformed"),
        Refusal::ForgedRosterPush => ("cancel", "service-unavailable"),
        _ => ("modify", "policy-violation"),
    };
    let mut error = Element::bare("error", ns::CLIENT);
    error.attrs_mut().insert(
        rxml::Namespace::NONE,
        rxml::xml_ncname!("type").to_owned(),
        kind.to_owned(),
    );
    error.append_child(Element::bare(condition, ns::STANZA_ERRORS));
    Stanza::Iq(Iq {
        kind: IqKind::Error,
        id,
        from: None,
        to: Some(to),
        payloads: vec![error],
    })
}

/// Asks the server for a sign of life (XEP-0199).
pub(super) fn ping(domain: &DomainRef) -> Element {
    let mut ping = Iq::request(
        IqKind::Get,
        domain.as_str().parse().ok(),
        Element::bare("ping", ns::PING),
    );
    KEEP_ALIVE.clone_into(&mut ping.id);
    Stanza::Iq(ping).into_element()
}
