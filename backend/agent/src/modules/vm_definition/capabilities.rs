//! `capabilities`: libvirt's capabilities of the host, as the hypervisor tells them.

use super::{Answer, Call, known};
use crate::{host::Host, modules::hypervisor_control::capabilities};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    match known(host, call) {
        Ok(_) => capabilities::run(host, call),
        Err(failure) => Answer::Now(Err(failure)),
    }
}
