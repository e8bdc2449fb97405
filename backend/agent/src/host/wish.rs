//! What somebody wishes and may have, but only once it is written down or read: they wait, and the host works on.

use archipel_protocol::Iq;

use super::{Done, Host, JOBS, Via, ask::Shape};
use crate::{messages::Refusal, modules::Reply};

/// Who asked, and how they are answered.
pub(crate) struct Asker {
    via: Via,
    pub(super) iq: Iq,
    shape: Shape,
}

/// A wish and what came of it.
pub(crate) struct Wished<W, R> {
    pub(super) asker: Asker,
    pub(super) wish: W,
    pub(super) result: R,
}

impl Asker {
    pub(super) fn new(via: &Via, iq: Iq, shape: Shape) -> Self {
        let via = via.clone();
        Self { via, iq, shape }
    }
}

impl Host {
    /// Has the work for a wish done aside; its end comes back as `done`.
    pub(super) fn pursue<W: Send + 'static, R: Send + 'static>(
        &mut self,
        (asker, wish): (Asker, W),
        work: impl Future<Output = R> + Send + 'static,
        done: fn(Box<Wished<W, R>>) -> Done,
    ) {
        if self.is_overloaded() {
            return self.answer(&asker, Refusal::Overloaded(JOBS).into_reply());
        }
        self.jobs.spawn(async move {
            let result = work.await;
            done(Box::new(Wished {
                asker,
                wish,
                result,
            }))
        });
    }

    pub(super) fn answer(&mut self, asker: &Asker, reply: Reply) {
        self.reply(&asker.via, &asker.iq, &asker.shape, reply);
    }
}
