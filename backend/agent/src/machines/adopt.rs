//! Which of libvirt's domains, that the agent did not make, it looks after.

use archipel_language::Scope;
use archipel_protocol::VmId;

use crate::{
    access::{Subject, holds},
    state::Identity,
};

/// What happens to libvirt domains that the agent did not make.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum Adopt {
    /// They are shown with their state, and left alone.
    #[default]
    Show,
    /// They are managed.
    Manage,
    /// Those of a scope are managed, the others shown.
    Scope(Scope),
}

impl TryFrom<String> for Adopt {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.trim() {
            "show" => Ok(Self::Show),
            "manage" => Ok(Self::Manage),
            scope => Scope::parse(scope).map(Self::Scope).map_err(|why| {
                let shown = archipel_protocol::text::clean_line(scope, 60);
                format!(
                    "`{shown}` is neither show nor manage nor a scope such as `tag = web`: {why}"
                )
            }),
        }
    }
}

impl Adopt {
    /// Whether a domain with these tags is managed. `here` is `None` where nothing is known of the host: then no scope holds.
    pub(super) fn takes(&self, here: Option<&Identity>, id: VmId, tags: &[String]) -> bool {
        match (self, here) {
            (Self::Show, _) | (Self::Scope(_), None) => false,
            (Self::Manage, _) => true,
            (Self::Scope(scope), Some(hypervisor)) => holds(
                scope,
                Subject {
                    hypervisor,
                    id,
                    tags,
                },
            ),
        }
    }
}
