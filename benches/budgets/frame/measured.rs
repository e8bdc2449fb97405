//! What all runs found for a row, and whether that is what it shall be.

use super::{
    Figures, Goal, Row,
    row::Beside,
    statistics::{median, noise, percentile},
};

/// What all runs found for a row.
pub(crate) struct Measured {
    pub(crate) row: &'static Row,
    pub(crate) median: f64,
    pub(crate) p99: f64,
    pub(crate) noise: Option<f64>,
    pub(crate) bound: Option<f64>,
    pub(crate) beside: Option<Beside>,
}

impl Measured {
    /// Of the figures of all runs; `None` without any.
    pub(crate) fn of(row: &'static Row, runs: Vec<Figures>) -> Option<Self> {
        let runs: Vec<Figures> = runs
            .into_iter()
            .filter(|run| !run.values.is_empty())
            .collect();
        let all: Vec<f64> = runs.iter().flat_map(|run| run.values.clone()).collect();
        if all.is_empty() {
            return None;
        }
        let medians: Vec<f64> = runs.iter().map(|run| median(&run.values)).collect();
        let bounds: Vec<f64> = runs.iter().filter_map(|run| run.bound).collect();
        Some(Self {
            row,
            median: median(&all),
            p99: percentile(&all, 0.99),
            noise: noise(&medians),
            bound: (!bounds.is_empty()).then(|| median(&bounds)),
            beside: pooled(runs),
        })
    }

    /// The figure as a share of its goal, of the worse one where there are two; above 1 is not met. `None` without a goal.
    pub(crate) fn ratio(&self) -> Option<f64> {
        match self.row.goal {
            Goal::Median(goal) => Some(self.median / goal),
            Goal::P99(goal) => Some(self.p99 / goal),
            Goal::Both { median, p99 } => Some((self.median / median).max(self.p99 / p99)),
            Goal::AtLeast(goal) => Some(goal / self.median),
            Goal::Computed(_) => self.bound.map(|bound| self.median / bound),
            Goal::None => None,
        }
    }

    pub(crate) fn is_met(&self) -> Option<bool> {
        self.ratio().map(|ratio| ratio <= 1.0)
    }
}

fn pooled(runs: Vec<Figures>) -> Option<Beside> {
    runs.into_iter()
        .filter_map(|run| run.beside)
        .reduce(|mut all, more| {
            all.values.extend(more.values);
            all
        })
}
