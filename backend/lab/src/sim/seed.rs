//! Chance that repeats itself: the same seed gives the same numbers on every machine and in every version.

use std::time::Duration;

/// A stream of numbers (`SplitMix64`). Streams of one seed with different labels have nothing to do with each other.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream `label` of a seed.
    pub(crate) fn stream(seed: u64, label: &str) -> Random {
        // FNV-1a over the label, beginning with the seed.
        let mixed = label.bytes().fold(mix(seed), |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        Random(mixed)
    }

    /// All 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        let number = mix(self.0);
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        number
    }

    /// From nothing to below one.
    pub(crate) fn fraction(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or_default())
            / (f64::from(u32::MAX) + 1.0)
    }

    /// A number below `end`; nothing where `end` is nothing.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// One of them.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// The pause before the next event of a kind that comes `per_second` times a second on average (a Poisson process).
    pub(crate) fn pause(&mut self, per_second: f64) -> Duration {
        let seconds = -(1.0 - self.fraction()).ln() / per_second;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// A random uuid (RFC 9562, version 4).
    pub(crate) fn uuid(&mut self) -> [u8; 16] {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        let mut bytes = bits.to_be_bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        bytes
    }
}

/// The finaliser of `SplitMix64`: spreads neighbouring numbers over all 64 bits.
fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let first = |seed, label| Random::stream(seed, label).next();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
        assert_ne!(first(1, "a"), first(2, "a"));
    }

    #[test]
    fn pauses_have_the_mean_that_was_asked_for() {
        let mut random = Random::stream(1, "pauses");
        let sum: Duration = (0..10_000).map(|_| random.pause(4.0)).sum();
        assert!((2_300..2_700).contains(&sum.as_secs()), "{sum:?}");
    }
}
