//! `archipel:avatar`: the pictures that an entity may show in its card.

use crate::{
    ids::FileName,
    ns,
    table::{Items, Loose, Whole, actions, record, replies},
};

actions! {
    /// A request. The permission has the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// Which pictures there are.
        List = "getavatars", reads, -1 => Avatars(Avatars),
        /// Shows one of them.
        Set = "setavatar", changes, -2 {
            /// Its name in the list.
            name: FileName = "avatar",
        } => Done,
    }
}

replies! {
    /// What an entity answers.
    pub enum Reply {
        /// Done; the original also says so where there is no such picture.
        Done,
        /// The pictures.
        Avatars(avatars: Avatars),
    }
}

record! {
    /// The pictures of an entity's folder.
    #[derive(Eq, Default)]
    pub struct Avatars = "avatars" in ns::AVATAR {
        /// In the order of the entity.
        pictures: Vec<Avatar> = "avatar" via Items,
    }
}

record! {
    /// A picture.
    #[derive(Eq)]
    pub struct Avatar = "avatar" in ns::AVATAR {
        /// Its file's name.
        name: FileName = "name",
        /// Such as `image/png`.
        content_type: String = "content-type" via Loose,
        /// MD5 of the base64 text, hexadecimal: a key for the client's cache.
        hash: String = "hash" via Loose,
        /// The picture, base64.
        data: String = "avatar" via Whole,
    }
}
