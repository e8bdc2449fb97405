//! `pin`: on which of the host's processors one of the machine's may run.

use archipel_hypervisor::{Apply, Pin};
use archipel_protocol::{Failure, Request, VmId, vm_resources::Action};

use super::{Answer, Call, Change, Outcome, apply, changeable};
use crate::{host::Host, messages::Refusal};

/// More processors than any host has.
const MOST: usize = 8_192;

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    Answer::change(pin(host, call))
}

fn pin(host: &Host, call: &Call) -> Result<Change, Failure> {
    let Request::VmResources(Action::Pin { vcpu, cpus, when }) = &call.command.request else {
        return Err(call.unknown());
    };
    let cpus = parse(cpus).ok_or_else(|| Refusal::NoProcessors(cpus.clone()))?;
    let vm = changeable(host, call)?;
    let apply = apply(host, vm, *when);
    let vcpu = *vcpu;
    Ok(change(vm, Pin { vcpu, cpus }, apply))
}

fn change(vm: VmId, pin: Pin, apply: Apply) -> Change {
    Change {
        vm,
        verb: "pin a processor of",
        act: Box::new(move |driver| {
            driver.pin(vm, &pin, apply)?;
            Ok(Outcome::default())
        }),
        settled: |_| None,
    }
}

/// libvirt's way to write a set: `0-3,7,^2`. However often a range stands there, it takes no time to speak of.
fn parse(text: &str) -> Option<Vec<u32>> {
    let mut set = vec![false; MOST];
    for part in text.split(',').map(str::trim) {
        if let Some(without) = part.strip_prefix('^') {
            set[number(without)?] = false;
            continue;
        }
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = number(first)?..=number(last)?;
        set.get_mut(range).unwrap_or_default().fill(true);
    }
    let numbers = (0..)
        .zip(set)
        .filter_map(|(number, on)| on.then_some(number));
    let numbers: Vec<u32> = numbers.collect();
    (!numbers.is_empty()).then_some(numbers)
}

fn number(text: &str) -> Option<usize> {
    text.trim().parse().ok().filter(|number| *number < MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_libvirt_writes_them() {
        assert_eq!(parse("0-3,^2, 7"), Some(vec![0, 1, 3, 7]));
        assert_eq!(parse("5"), Some(vec![5]));
        for bad in ["", "x", "1-", "3-1", "^0", "0-99999999", "-1"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
