//! `reboot`: asks the guest to restart. Nothing shows afterwards whether it did.

use archipel_hypervisor::Power;

use super::{Answer, Call, changeable, power};
use crate::host::Host;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(changeable(host, call).map(|vm| power(vm, Power::Reboot, |_| None)))
}
