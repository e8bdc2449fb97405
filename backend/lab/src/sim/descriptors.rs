//! File descriptors: how many the fleet needs, and whether this process may have them.

use anyhow::{Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::FleetSize;

/// One socket, and the store's file, journal and shared memory.
pub const PER_AGENT: u64 = 4;

/// What the process needs besides its agents.
const OTHERS: u64 = 256;

/// What takes descriptors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs {
    pub(crate) size: FleetSize,
    /// A session per machine.
    pub(crate) vm_sessions: bool,
    /// Both ends of each connection in a proxy.
    pub(crate) proxied: bool,
}

impl Needs {
    fn count(self) -> u64 {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let mut sessions = number(self.size.hosts);
        if self.vm_sessions {
            sessions += number(self.size.all_machines());
        }
        let per_session = if self.proxied { 3 } else { 1 };
        number(self.size.hosts) * (PER_AGENT - 1) + sessions * per_session + OTHERS
    }
}

/// Raises this process's limit where it is too low; servers started later inherit it.
///
/// # Errors
///
/// When the system grants fewer than the fleet needs.
pub(crate) fn make_room(needs: Needs) -> Result<()> {
    let wanted = needs.count();
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let granted = maximum.unwrap_or(wanted).max(wanted);
    let raised = |maximum| {
        let limit = Rlimit {
            current: Some(wanted),
            maximum,
        };
        setrlimit(Resource::Nofile, limit).is_ok()
    };
    // Beyond the hard limit only a superuser gets, and not everywhere.
    if raised(maximum) || raised(Some(granted)) {
        return Ok(());
    }
    let most = maximum.unwrap_or(0);
    bail!(
        "a fleet of {} needs {wanted} file descriptors in one process, and this system grants {most}. Raise the hard limit (`ulimit -Hn {wanted}` as root, or LimitNOFILE= and limits.conf), or take fewer hypervisors{}",
        needs.size,
        if needs.vm_sessions {
            " or leave the machines without sessions"
        } else {
            ""
        },
    )
}

/// How many this process has open now.
pub(super) fn open_now() -> usize {
    // The reading itself holds one.
    std::fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_cannot_be_had_is_said_with_both_numbers() {
        let Some(most) = getrlimit(Resource::Nofile).maximum else {
            return;
        };
        let hosts = usize::try_from(most).unwrap();
        let needs = Needs {
            size: FleetSize { hosts, machines: 1 },
            vm_sessions: true,
            proxied: true,
        };
        if let Err(refused) = make_room(needs) {
            let text = refused.to_string();
            assert!(
                text.contains(&most.to_string()) && text.contains(&needs.count().to_string()),
                "{text}"
            );
        }
    }
}
