//! What the simulation costs this machine.

use std::fmt;

use super::descriptors;

/// Figures of this process at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Memory in use (RSS), bytes; what is shared with others included.
    pub resident: u64,
    /// Private memory (USS), bytes.
    pub private: u64,
    /// Threads.
    pub threads: u64,
    /// Open file descriptors.
    pub descriptors: u64,
}

impl Figures {
    /// Of this process, now. What the system does not tell is nothing.
    pub fn now() -> Figures {
        let status = read("/proc/self/status");
        let rollup = read("/proc/self/smaps_rollup");
        let private = ["Private_Clean:", "Private_Dirty:"].map(|key| kilobytes(&rollup, key));
        Figures {
            resident: kilobytes(&status, "VmRSS:"),
            private: private.iter().sum(),
            threads: number(&status, "Threads:"),
            descriptors: u64::try_from(descriptors::open_now()).unwrap_or(u64::MAX),
        }
    }

    /// How much more than `before`, shared out over so many.
    #[must_use]
    pub fn each_since(self, before: Figures, count: usize) -> Figures {
        let count = u64::try_from(count.max(1)).unwrap_or(u64::MAX);
        let each = |now: u64, before: u64| now.saturating_sub(before) / count;
        Figures {
            resident: each(self.resident, before.resident),
            private: each(self.private, before.private),
            threads: each(self.threads, before.threads),
            descriptors: each(self.descriptors, before.descriptors),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} MB private memory, {} threads, {} descriptors",
            self.private / 1_000_000,
            self.threads,
            self.descriptors
        )
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn kilobytes(text: &str, key: &str) -> u64 {
    number(text, key) * 1024
}

/// The number after `key` in a text of lines such as `Threads:  4`.
fn number(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let word = line.and_then(|rest| rest.split_ascii_whitespace().next());
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}
