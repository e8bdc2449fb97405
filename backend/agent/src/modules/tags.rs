//! `archipel:tags`: the tags of a hypervisor or a machine.

mod settags;

use archipel_protocol::ns;

use super::{Action, Answer, Call, Family, Module};

pub(super) const MODULE: Module = Module {
    name: "tags",
    features: &[ns::TAGS],
    families: &[Family {
        namespace: ns::TAGS,
        prefix: "",
        of_machines: true,
        filtered: &[],
        own: &[],
    }],
    actions: &[Action {
        namespace: ns::TAGS,
        word: "settags",
        run: settags::run,
    }],
    questions: &[],
};
