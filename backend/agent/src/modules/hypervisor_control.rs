//! `archipel:hypervisor:control`: what a hypervisor is asked.

mod alloc;
pub(super) mod capabilities;
mod clone;
mod free;
mod ip;
mod manage;
mod migrationinfo;
mod nodeinfo;
mod rostervm;
mod setorginfo;
mod soft_alloc;
mod unmanage;

use archipel_protocol::ns;

use super::{Action, Answer, Call, Family, Module};
use crate::host::Host;

pub(super) const MODULE: Module = Module {
    name: "hypervisor",
    features: &[ns::HYPERVISOR_CONTROL],
    families: &[Family {
        namespace: ns::HYPERVISOR_CONTROL,
        prefix: "",
        of_machines: false,
        filtered: &[
            "rostervm",
            "alloc",
            "free",
            "clone",
            "manage",
            "unmanage",
            "setorginfo",
        ],
        own: &[],
    }],
    actions: &[
        action("rostervm", rostervm::run),
        action("nodeinfo", nodeinfo::run),
        action("ip", ip::run),
        action("capabilities", capabilities::run),
        action("migrationinfo", migrationinfo::run),
        action("soft_alloc", soft_alloc::run),
        action("alloc", alloc::run),
        action("free", free::run),
        action("clone", clone::run),
        action("setorginfo", setorginfo::run),
        action("manage", manage::run),
        action("unmanage", unmanage::run),
    ],
    questions: &[],
};

const fn action(word: &'static str, run: fn(&mut Host, &Call) -> Answer) -> Action {
    Action {
        namespace: ns::HYPERVISOR_CONTROL,
        word,
        run,
    }
}
