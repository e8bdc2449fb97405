//! `capabilities`: libvirt's capabilities document.

use archipel_protocol::{Failure, bounded, failure::FailureKind};

use super::{Answer, Call};
use crate::host::Host;

pub(super) fn run(host: &mut Host, _: &Call) -> Answer {
    let calls = host.tools.calls.clone();
    Answer::Later(Box::pin(async move {
        let document = calls.read(|driver| driver.capabilities()).await;
        let document =
            document.map_err(|error| error.into_failure("read the capabilities of the host"))?;
        let element = bounded(&document).map_err(|error| {
            let text = format!("could not read libvirt's capabilities: {error}");
            Failure::new(FailureKind::Unsupported, text)
        })?;
        Ok(vec![element])
    }))
}
