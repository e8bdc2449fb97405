//! The way back to whoever asked.

use archipel_bus::{SendError, Session};
use archipel_protocol::{Iq, Stanza, VmId};

/// The session through which a request came.
#[derive(Debug, Clone)]
pub(crate) struct Via {
    session: Session,
    /// The machine whose session it is; `None`: the hypervisor's.
    pub(crate) vm: Option<VmId>,
}

impl Via {
    /// The hypervisor's own session.
    pub(crate) fn hypervisor(session: Session) -> Self {
        Self { session, vm: None }
    }

    /// A machine's session.
    pub(crate) fn machine(session: Session, vm: VmId) -> Self {
        Self {
            session,
            vm: Some(vm),
        }
    }

    /// Answers at once; gives the answer back while the way is full.
    pub(crate) fn try_answer(&self, answer: Iq) -> Option<Iq> {
        match self.session.try_send(answer.clone()) {
            Err(SendError::Full) => Some(answer),
            Ok(()) | Err(SendError::Closed) => None,
        }
    }

    /// Answers, waiting while the way is full. Whoever asked through a session that is over gets no answer.
    pub(crate) async fn answer(&self, answer: Iq) {
        let _ = self.session.send(Stanza::Iq(answer)).await;
    }
}
