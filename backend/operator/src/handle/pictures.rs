//! Pictures of machines' screens.

use archipel_fleet::VmRef;
use archipel_protocol::{
    Reply, Request as Question,
    chunks::Assembly,
    pictures::{Action, Piece, Reply as Told},
};

use super::{Handle, definitions::odd};
use crate::error::OperatorError;

/// A picture of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it is, as the agent says: `image/png`.
    pub mime: String,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// The picture, base64, at most 256 KiB of it.
    pub base64: String,
}

impl Handle {
    /// The screen of a machine as it is now.
    pub async fn screenshot(&self, vm: &VmRef) -> Result<Picture, OperatorError> {
        let mut assembly = Assembly::default();
        let mut action = Action::whole();
        loop {
            let piece = self.piece(vm, action).await?;
            let whole = assembly
                .add(&piece.chunk)
                .map_err(|why| OperatorError::Malformed {
                    from: vm.hypervisor.to_string(),
                    why,
                })?;
            if let Some(base64) = whole {
                return Ok(Picture {
                    mime: piece.mime,
                    width: piece.width,
                    height: piece.height,
                    base64,
                });
            }
            action = Action::next(piece.chunk.digest, assembly.offset() as u64);
        }
    }

    async fn piece(&self, vm: &VmRef, action: Action) -> Result<Piece, OperatorError> {
        let question = Question::Pictures(action);
        match self.demand(&vm.hypervisor, Some(vm.vm), question).await? {
            Reply::Pictures(Told::Piece(piece)) => Ok(piece),
            _ => Err(odd(&vm.hypervisor)),
        }
    }
}
