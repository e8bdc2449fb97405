//! `discard`: throws saved memory away. None there is no error.

use archipel_hypervisor::Domain;
use archipel_protocol::{Element, VmId};

use super::{Answer, Call, Change, Outcome, unguarded};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(unguarded(host, call).map(discard))
}

fn discard(vm: VmId) -> Change {
    Change {
        vm,
        verb: "discard the saved memory of",
        act: Box::new(move |driver| {
            if driver.domain(vm)?.saved {
                driver.drop_saved(vm)?;
            }
            Ok(Outcome::default())
        }),
        settled,
    }
}

fn settled(domain: &Domain) -> Option<Vec<Element>> {
    (!domain.saved).then(Vec::new)
}
