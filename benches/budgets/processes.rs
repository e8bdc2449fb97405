//! What the system says of a process.

use std::fs;

/// A process's memory, kB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Its own alone (USS).
    pub(crate) private_kb: f64,
    /// With what it shares (RSS).
    pub(crate) resident_kb: f64,
}

/// From `/proc/PID/smaps_rollup`.
pub(crate) fn memory(pid: u32) -> Memory {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("a running process");
    let field = |name: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with(name));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.unwrap_or(0.0) * 1.024
    };
    Memory {
        private_kb: field("Private_Clean:") + field("Private_Dirty:"),
        resident_kb: field("Rss:"),
    }
}

impl Memory {
    pub(crate) fn private_mb(self) -> f64 {
        self.private_kb / 1_000.0
    }

    pub(crate) fn resident_mb(self) -> f64 {
        self.resident_kb / 1_000.0
    }
}

/// Seconds of a processor that the process has used, in steps of 10 ms.
pub(crate) fn processor_s(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a running process");
    // The name, in parentheses, may hold blanks.
    let after_name = text.rsplit_once(')').expect("a name").1;
    let ticks: f64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}
