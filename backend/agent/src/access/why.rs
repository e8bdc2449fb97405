//! Why somebody may do something, or may not.

use std::fmt;

use archipel_protocol::BareJid;
use jiff::Timestamp;

use super::{Access, Grant, Target, right::Right};

/// What decides, and what almost does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ground {
    /// A root admin of this host.
    RootAdmin,
    /// This grant allows it.
    Granted(Grant),
    /// This grant names it, for other machines.
    Elsewhere(Grant),
    /// This grant named it, and is over.
    Expired(Grant),
    /// This grant cannot be understood: its role or its scope.
    Meaningless(Grant),
    /// Nothing names it.
    Nothing,
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RootAdmin => f.write_str("root admin in agent.toml: may do everything here"),
            Self::Granted(grant) => write!(f, "allowed by {}", Shown(grant)),
            Self::Elsewhere(grant) => write!(f, "not for this: {}", Shown(grant)),
            Self::Expired(grant) => write!(f, "over: {}", Shown(grant)),
            Self::Meaningless(grant) => {
                write!(
                    f,
                    "grants nothing, its role or scope is not known here: {}",
                    Shown(grant)
                )
            }
            Self::Nothing => f.write_str("nothing grants it"),
        }
    }
}

struct Shown<'a>(&'a Grant);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Grant {
            permission,
            scope,
            expires,
            ..
        } = self.0;
        write!(f, "`{permission}`")?;
        match scope {
            Some(scope) => write!(f, " for `{scope}`")?,
            None => f.write_str(" for the whole host")?,
        }
        match expires {
            Some(expires) => write!(f, " until {expires:.0}"),
            None => Ok(()),
        }
    }
}

impl Access {
    /// Why `who` may do what `permission` names to `target`, or may not: what decides comes first.
    pub(crate) fn why(
        &self,
        who: &BareJid,
        permission: &str,
        target: Target<'_>,
        now: Timestamp,
    ) -> (bool, Vec<Ground>) {
        let mut grounds = Vec::new();
        if self.admins().contains(who) {
            grounds.push(Ground::RootAdmin);
        }
        let own = self
            .policy()
            .grants
            .iter()
            .filter(|grant| grant.jid == *who);
        grounds.extend(own.filter_map(|grant| self.ground(grant, permission, target, now)));
        grounds.sort_by_key(|ground| !ground.allows());
        if grounds.is_empty() {
            grounds.push(Ground::Nothing);
        }
        (grounds[0].allows(), grounds)
    }

    fn ground(
        &self,
        grant: &Grant,
        permission: &str,
        target: Target<'_>,
        now: Timestamp,
    ) -> Option<Ground> {
        let Some(right) = Right::new(grant, &self.policy().roles) else {
            return Some(Ground::Meaningless(grant.clone()));
        };
        let ground = if !right.names(permission) {
            return None;
        } else if !right.holding.lasts(now) {
            Ground::Expired
        } else if !right.holding.reaches(target) {
            Ground::Elsewhere
        } else {
            Ground::Granted
        };
        Some(ground(grant.clone()))
    }
}

impl Ground {
    fn allows(&self) -> bool {
        matches!(self, Self::RootAdmin | Self::Granted(_))
    }
}
