//! How busy a machine is: smooth curves that depend on a seed and on the time it ran, on nothing else.

use std::{f64::consts::TAU, time::Duration};

/// The load of one machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    cpu: Curve,
    memory: Curve,
    disk_read: Curve,
    disk_written: Curve,
    net_received: Curve,
    net_sent: Curve,
}

/// What a machine has used since its start.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    pub(super) cpu_ns: u64,
    pub(super) disk_read: u64,
    pub(super) disk_written: u64,
    pub(super) net_received: u64,
    pub(super) net_sent: u64,
}

/// Bytes a second of a disk that is busy all the time.
const DISK_RATE: f64 = 80e6;
/// Bytes a second of a full interface.
const NET_RATE: f64 = 30e6;

impl Load {
    pub(super) fn new(seed: u64, machine: &[u8; 16]) -> Self {
        // FNV-1a over the id, beginning with the seed.
        let mixed = machine.iter().fold(seed, |sum, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        });
        let mut random = Random(mixed);
        let mut curve = || Curve::new(&mut random);
        Self {
            cpu: curve(),
            memory: curve(),
            disk_read: curve(),
            disk_written: curve(),
            net_received: curve(),
            net_sent: curve(),
        }
    }

    /// The counters of a machine with so many processors that ran for so long. None of them ever falls.
    pub(super) fn used(&self, vcpus: u32, ran: Duration) -> Used {
        Used {
            cpu_ns: whole(self.cpu.area(ran) * f64::from(vcpus) * 1e9),
            disk_read: whole(self.disk_read.area(ran) * DISK_RATE),
            disk_written: whole(self.disk_written.area(ran) * DISK_RATE),
            net_received: whole(self.net_received.area(ran) * NET_RATE),
            net_sent: whole(self.net_sent.area(ran) * NET_RATE),
        }
    }

    /// Processors busy on average over the last `window` of its run.
    pub(super) fn mean(&self, vcpus: u32, ran: Duration, window: Duration) -> f64 {
        let grown = self.cpu.area(ran) - self.cpu.area(ran.saturating_sub(window));
        grown / window.as_secs_f64() * f64::from(vcpus)
    }

    /// How much of its memory it really occupies, in thousandths.
    pub(super) fn memory_permille(&self, ran: Duration) -> u64 {
        whole(self.memory.height(ran) * 1000.0)
    }
}

/// A sine around a level: from nothing to one.
#[derive(Debug, Clone, Copy)]
struct Curve {
    level: f64,
    swing: f64,
    period: f64,
    phase: f64,
}

impl Curve {
    fn new(random: &mut Random) -> Self {
        // Squared: most machines idle, a few are busy.
        let level = 0.02 + 0.5 * random.fraction().powi(2);
        Self {
            level,
            swing: 0.8 * level * random.fraction(),
            period: 120.0 + 3_000.0 * random.fraction(),
            phase: TAU * random.fraction(),
        }
    }

    fn height(&self, at: Duration) -> f64 {
        self.level + self.swing * (TAU * at.as_secs_f64() / self.period + self.phase).sin()
    }

    /// The integral of the height since the start, in seconds. The swing is smaller than the level: it always grows.
    fn area(&self, to: Duration) -> f64 {
        let seconds = to.as_secs_f64();
        let wave = self.phase.cos() - (TAU * seconds / self.period + self.phase).cos();
        self.level * seconds + self.swing * self.period / TAU * wave
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates, and negative rounding errors are nothing"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

/// Splitmix64.
struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or_default();
        f64::from(top) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counters_grow_and_stay_possible(seed: u64, machine: [u8; 16], start in 0..10_000_000u64, step in 1..100_000u64) {
            let load = Load::new(seed, &machine);
            let (early, late) = (Duration::from_millis(start), Duration::from_millis(start + step));
            let (before, after) = (load.used(4, early), load.used(4, late));
            prop_assert!(after.cpu_ns >= before.cpu_ns && after.net_sent >= before.net_sent);
            prop_assert!(u128::from(after.cpu_ns - before.cpu_ns) <= 4 * late.saturating_sub(early).as_nanos());
            prop_assert!(load.memory_permille(late) <= 1000);
        }
    }

    #[test]
    fn seeds_differ_and_repeat() {
        let used = |seed| {
            Load::new(seed, &[7; 16])
                .used(1, Duration::from_mins(10))
                .cpu_ns
        };
        assert_eq!(used(1), used(1));
        assert_ne!(used(1), used(2));
    }
}
