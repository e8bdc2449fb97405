//! The last few samples of a figure, for a sparkline.

/// How many samples are kept.
const SAMPLES: usize = 16;

/// The last 16 samples of a share in thousandths, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trend {
    samples: [u16; SAMPLES],
    count: u8,
}

impl Trend {
    /// The samples, oldest first.
    pub fn samples(&self) -> &[u16] {
        &self.samples[..usize::from(self.count)]
    }

    /// Adds a sample; the oldest one makes room.
    pub(crate) fn push(&mut self, permille: u32) {
        let sample = u16::try_from(permille).unwrap_or(u16::MAX);
        let count = usize::from(self.count);
        if count < SAMPLES {
            self.samples[count] = sample;
            self.count += 1;
        } else {
            self.samples.rotate_left(1);
            self.samples[SAMPLES - 1] = sample;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_sample_makes_room() {
        let mut trend = Trend::default();
        assert!(trend.samples().is_empty());
        (0..20).for_each(|sample| trend.push(sample));
        assert_eq!(trend.samples().len(), SAMPLES);
        assert_eq!((trend.samples()[0], trend.samples()[15]), (4, 19));
        trend.push(1_000_000);
        assert_eq!(trend.samples()[15], u16::MAX);
    }
}
