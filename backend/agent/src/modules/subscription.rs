//! `archipel:subscription`: who is on an entity's roster. Whoever is added may see its presence, and is asked for theirs.

mod change;

use archipel_protocol::ns;

use super::{Action, Answer, Call, Family, Module};

pub(super) const MODULE: Module = Module {
    name: "subscription",
    features: &[ns::SUBSCRIPTION],
    families: &[Family {
        namespace: ns::SUBSCRIPTION,
        prefix: "subscription_",
        of_machines: true,
        filtered: &[],
        own: &[],
    }],
    actions: &[
        Action {
            namespace: ns::SUBSCRIPTION,
            word: "add",
            run: change::run,
        },
        Action {
            namespace: ns::SUBSCRIPTION,
            word: "remove",
            run: change::run,
        },
    ],
    questions: &[],
};
