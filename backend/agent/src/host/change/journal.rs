//! A change and the journal: whether it was begun before, and what became of it.

use archipel_protocol::Element;

use super::Job;
use crate::{
    messages::Refusal,
    modules::Reply,
    store::{Begun, StoreError},
};

/// Whether to act.
pub(super) enum Verdict {
    Act,
    /// Answered already: with this.
    Answer(Result<Option<Element>, Element>),
}

impl Job {
    /// Whether the journal knows the operation, before anybody waits for a turn.
    pub(super) async fn look(&self) -> Verdict {
        let Some(entry) = self.entry.clone() else {
            return Verdict::Act;
        };
        let known = self.tools.store.recorded(entry, self.clock.now()).await;
        match known {
            Ok(None) => Verdict::Act,
            Ok(Some(begun)) => self.known(begun).await,
            Err(error) => self.no_journal(&error),
        }
    }

    /// Writes the journal; after this the operation counts as begun.
    pub(super) async fn begin(&self) -> Verdict {
        let Some(entry) = self.entry.clone() else {
            return Verdict::Act;
        };
        match self.tools.store.begin(entry, self.clock.now()).await {
            Ok(begun) => self.known(begun).await,
            Err(error) => self.no_journal(&error),
        }
    }

    fn no_journal(&self, error: &StoreError) -> Verdict {
        tracing::error!(%error, what = self.what, "not begun");
        self.refusal(Refusal::NoJournal {
            what: self.what.clone(),
            why: error.to_string(),
        })
    }

    fn refusal(&self, refusal: Refusal) -> Verdict {
        Verdict::Answer(self.shape.element(refusal.into_reply()))
    }

    async fn known(&self, begun: Begun) -> Verdict {
        match begun {
            Begun::Fresh => Verdict::Act,
            Begun::Recorded(answer) => Verdict::Answer(recorded(&answer)),
            Begun::OtherBody => self.refusal(Refusal::OtherBody),
            Begun::Expired => self.refusal(Refusal::Expired),
            Begun::Unfinished => self.settle().await,
        }
    }

    /// An earlier life of the agent began this and did not see its end: libvirt may tell.
    async fn settle(&self) -> Verdict {
        let vm = self.vm;
        let domain = self.tools.calls.read(move |driver| driver.domain(vm)).await;
        match domain.ok().and_then(|domain| (self.settled)(&domain)) {
            Some(payload) => Verdict::Answer(self.record(Ok(payload)).await),
            None => self.refusal(Refusal::Interrupted(self.what.clone())),
        }
    }

    /// Writes the answer down before it is sent.
    pub(super) async fn record(&self, reply: Reply) -> Result<Option<Element>, Element> {
        let element = self.shape.element(reply);
        let text = match &element {
            Ok(payload) => payload.as_ref().map(String::from).unwrap_or_default(),
            Err(error) => String::from(error),
        };
        if let Some(entry) = self.entry.clone()
            && let Err(error) = self.tools.store.finish(entry, text).await
        {
            tracing::error!(%error, what = self.what, "the result of an operation was not recorded");
        }
        element
    }
}

/// A recorded answer as it was given.
fn recorded(answer: &str) -> Result<Option<Element>, Element> {
    match answer.parse::<Element>() {
        Ok(element) if element.name() == "error" => Err(element),
        Ok(element) => Ok(Some(element)),
        Err(_) => Ok(None),
    }
}
