//! `picture`: what the machine's screen shows, in pieces that do not hold up what else the hypervisor has to say.

use std::sync::Arc;

use archipel_protocol::{
    Failure, Request, VmId,
    chunks::{Chunk, Digest},
    pictures::{Action, Piece},
};

use super::{Answer, Call, machine, screenshot::taken};
use crate::{
    host::Host,
    messages::Refusal,
    modules::Reply,
    screen::{MIME, Picture},
};

/// The longest text that is handed out in pieces.
const LIMIT: usize = 256 << 10;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    answer(host, call).unwrap_or_else(|failure| Answer::Now(Err(failure)))
}

fn answer(host: &Host, call: &Call) -> Result<Answer, Failure> {
    let Request::Pictures(Action::Picture {
        thumbnail,
        of,
        offset,
    }) = call.command.request
    else {
        return Err(call.unknown());
    };
    let (vm, _) = machine(host, call)?;
    let offset = offset.unwrap_or_default();
    match of {
        Some(of) => Ok(Answer::Now(again(host, call, vm, of, offset))),
        None => Ok(anew(host, call, vm, thumbnail)),
    }
}

/// The next piece of one that was taken before.
fn again(host: &Host, call: &Call, vm: VmId, of: Digest, offset: u64) -> Reply {
    let picture = host.screens.find(&call.who, vm, of);
    piece(picture.ok_or(Refusal::PictureGone)?.as_ref(), offset)
}

fn anew(host: &Host, call: &Call, vm: VmId, thumbnail: bool) -> Answer {
    let (shelf, who) = (host.screens.clone(), call.who.clone());
    taken(host, vm, move |screen| {
        let picture = Arc::new(Picture::of(screen, thumbnail, LIMIT)?);
        shelf.put(who, vm, picture.clone());
        piece(&picture, 0)
    })
}

fn piece(picture: &Picture, offset: u64) -> Reply {
    let at = usize::try_from(offset).ok();
    let chunk = at.and_then(|at| Chunk::cut(&picture.text, at));
    let piece = Piece {
        mime: MIME.to_owned(),
        width: picture.width,
        height: picture.height,
        chunk: chunk.ok_or(Refusal::NoPiece(offset))?,
    };
    Ok(vec![piece.to_element()])
}
