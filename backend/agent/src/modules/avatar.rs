//! `archipel:avatar`: the pictures that an entity may show on its card.

mod getavatars;
mod setavatar;

use archipel_protocol::ns;

use super::{Action, Answer, Call, Family, Module};
use crate::host::Host;

pub(super) const MODULE: Module = Module {
    name: "avatar",
    features: &[ns::AVATAR],
    families: &[Family {
        namespace: ns::AVATAR,
        prefix: "",
        of_machines: true,
        filtered: &[],
        own: &[],
    }],
    actions: &[
        action("getavatars", getavatars::run),
        action("setavatar", setavatar::run),
    ],
    questions: &[],
};

const fn action(word: &'static str, run: fn(&mut Host, &Call) -> Answer) -> Action {
    Action {
        namespace: ns::AVATAR,
        word,
        run,
    }
}
