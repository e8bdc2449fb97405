//! `archipel:hypervisor:health`: the load of the host as the original's clients ask for it.

mod history;
mod info;
mod logs;

use archipel_protocol::ns;

use super::{Action, Answer, Call, Family, Module};
use crate::host::Host;

pub(super) const MODULE: Module = Module {
    name: "health",
    features: &[ns::HEALTH],
    families: &[Family {
        namespace: ns::HEALTH,
        prefix: "health_",
        of_machines: false,
        filtered: &[],
        own: &[],
    }],
    actions: &[
        action("info", info::run),
        action("history", history::run),
        action("logs", logs::run),
    ],
    questions: &[],
};

const fn action(word: &'static str, run: fn(&mut Host, &Call) -> Answer) -> Action {
    Action {
        namespace: ns::HEALTH,
        word,
        run,
    }
}
