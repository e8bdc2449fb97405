//! The picture of the hypervisor or a machine, set: read from its file, published on the card, told in presence.

use archipel_protocol::{Failure, FileName, VmId, audit::Outcome, vcard::Photo};

use super::{
    Done, Host, ask,
    wish::{Asker, Wished},
};
use crate::{eventlog::Fact, pictures};

/// A picture that the requester may set.
#[derive(Debug)]
pub(crate) struct PictureWish {
    /// Whose: a machine's, or the hypervisor's.
    pub(crate) of: Option<VmId>,
    /// The file's name.
    pub(crate) name: FileName,
}

/// What became of it.
pub(super) type PictureEnd = Wished<PictureWish, Result<Photo, Failure>>;

impl Host {
    /// Reads the picture.
    pub(super) fn change_picture(&mut self, asker: Asker, wish: PictureWish) {
        let read = pictures::read(self.tools.store.pictures(), wish.name.clone());
        self.pursue((asker, wish), read, Done::Picture);
    }

    /// Shows the picture, if there is one.
    pub(super) fn picture_read(&mut self, end: PictureEnd) {
        let Wished {
            asker,
            wish,
            result,
        } = end;
        let photo = match result {
            Ok(photo) => photo,
            Err(failure) => return self.answer(&asker, Err(failure)),
        };
        match wish.of {
            None => self.publish_face(Some(photo)),
            Some(id) => self.sessions.picture(id, photo),
        }
        self.note(Fact {
            vm: wish.of,
            name: wish.of.map(|id| self.state.name(id)).unwrap_or_default(),
            what: "picture",
            by: ask::requester(&asker.iq),
            text: wish.name.to_string(),
            audited: Some(("setavatar".to_owned(), Outcome::Done)),
            ..Fact::default()
        });
        self.answer(&asker, Ok(Vec::new()));
    }
}
