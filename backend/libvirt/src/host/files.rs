//! The formats of `/proc`, as pure functions of their text.

use archipel_hypervisor::Interface;

/// Processor time of all processors, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticks {
    pub(super) busy: u64,
    pub(super) total: u64,
}

/// `/proc/stat`: user nice system idle iowait irq softirq steal; guest time is in user already.
pub(super) fn cpu(text: &str) -> Option<Ticks> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = line
        .split_whitespace()
        .take(8)
        .map_while(|word| word.parse().ok())
        .collect();
    let total = ticks.iter().sum();
    let waiting: u64 = ticks.get(3..)?.iter().take(2).sum();
    Some(Ticks {
        busy: total - waiting,
        total,
    })
}

/// Memory and swap, KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) total: Option<u64>,
    pub(super) free: Option<u64>,
    pub(super) swap_total: Option<u64>,
    pub(super) swap_used: Option<u64>,
}

/// `/proc/meminfo`; free is with buffers and caches, as the original agent counts.
pub(super) fn memory(text: &str) -> Memory {
    let kib = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .and_then(first_number)
    };
    let free =
        kib("MemFree").map(|free| free + kib("Buffers").unwrap_or(0) + kib("Cached").unwrap_or(0));
    let swap_total = kib("SwapTotal");
    Memory {
        total: kib("MemTotal"),
        free,
        swap_total,
        swap_used: swap_total
            .zip(kib("SwapFree"))
            .map(|(total, free)| total.saturating_sub(free)),
    }
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

/// `/proc/loadavg`.
pub(super) fn load(text: &str) -> Option<[f64; 3]> {
    let mut words = text
        .split_whitespace()
        .map_while(|word| word.parse::<f64>().ok());
    Some([words.next()?, words.next()?, words.next()?])
}

/// `/proc/uptime`, seconds.
pub(super) fn uptime(text: &str) -> Option<u64> {
    text.split(['.', ' ']).next()?.parse().ok()
}

/// Bytes of all disks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DiskBytes {
    pub(super) read: u64,
    pub(super) written: u64,
}

/// `/proc/diskstats`, of the devices that count; sectors are 512 bytes whatever the disk says.
pub(super) fn disks(text: &str, counts: impl Fn(&str) -> bool) -> Option<DiskBytes> {
    let sectors =
        |words: &[&str], at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
    let disk = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        counts(words.get(2)?).then_some(())?;
        Some((sectors(&words, 5)?, sectors(&words, 9)?))
    };
    let sum =
        |(read, written), (more_read, more_written)| (read + more_read, written + more_written);
    let (read, written) = text.lines().filter_map(disk).reduce(sum)?;
    Some(DiskBytes {
        read: read.saturating_mul(512),
        written: written.saturating_mul(512),
    })
}

/// `/proc/net/dev`, but the loopback.
pub(super) fn interfaces(text: &str) -> Vec<Interface> {
    let found = text.lines().filter_map(interface);
    found.filter(|interface| interface.name != "lo").collect()
}

fn interface(line: &str) -> Option<Interface> {
    let (name, figures) = line.split_once(':')?;
    let figures: Vec<u64> = figures
        .split_whitespace()
        .map_while(|word| word.parse().ok())
        .collect();
    Some(Interface {
        name: name.trim().to_owned(),
        received: *figures.first()?,
        sent: *figures.get(8)?,
    })
}

/// `/proc/cpuinfo`: the flags of Intel's and AMD's virtualisation.
pub(super) fn has_virtualisation(text: &str) -> bool {
    let mut flags = text.lines().filter(|line| line.starts_with("flags"));
    flags.any(|line| {
        line.split_whitespace()
            .any(|flag| matches!(flag, "vmx" | "svm"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_not_busy() {
        let text = "cpu  100 5 50 800 40 3 2 0 90 0\ncpu0 1 1 1 1\n";
        assert_eq!(
            cpu(text),
            Some(Ticks {
                busy: 160,
                total: 1000
            })
        );
        assert_eq!(cpu("cpu 1 2\n"), None);
    }

    #[test]
    fn free_memory_includes_what_can_be_dropped() {
        let text = "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 10 kB\nCached: 200 kB\nSwapCached: 9 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\n";
        let read = memory(text);
        assert_eq!((read.total, read.free), (Some(1000), Some(310)));
        assert_eq!((read.swap_total, read.swap_used), (Some(50), Some(30)));
        assert_eq!(memory("").free, None);
    }

    #[test]
    fn only_disks_that_count_are_added() {
        let text = " 8 0 sda 10 0 100 5 20 0 200 5 0 0 0\n 8 1 sda1 10 0 100 5 20 0 200 5 0 0 0\n 7 0 loop0 1 0 8 0 0 0 0 0 0 0 0\n";
        assert_eq!(
            disks(text, |name| name == "sda"),
            Some(DiskBytes {
                read: 51_200,
                written: 102_400
            })
        );
        assert_eq!(disks(text, |_| false), None);
    }

    #[test]
    fn interfaces_but_the_loopback() {
        let text = "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes\n    lo: 1 0 0 0 0 0 0 0 1 0\n  eth0:182734 2 0 0 0 0 0 0 99 1 0 0 0 0 0 0\n";
        let eth0 = Interface {
            name: "eth0".to_owned(),
            received: 182_734,
            sent: 99,
        };
        assert_eq!(interfaces(text), [eth0]);
    }

    #[test]
    fn short_files_are_read() {
        assert_eq!(
            load("1.73 0.98 0.41 2/345 6789\n"),
            Some([1.73, 0.98, 0.41])
        );
        assert_eq!(uptime("3369600.25 12.00\n"), Some(3_369_600));
        assert_eq!((load(""), uptime("")), (None, None));
        assert!(has_virtualisation("processor: 0\nflags\t\t: fpu svm sse\n"));
        assert!(!has_virtualisation("model name: svm\nflags: fpu\n"));
    }
}
