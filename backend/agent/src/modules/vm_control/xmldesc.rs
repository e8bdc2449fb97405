//! `xmldesc`: the machine's definition, without secrets and without the `<description>` that may hold one.

use archipel_protocol::{Element, Failure, VmState, bounded, vm_control::not_defined_element};

use super::{Answer, Call, machine};
use crate::{host::Host, messages::Refusal};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let (id, name, state) = match machine(host, call) {
        Ok((id, machine)) => (id, machine.name.clone(), machine.state()),
        Err(failure) => return Answer::Now(Err(failure)),
    };
    if state == VmState::Undefined {
        return Answer::Now(Ok(vec![not_defined_element()]));
    }
    let calls = host.tools.calls.clone();
    Answer::Later(Box::pin(async move {
        let text = calls.read(move |driver| driver.definition(id)).await;
        let what = format!("read the definition of `{name}`");
        let text = text.map_err(|error| error.into_failure(&what))?;
        Ok(vec![element(&text, &what)?])
    }))
}

fn element(text: &str, what: &str) -> Result<Element, Failure> {
    let refuse = |why: String| Refusal::Unreadable {
        what: what.to_owned(),
        why,
    };
    let shareable = archipel_domain::shareable(text).map_err(|why| refuse(why.to_string()))?;
    Ok(bounded(&shareable).map_err(|why| refuse(why.to_string()))?)
}
