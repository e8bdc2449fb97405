//! What a machine's screen shows.

use archipel_hypervisor::{SCREEN_LIMIT, Screen};
use virt::{connect::Connect, domain::Domain, error::Error, stream::Stream};

use crate::failure::Failure;

/// Bytes that are asked for at a time: the daemon sends at most as much.
const PIECE: usize = 256 << 10;

/// A picture of the first screen (`virDomainScreenshot`).
pub(crate) fn take(connect: &Connect, machine: &Domain) -> Result<Screen, Failure> {
    if !machine.is_active()? {
        return Err(Failure::Off);
    }
    let stream = Stream::new(connect, 0)?;
    let mime = machine.screenshot(&stream, 0, 0)?;
    match read(&stream) {
        Ok(Some(bytes)) => {
            stream.finish()?;
            Ok(Screen { mime, bytes })
        }
        Ok(None) => {
            abort(stream);
            Err(Failure::TooLarge)
        }
        Err(error) => {
            abort(stream);
            Err(error.into())
        }
    }
}

/// `None`: it is larger than a picture may be.
fn read(stream: &Stream) -> Result<Option<Vec<u8>>, Error> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        let count = stream.recv(&mut piece)?;
        let count = usize::try_from(count).unwrap_or_default();
        if count == 0 {
            return Ok(Some(bytes));
        }
        if bytes.len() + count > SCREEN_LIMIT {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece[..count.min(PIECE)]);
    }
}

/// What went wrong before is told; that the stream then cannot be ended in order is not.
fn abort(stream: Stream) {
    let _ = stream.abort();
}
