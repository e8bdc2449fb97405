//! `create`: starts the machine.

use archipel_hypervisor::{Domain, Power};
use archipel_protocol::{Element, VmId, vm_control::created_element};

use super::{Answer, Call, Change, Outcome, startable, word};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(startable(host, call).map(start))
}

pub(super) fn start(vm: VmId) -> Change {
    Change {
        vm,
        verb: word(Power::Start),
        act: Box::new(move |driver| {
            driver.power(vm, Power::Start)?;
            // A machine may be gone again by now; it was started nevertheless.
            let run_id = driver.domain(vm).ok().and_then(|domain| domain.run_id);
            Ok(Outcome::of(vec![created_element(
                run_id.unwrap_or_default(),
            )]))
        }),
        settled,
    }
}

fn settled(domain: &Domain) -> Option<Vec<Element>> {
    let run_id = domain.run_id.unwrap_or_default();
    domain
        .state
        .is_active()
        .then(|| vec![created_element(run_id)])
}
