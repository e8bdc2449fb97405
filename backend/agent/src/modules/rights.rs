//! Rights on the fleet wire: roles, scopes and ends, and why a decision falls as it does. Described in `archipel_protocol::rights`.

mod change;
mod read;
mod why;

use archipel_protocol::ns;

use super::{Answer, Module, Question};

pub(super) const MODULE: Module = Module {
    name: "rights",
    features: &[],
    families: &[],
    actions: &[],
    questions: &[
        Question {
            namespace: ns::FLEET,
            name: "rights",
            permission: "permission_get",
            filtered: false,
            is_change: false,
            run: read::run,
        },
        Question {
            namespace: ns::FLEET,
            name: "change-rights",
            permission: "permission_set",
            // A right to rule over some machines is enough to ask; each change is looked at.
            filtered: true,
            is_change: true,
            run: change::run,
        },
        Question {
            namespace: ns::FLEET,
            name: "why",
            permission: "",
            filtered: true,
            is_change: false,
            run: why::run,
        },
    ],
};
