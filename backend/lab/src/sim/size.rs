//! How large a fleet is.

use std::fmt;
use std::str::FromStr;

/// The most hypervisors of a simulated fleet.
const MOST_HOSTS: usize = 10_000;
/// The most machines on each.
const MOST_MACHINES: usize = 1_000;

/// Hypervisors, and machines on each: `100x40`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetSize {
    /// Hypervisors.
    pub hosts: usize,
    /// Machines on each of them.
    pub machines: usize,
}

impl FleetSize {
    /// All machines.
    pub fn all_machines(self) -> usize {
        self.hosts * self.machines
    }
}

impl fmt::Display for FleetSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.hosts, self.machines)
    }
}

/// A text that is no size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSize(String);

impl fmt::Display for InvalidSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no size of a fleet; write hypervisors x machines on each, such as 100x40 (at most {MOST_HOSTS}x{MOST_MACHINES})",
            self.0
        )
    }
}

impl std::error::Error for InvalidSize {}

impl FromStr for FleetSize {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<FleetSize, InvalidSize> {
        let number =
            |text: &str, most: usize| text.trim().parse().ok().filter(|n| (1..=most).contains(n));
        let read = || {
            let (hosts, machines) = text.split_once('x')?;
            Some(FleetSize {
                hosts: number(hosts, MOST_HOSTS)?,
                machines: number(machines, MOST_MACHINES)?,
            })
        };
        read().ok_or_else(|| InvalidSize(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_sizes_and_refuses_the_rest() {
        let size: FleetSize = "100x40".parse().unwrap();
        assert_eq!(
            (size.hosts, size.machines, size.all_machines()),
            (100, 40, 4_000)
        );
        for text in ["", "100", "0x4", "4x0", "x", "99999x1", "1x1x1"] {
            let said = text.parse::<FleetSize>().unwrap_err().to_string();
            assert!(said.contains("100x40"), "{said}");
        }
    }
}
