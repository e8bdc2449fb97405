//! Medians, percentiles, noise.

/// The value that `share` of all do not exceed (nearest rank). `values` must not be empty.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // A handful to a few thousand values: exact in a float.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// How far the medians of several runs lie apart, as a share of their median. `None` for a single run.
pub(crate) fn noise(medians: &[f64]) -> Option<f64> {
    let middle = median(medians);
    if medians.len() < 2 || middle == 0.0 {
        return None;
    }
    let least = medians.iter().copied().fold(f64::INFINITY, f64::min);
    let most = medians.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some((most - least) / middle)
}
