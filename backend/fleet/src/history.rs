//! Series of the past: asked for once, then continued with what the feed brings.

use std::collections::HashMap;

use archipel_protocol::{
    feed::HostLoad,
    history::{Metric, POINTS_LIMIT, Series},
};
use jiff::SignedDuration;

use crate::time::Moment;

/// How far back a series goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Range {
    /// The last five minutes.
    FiveMinutes,
    /// The last hour.
    Hour,
    /// The last day.
    Day,
}

impl Range {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::FiveMinutes, Self::Hour, Self::Day];

    /// Its length, seconds.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::FiveMinutes => 300,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// Seconds between two points that a chart has use for.
    pub const fn resolution_s(self) -> u32 {
        match self {
            Self::FiveMinutes => 5,
            Self::Hour => 30,
            Self::Day => 300,
        }
    }
}

/// A series that goes up to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    series: Series,
    range: Range,
    /// The moment of the last point.
    end: Moment,
}

impl History {
    pub(crate) fn new(mut series: Series, range: Range, at: Moment) -> Self {
        series.points.truncate(POINTS_LIMIT);
        Self {
            series,
            range,
            end: at,
        }
    }

    /// The points, oldest first, in the metric's unit; `None` where nothing is known.
    pub fn points(&self) -> &[Option<u64>] {
        &self.series.points
    }

    /// The whole series, with the time of the first point and the distance between two.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// Appends the value of `at`, at most one per step; what is missing in between stays unknown.
    fn extend(&mut self, value: Option<u64>, at: Moment) {
        let step = u64::from(self.series.step_s.max(1)) * 1_000;
        let steps = at.0.saturating_sub(self.end.0) / step;
        if steps == 0 {
            return;
        }
        let missing = usize::try_from(steps - 1).unwrap_or(usize::MAX);
        let points = &mut self.series.points;
        points.extend(std::iter::repeat_n(None, missing.min(POINTS_LIMIT)));
        points.push(value);
        self.end = Moment(self.end.0 + steps * step);
        self.shorten();
    }

    fn shorten(&mut self) {
        let step_s = self.series.step_s.max(1);
        let kept = usize::try_from(self.range.seconds() / step_s).unwrap_or(POINTS_LIMIT);
        let excess = self
            .series
            .points
            .len()
            .saturating_sub(kept.clamp(1, POINTS_LIMIT));
        self.series.points.drain(..excess);
        let dropped_s = i64::try_from(excess)
            .unwrap_or(0)
            .saturating_mul(i64::from(step_s));
        let moved = self
            .series
            .start
            .saturating_add(SignedDuration::from_secs(dropped_s));
        self.series.start = moved.unwrap_or(self.series.start);
    }
}

/// The series of one hypervisor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histories(HashMap<(Metric, Range), History>);

impl Histories {
    pub(crate) fn get(&self, metric: Metric, range: Range) -> Option<&History> {
        self.0.get(&(metric, range))
    }

    pub(crate) fn put(&mut self, history: History) {
        self.0
            .insert((history.series.metric, history.range), history);
    }

    pub(crate) fn clear(&mut self) {
        self.0 = HashMap::new();
    }

    pub(crate) fn extend(&mut self, load: &HostLoad, at: Moment) {
        for history in self.0.values_mut() {
            history.extend(value(load, history.series.metric), at);
        }
    }
}

/// A figure of `load` in the unit of its metric.
fn value(load: &HostLoad, metric: Metric) -> Option<u64> {
    match metric {
        Metric::Cpu => load.cpu_permille.map(u64::from),
        Metric::Memory => load.memory_kib,
        Metric::Load => load.load.map(|[one, ..]| u64::from(one)),
        Metric::DiskRead => load.disk.map(|(read, _)| read),
        Metric::DiskWrite => load.disk.map(|(_, written)| written),
        Metric::NetReceived => load.net.map(|(received, _)| received),
        Metric::NetSent => load.net.map(|(_, sent)| sent),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn history(points: usize) -> History {
        let series = Series {
            metric: Metric::Cpu,
            start: "2026-11-20T10:00:00Z".parse().unwrap(),
            step_s: 5,
            points: vec![Some(1); points],
        };
        History::new(series, Range::FiveMinutes, Moment(100_000))
    }

    #[test]
    fn live_values_continue_a_series_on_its_grid() {
        let mut history = history(3);
        history.extend(Some(7), Moment(104_000));
        assert_eq!(history.points().len(), 3, "within the step");
        history.extend(Some(7), Moment(111_000));
        assert_eq!(history.points(), [Some(1), Some(1), Some(1), None, Some(7)]);
        history.extend(Some(8), Moment(115_000));
        assert_eq!(history.points().last(), Some(&Some(8)));
    }

    #[test]
    fn a_series_keeps_its_length_and_its_start_moves() {
        let mut history = history(60);
        let before = history.series().start;
        history.extend(Some(2), Moment(105_000));
        assert_eq!(history.points().len(), 60);
        assert_eq!(
            history.series().start,
            before + SignedDuration::from_secs(5)
        );
        history.extend(Some(3), Moment(u64::MAX));
        assert_eq!(history.points().len(), 60, "a long gap does not grow it");
    }

    #[test]
    fn a_step_of_zero_is_no_division() {
        let mut history = history(1);
        history.series.step_s = 0;
        history.extend(Some(2), Moment(200_000));
        assert!(history.points().len() <= 300);
    }
}
