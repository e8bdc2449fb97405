//! `archipel:permissions`: who may do what, as the original's clients ask and set it. One action, one file.
//!
//! This wire knows no scopes, roles or ends ([`super::rights`] does): asked of a machine it is about grants for that machine alone, asked of
//! the hypervisor about grants for the whole host.

mod get;
mod list;
mod set;

use archipel_protocol::ns;

use super::{Action, Answer, Call, Family, Module};
use crate::{access::scope_of, host::Host};

pub(super) const MODULE: Module = Module {
    name: "permissions",
    features: &[ns::PERMISSIONS],
    families: &[Family {
        namespace: ns::PERMISSIONS,
        prefix: "permission_",
        of_machines: true,
        filtered: &[],
        own: &["getown"],
    }],
    actions: &[
        action("list", list::run),
        action("get", get::run),
        action("getown", get::own),
        action("set", set::run),
        action("setown", set::own),
    ],
    questions: &[],
};

const fn action(word: &'static str, run: fn(&mut Host, &Call) -> Answer) -> Action {
    Action {
        namespace: ns::PERMISSIONS,
        word,
        run,
    }
}

/// The scope of the machine that is asked; `None`: the hypervisor is asked.
pub(super) fn scope(call: &Call) -> Option<String> {
    call.command.vm.map(scope_of)
}
