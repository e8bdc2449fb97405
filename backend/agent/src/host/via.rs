//! The way back to whoever asked, and the manner in which the answer is given.

use std::sync::Arc;

use archipel_bus::{SendError, Session};
use archipel_protocol::{
    FullJid, Iq, Request, Stanza, VmId,
    chat::Chat,
    commands::{self, NoteKind},
    failure::FailureKind,
};

use crate::{
    machine::Question,
    talk::{Deed, Speaker, refused, said},
};

/// The session through which a request came.
#[derive(Debug, Clone)]
pub(crate) struct Via {
    session: Session,
    /// The machine whose session it is; `None`: the hypervisor's.
    pub(crate) vm: Option<VmId>,
    /// How the requester wants to be answered.
    manner: Manner,
    /// A machine's session waits for the answer before it ends.
    _question: Option<Question>,
}

/// How an answer is given.
#[derive(Debug, Clone)]
enum Manner {
    /// As it is.
    Iq,
    /// In words.
    Words(Arc<Words>),
}

/// What it takes to put an answer into words.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) deed: Deed,
    pub(super) request: Request,
    pub(super) speaker: Speaker,
    pub(super) to: Listener,
}

/// Who hears the words.
#[derive(Debug)]
pub(super) enum Listener {
    /// Somebody who chats.
    Chat { to: FullJid, thread: Option<String> },
    /// Whoever had a command carried out.
    Command { session: Option<String> },
}

impl Via {
    /// The hypervisor's own session.
    pub(crate) fn hypervisor(session: Session) -> Self {
        Self {
            session,
            vm: None,
            manner: Manner::Iq,
            _question: None,
        }
    }

    /// A machine's session.
    pub(crate) fn machine(session: Session, vm: VmId, question: Question) -> Self {
        Self {
            session,
            vm: Some(vm),
            manner: Manner::Iq,
            _question: Some(question),
        }
    }

    /// Whether the requester talks.
    pub(super) fn is_in_words(&self) -> bool {
        matches!(self.manner, Manner::Words(_))
    }

    /// The same way, for an answer in words.
    pub(super) fn in_words(&self, words: Words) -> Self {
        Self {
            manner: Manner::Words(Arc::new(words)),
            ..self.clone()
        }
    }

    /// Answers at once; gives the answer back while the way is full.
    pub(crate) fn try_answer(&self, answer: Iq) -> Option<Iq> {
        match self.session.try_send(self.stanza(&answer)) {
            Err(SendError::Full) => Some(answer),
            Ok(()) | Err(SendError::Closed) => None,
        }
    }

    /// Answers, waiting while the way is full. Whoever asked through a session that is over gets no answer.
    pub(crate) async fn answer(&self, answer: Iq) {
        let _ = self.session.send(self.stanza(&answer)).await;
    }

    /// The session itself.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    fn stanza(&self, answer: &Iq) -> Stanza {
        match &self.manner {
            Manner::Iq => answer.clone().into(),
            Manner::Words(words) => words.stanza(answer),
        }
    }
}

impl Words {
    fn stanza(&self, answer: &Iq) -> Stanza {
        let said = said(&self.speaker, self.deed, &self.request, answer);
        match &self.to {
            Listener::Chat { to, thread } => {
                let text = said.unwrap_or_else(|failure| refused(&failure));
                spoken(to.clone(), thread.clone(), text)
            }
            Listener::Command { session } => {
                let (kind, text) = match said {
                    Ok(text) => (NoteKind::Info, text),
                    // Clients know what to do with this one.
                    Err(failure) if failure.kind == FailureKind::Forbidden => {
                        return without_request(answer).into();
                    }
                    Err(failure) => (NoteKind::Error, refused(&failure)),
                };
                let done = commands::Answer {
                    node: self.deed.id().to_owned(),
                    session: session.clone(),
                    status: commands::Status::Completed,
                    actions: Vec::new(),
                    form: None,
                    notes: vec![(kind, text)],
                };
                Iq {
                    kind: archipel_protocol::IqKind::Result,
                    payloads: vec![done.to_element()],
                    ..answer.clone()
                }
                .into()
            }
        }
    }
}

/// A refusal without the request, which was no command.
fn without_request(answer: &Iq) -> Iq {
    Iq {
        payloads: answer.error().cloned().into_iter().collect(),
        ..answer.clone()
    }
}

/// A line of chat.
pub(super) fn spoken(to: FullJid, thread: Option<String>, text: String) -> Stanza {
    let chat = Chat {
        text: Some(text),
        thread,
        typing: None,
    };
    chat.to_message(to.into()).into()
}
