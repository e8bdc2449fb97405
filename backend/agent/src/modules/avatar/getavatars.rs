//! `getavatars`: the pictures of the folder `avatars` in the agent's state folder.

use archipel_protocol::{
    Reply,
    avatar::{self, Avatars},
};

use super::{Answer, Call};
use crate::{host::Host, pictures};

pub(super) fn run(host: &mut Host, _: &Call) -> Answer {
    let folder = host.tools.store.pictures();
    Answer::Later(Box::pin(async move {
        let pictures = pictures::all(folder).await;
        let avatars = avatar::Reply::Avatars(Avatars { pictures });
        Ok(Reply::Avatar(avatars).to_elements())
    }))
}
