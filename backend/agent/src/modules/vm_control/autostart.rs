//! `autostart`: whether the machine starts with its host.

use archipel_hypervisor::Domain;
use archipel_protocol::{Element, Request, VmId, vm_control};

use super::{Answer, Call, Change, Outcome, changeable, startable};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let on = match call.command.request {
        Request::VmControl(vm_control::Action::Autostart { on }) => Ok(on),
        _ => Err(call.unknown()),
    };
    let change = on.and_then(|on| {
        // One on whose disks others build must not start with its host either.
        let allowed = if on { startable } else { changeable };
        Ok(autostart(allowed(host, call)?, on))
    });
    Answer::change(change)
}

fn autostart(vm: VmId, on: bool) -> Change {
    Change {
        vm,
        verb: if on {
            "set autostart of"
        } else {
            "clear autostart of"
        },
        act: Box::new(move |driver| {
            driver.set_autostart(vm, on)?;
            Ok(Outcome::default())
        }),
        settled: if on { is_on } else { is_off },
    }
}

fn is_on(domain: &Domain) -> Option<Vec<Element>> {
    domain.autostart.then(Vec::new)
}

fn is_off(domain: &Domain) -> Option<Vec<Element>> {
    (!domain.autostart).then(Vec::new)
}
