//! The picture of the hypervisor or a machine, set: read from its file, published on the card, told in presence.

use archipel_protocol::{Failure, FileName, Iq, VmId, audit::Outcome, vcard::Photo};

use super::{Done, Host, JOBS, Via, ask, ask::Shape};
use crate::{eventlog::Fact, messages::Refusal, pictures};

/// A picture that the requester may set.
#[derive(Debug)]
pub(crate) struct PictureWish {
    /// Whose: a machine's, or the hypervisor's.
    pub(crate) of: Option<VmId>,
    /// The file's name.
    pub(crate) name: FileName,
}

/// What became of it.
pub(crate) struct PictureEnd {
    via: Via,
    iq: Iq,
    shape: Shape,
    wish: PictureWish,
    result: Result<Photo, Failure>,
}

impl Host {
    /// Reads the picture.
    pub(super) fn change_picture(&mut self, via: Via, iq: Iq, shape: Shape, wish: PictureWish) {
        if self.is_overloaded() {
            return self.reply(&via, &iq, &shape, Refusal::Overloaded(JOBS).into_reply());
        }
        let folder = self.tools.store.pictures();
        self.jobs.spawn(async move {
            let result = pictures::read(folder, wish.name.clone()).await;
            Done::Picture(Box::new(PictureEnd {
                via,
                iq,
                shape,
                wish,
                result,
            }))
        });
    }

    /// Shows the picture, if there is one.
    pub(super) fn picture_read(&mut self, end: PictureEnd) {
        let PictureEnd {
            via,
            iq,
            shape,
            wish,
            result,
        } = end;
        let photo = match result {
            Ok(photo) => photo,
            Err(failure) => return self.reply(&via, &iq, &shape, Err(failure)),
        };
        match wish.of {
            None => self.publish_face(Some(photo)),
            Some(id) => self.sessions.picture(id, photo),
        }
        self.note(Fact {
            vm: wish.of,
            name: wish.of.map(|id| self.state.name(id)).unwrap_or_default(),
            what: "picture",
            by: ask::requester(&iq),
            text: wish.name.to_string(),
            audited: Some(("setavatar".to_owned(), Outcome::Done)),
            ..Fact::default()
        });
        self.reply(&via, &iq, &shape, Ok(Vec::new()));
    }
}
