//! `list`: which permissions there are. Roles stand among them, so that the original's clients can grant those, too.

use archipel_language::{
    permission::{PERMISSIONS, Place},
    role::ROLES,
};
use archipel_protocol::permissions::Known;

use super::{Answer, Call};
use crate::{access::ROLE_PREFIX, host::Host};

pub(super) fn run(host: &mut Host, call: &Call) -> Answer {
    let here = match call.command.vm {
        Some(_) => Place::Vm,
        None => Place::Hypervisor,
    };
    let permissions = PERMISSIONS
        .iter()
        .filter(|row| [Place::Both, here].contains(&row.place))
        .map(|row| known(row.name.0.to_owned(), row.summary));
    let shipped = ROLES.iter().map(|role| (role.name, role.summary));
    let own = host.state.access.policy().roles.keys();
    let own = own.map(|name| (name.as_str(), "a role of this host"));
    let roles = shipped.chain(own);
    let roles = roles.map(|(name, summary)| known(format!("{ROLE_PREFIX}{name}"), summary));
    let all = permissions.chain(roles);
    Answer::Now(Ok(all.map(|known| known.to_element()).collect()))
}

fn known(name: String, summary: &str) -> Known {
    Known {
        name,
        default: false,
        description: summary.to_owned(),
    }
}
