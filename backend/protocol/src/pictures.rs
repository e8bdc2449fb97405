//! `archipel:vm:control`, in our own words: a picture of a machine's screen, in pieces that each fit into a stanza.
//!
//! The first request takes the picture and answers its first piece; the others name it by its digest. The original's `screenshot`
//! ([`vm_resources`](crate::vm_resources)) answers a picture that is small enough for one stanza.

use crate::{
    chunks::{self, Chunk, Digest},
    ns,
    table::{actions, record, replies},
    vm_resources::Thumbnail,
};

actions! {
    /// A request.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// A piece of a picture.
        Picture = "picture" as "screenshot", reads, -1108 {
            /// Whether a picture of at most 216 × 162 will do.
            thumbnail: bool = "size" via Thumbnail,
            /// Of which picture; absent: of one that is taken now.
            of: Option<Digest> = "of",
            /// From which byte of its base64 text on.
            offset: Option<u64> = "offset",
        } => Piece(Piece),
    }
}

impl Action {
    /// The whole screen as it is now: its first piece.
    pub const fn whole() -> Self {
        Self::Picture {
            thumbnail: false,
            of: None,
            offset: None,
        }
    }

    /// The piece after those that were assembled.
    pub fn next(of: Digest, offset: u64) -> Self {
        Self::Picture {
            thumbnail: false,
            of: Some(of),
            offset: Some(offset),
        }
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// A piece of the picture.
        Piece(piece: Piece),
    }
}

record! {
    /// A piece of a picture.
    #[derive(Eq)]
    pub struct Piece = "picture" in ns::VM_CONTROL {
        /// What the picture is: `image/png`.
        mime: String = "mime",
        /// Width, pixels.
        width: u32 = "width",
        /// Height, pixels.
        height: u32 = "height",
        /// A piece of its base64 text.
        chunk: Chunk = "chunk" via chunks::Piece,
    }
}
