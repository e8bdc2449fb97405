//! `rostervm`: which machines there are.

use archipel_protocol::{Jid, VmId, hypervisor_control::RosterItem};

use super::{Answer, Call};
use crate::{host::Host, machines::Machine, state::Identity};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let identity = &host.state.identity;
    let shown = |id: &VmId| host.state.shows(&call.who, *id);
    let machines = host.state.machines.iter().filter(|(id, _)| shown(id));
    // The ids, and so the addresses that begin with them, are in order, as the original sends them.
    let items = machines.filter_map(|(id, machine)| item(identity, id, machine));
    Answer::Now(Ok(items.map(|item| item.to_element()).collect()))
}

fn item(identity: &Identity, id: VmId, machine: &Machine) -> Option<RosterItem> {
    let jid: Jid = if machine.managed {
        identity.machine_full(id)?.into()
    } else {
        identity.machine(id)?.into()
    };
    Some(RosterItem {
        jid,
        name: machine.name.clone(),
        managed: machine.managed,
    })
}
