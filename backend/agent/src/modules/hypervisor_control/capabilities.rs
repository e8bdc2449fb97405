//! `capabilities`: libvirt's capabilities document.

use archipel_hypervisor::Driver;
use archipel_protocol::bounded;

use super::{Answer, Call};
use crate::{host::Host, messages::Refusal};

const WHAT: &str = "read the capabilities of the host";

pub(crate) fn run(host: &mut Host, _: &Call) -> Answer {
    let calls = host.tools.calls.clone();
    Answer::Later(Box::pin(async move {
        let document = calls.read(Driver::capabilities).await;
        let document = document.map_err(|error| error.into_failure(WHAT))?;
        let element = bounded(&document).map_err(|why| Refusal::Unreadable {
            what: WHAT.to_owned(),
            why: why.to_string(),
        })?;
        Ok(vec![element])
    }))
}
