//! How busy a machine is: smooth curves that depend on a seed and on the time, on nothing else. Much is done by day, little by night.

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

    /// The counters of a machine with so many processors that began at this moment of its host's clock and ran for so long. None of
    /// them ever falls.
    pub(super) fn used(&self, vcpus: u32, began: Duration, ran: Duration) -> Used {
        let area = |curve: &Curve| curve.area(began, began + ran);
        Used {
            cpu_ns: whole(area(&self.cpu) * f64::from(vcpus) * 1e9),
            disk_read: whole(area(&self.disk_read) * DISK_RATE),
            disk_written: whole(area(&self.disk_written) * DISK_RATE),
            net_received: whole(area(&self.net_received) * NET_RATE),
            net_sent: whole(area(&self.net_sent) * NET_RATE),
        }
    }

    /// Processors busy on average over the last `window` of its run.
    pub(super) fn mean(&self, vcpus: u32, began: Duration, ran: Duration, window: Duration) -> f64 {
        let end = began + ran;
        let grown = self.cpu.area(end.saturating_sub(window).max(began), end);
        grown / window.as_secs_f64() * f64::from(vcpus)
    }

    /// How much of its memory it really occupies at a moment, in thousandths.
    pub(super) fn memory_permille(&self, at: Duration) -> u64 {
        whole(self.memory.height(at) * 1000.0)
    }
}

/// Waves around a level: from nothing to one. The host's clock counts from a midnight.
#[derive(Debug, Clone, Copy)]
struct Curve {
    level: f64,
    waves: [Wave; 3],
}

/// A sine.
#[derive(Debug, Clone, Copy)]
struct Wave {
    swing: f64,
    /// Radians a second.
    speed: f64,
    phase: f64,
}

/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// The hour at which most is done, seconds.
const PEAK: f64 = 14.0 * 3_600.0;

impl Curve {
    fn new(random: &mut Random) -> Self {
        // Squared: most machines idle, a few are busy.
        let level = 0.02 + 0.5 * random.fraction().powi(2);
        // Together smaller than the level: a counter never falls.
        let mut wave = |share: f64, period: f64, phase: f64| Wave {
            swing: share * level * random.fraction(),
            speed: TAU / period,
            phase: phase + TAU * random.fraction(),
        };
        let minutes = wave(0.3, 120.0, 0.0);
        let noise = wave(0.15, 23.0, 0.0);
        let (hours, spread) = (random.fraction(), random.fraction());
        let late = PEAK + 7_200.0 * (spread - 0.5);
        let day = Wave {
            swing: 0.5 * level * hours,
            speed: TAU / DAY,
            phase: TAU / 4.0 - TAU * late / DAY,
        };
        let slower = 1.0 + 25.0 * random.fraction();
        Self {
            level,
            waves: [
                day,
                Wave {
                    speed: minutes.speed / slower,
                    ..minutes
                },
                noise,
            ],
        }
    }

    fn height(&self, at: Duration) -> f64 {
        let seconds = at.as_secs_f64();
        let wave = |wave: &Wave| wave.swing * (wave.speed * seconds + wave.phase).sin();
        self.level + self.waves.iter().map(wave).sum::<f64>()
    }

    /// The integral of the height over a span, in seconds.
    fn area(&self, from: Duration, to: Duration) -> f64 {
        let (from, to) = (from.as_secs_f64(), to.as_secs_f64());
        let wave = |wave: &Wave| {
            let below = |at: f64| (wave.speed * at + wave.phase).cos();
            wave.swing / wave.speed * (below(from) - below(to))
        };
        self.level * (to - from) + self.waves.iter().map(wave).sum::<f64>()
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
            let began = Duration::from_secs(start);
            let (before, after) = (load.used(4, began, early), load.used(4, began, late));
            prop_assert!(after.cpu_ns >= before.cpu_ns && after.net_sent >= before.net_sent);
            prop_assert!(u128::from(after.cpu_ns - before.cpu_ns) <= 4 * late.saturating_sub(early).as_nanos());
            prop_assert!(load.memory_permille(late) <= 1000);
        }
    }

    #[test]
    fn seeds_differ_and_repeat() {
        let used = |seed| {
            Load::new(seed, &[7; 16])
                .used(1, Duration::ZERO, Duration::from_mins(10))
                .cpu_ns
        };
        assert_eq!(used(1), used(1));
        assert_ne!(used(1), used(2));
    }

    #[test]
    fn days_are_busier_than_nights() {
        let cpu = |hour: u64| -> u64 {
            let hours = Duration::from_hours(hour);
            let machines = (0..50).map(|machine| Load::new(1, &[machine; 16]));
            let used = machines.map(|load| load.used(1, hours, Duration::from_hours(1)).cpu_ns);
            used.sum()
        };
        assert!(cpu(24 + 13) > cpu(24 + 1) * 5 / 4);
    }
}
