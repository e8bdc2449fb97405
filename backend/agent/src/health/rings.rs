//! History of the host's load at three resolutions.

use std::collections::VecDeque;

use archipel_protocol::{
    feed::HostLoad,
    history::{Metric, POINTS_LIMIT, Query, Series},
};
use jiff::Timestamp;

use crate::store::StoredPoint;

/// Seconds between two points, and how many points are kept: an hour, six hours, two days.
const RESOLUTIONS: [(i64, usize); 3] = [(5, 720), (30, 720), (300, 576)];
/// The most bytes of packed points in one answer.
const BYTES: usize = 15 * 1024;

/// The figures of one moment, in the order of [`Metric::ALL`].
type Point = [Option<u64>; Metric::ALL.len()];

fn point(load: &HostLoad) -> Point {
    Metric::ALL.map(|metric| match metric {
        Metric::Cpu => load.cpu_permille.map(u64::from),
        Metric::Memory => load.memory_kib,
        Metric::Load => load.load.map(|[one, ..]| u64::from(one)),
        Metric::DiskRead => load.disk.map(|(read, _)| read),
        Metric::DiskWrite => load.disk.map(|(_, written)| written),
        Metric::NetReceived => load.net.map(|(received, _)| received),
        Metric::NetSent => load.net.map(|(_, sent)| sent),
    })
}

/// History at all resolutions.
#[derive(Debug)]
pub(super) struct Rings([Ring; 3]);

impl Default for Rings {
    fn default() -> Self {
        Self(RESOLUTIONS.map(|(step_s, length)| Ring::new(step_s, length)))
    }
}

impl Rings {
    /// From what an earlier life stored.
    pub(super) fn restored(points: Vec<StoredPoint>) -> Self {
        let mut rings = Self::default();
        for stored in points {
            let wanted = |ring: &&mut Ring| ring.step_s == stored.step_s;
            if let Some(ring) = rings.0.iter_mut().find(wanted) {
                ring.push(stored.slot, unpack(&stored.figures));
            }
        }
        rings
    }

    /// Takes a sample in.
    pub(super) fn take(&mut self, at: Timestamp, load: &HostLoad) {
        let point = point(load);
        for ring in &mut self.0 {
            ring.take(at.as_second(), &point);
        }
    }

    /// Answers a question: the finest resolution that is not finer than wanted, reaches back far enough and fits into one answer.
    pub(super) fn series(&self, query: &Query, now: Timestamp) -> Series {
        let suits = |ring: &&Ring| {
            ring.step_s >= i64::from(query.resolution_s)
                && ring.reaches(query.from, now)
                && ring.count(query) <= POINTS_LIMIT
        };
        let coarsest = &self.0[RESOLUTIONS.len() - 1];
        self.0
            .iter()
            .find(suits)
            .unwrap_or(coarsest)
            .series(query, now)
    }

    /// What was not stored yet, and the oldest slot to keep per step.
    pub(super) fn unsaved(&mut self) -> (Vec<StoredPoint>, Vec<(i64, i64)>) {
        let points = self.0.iter_mut().flat_map(Ring::unsaved).collect();
        let oldest = self.0.iter().filter_map(Ring::oldest).collect();
        (points, oldest)
    }
}

/// History at one resolution: the mean of all samples within a step.
#[derive(Debug)]
struct Ring {
    step_s: i64,
    length: usize,
    points: VecDeque<(i64, Point)>,
    /// The step that is not over.
    filling: Option<(i64, Vec<Point>)>,
    /// Points from this slot on are not stored.
    stored_before: i64,
}

impl Ring {
    fn new(step_s: i64, length: usize) -> Self {
        Self {
            step_s,
            length,
            points: VecDeque::new(),
            filling: None,
            stored_before: i64::MIN,
        }
    }

    fn take(&mut self, second: i64, point: &Point) {
        let slot = second.div_euclid(self.step_s);
        match &mut self.filling {
            Some((filling, points)) if *filling == slot => points.push(*point),
            filling => {
                if let Some((slot, points)) = filling.replace((slot, vec![*point])) {
                    self.push(slot, mean(&points));
                }
            }
        }
    }

    /// Appends a point. A clock that was set back makes what it had recorded after that moment void.
    fn push(&mut self, slot: i64, point: Point) {
        while self.points.back().is_some_and(|(last, _)| *last >= slot) {
            self.points.pop_back();
            self.stored_before = self.stored_before.min(slot);
        }
        self.points.push_back((slot, point));
        while self.points.len() > self.length {
            self.points.pop_front();
        }
    }

    fn reaches(&self, from: Timestamp, now: Timestamp) -> bool {
        let length = i64::try_from(self.length).unwrap_or(i64::MAX);
        now.as_second() - from.as_second() <= self.step_s.saturating_mul(length)
    }

    fn count(&self, query: &Query) -> usize {
        let seconds = query.to.as_second() - query.from.as_second();
        usize::try_from(seconds / self.step_s + 1).unwrap_or(usize::MAX)
    }

    /// The points within the question's span, at most up to now, the oldest left out where they are too many.
    fn series(&self, query: &Query, now: Timestamp) -> Series {
        let last = query.to.min(now).as_second().div_euclid(self.step_s);
        let span = i64::try_from(POINTS_LIMIT.min(self.length)).unwrap_or(i64::MAX);
        let first = query
            .from
            .as_second()
            .div_euclid(self.step_s)
            .max(last - span + 1);
        let values = (first..=last).map(|slot| self.value(slot, query.metric));
        let points = cut(values.collect());
        let first = last + 1 - i64::try_from(points.len()).unwrap_or_default();
        Series {
            metric: query.metric,
            start: Timestamp::from_second(first.saturating_mul(self.step_s)).unwrap_or(now),
            step_s: u32::try_from(self.step_s).unwrap_or(u32::MAX),
            points,
        }
    }

    fn value(&self, slot: i64, metric: Metric) -> Option<u64> {
        let column = Metric::ALL.iter().position(|known| *known == metric)?;
        if let Some((filling, points)) = &self.filling
            && *filling == slot
        {
            return mean(points)[column];
        }
        let found = self
            .points
            .binary_search_by_key(&slot, |(slot, _)| *slot)
            .ok()?;
        self.points.get(found)?.1[column]
    }

    fn unsaved(&mut self) -> Vec<StoredPoint> {
        let from = self
            .points
            .partition_point(|(slot, _)| *slot < self.stored_before);
        let stored = |(slot, point): &(i64, Point)| StoredPoint {
            step_s: self.step_s,
            slot: *slot,
            figures: pack(point),
        };
        let points = self.points.iter().skip(from).map(stored).collect();
        self.stored_before = self
            .points
            .back()
            .map_or(self.stored_before, |(slot, _)| slot + 1);
        points
    }

    fn oldest(&self) -> Option<(i64, i64)> {
        let (slot, _) = self.points.front()?;
        Some((self.step_s, *slot))
    }
}

fn mean(points: &[Point]) -> Point {
    std::array::from_fn(|column| {
        let known: Vec<u128> = points
            .iter()
            .filter_map(|point| point[column])
            .map(u128::from)
            .collect();
        let count = u128::try_from(known.len()).ok()?;
        u64::try_from(known.iter().sum::<u128>().checked_div(count)?).ok()
    })
}

/// Without the oldest points until the rest fits.
fn cut(mut points: Vec<Option<u64>>) -> Vec<Option<u64>> {
    let mut room = BYTES;
    let mut fits = |point: &Option<u64>| {
        let size = point.map_or(2, |value| value.to_string().len() + 1);
        let enough = size <= room;
        room = room.saturating_sub(size);
        enough
    };
    let kept = points.iter().rev().take_while(|point| fits(point)).count();
    points.split_off(points.len() - kept)
}

fn pack(point: &Point) -> String {
    let words = point.map(|value| value.map_or_else(|| "-".to_owned(), |value| value.to_string()));
    words.join(" ")
}

/// What is damaged or absent is not known.
fn unpack(text: &str) -> Point {
    let mut words = text.split(' ').map(|word| word.parse().ok());
    std::array::from_fn(|_| words.next().flatten())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn load(cpu: u32) -> HostLoad {
        HostLoad {
            cpu_permille: Some(cpu),
            ..HostLoad::default()
        }
    }

    fn filled(seconds: i64) -> Rings {
        let mut rings = Rings::default();
        for second in (0..seconds).step_by(5) {
            rings.take(at(second), &load(u32::try_from(second).unwrap()));
        }
        rings
    }

    fn query(from: i64, to: i64, resolution_s: u32) -> Query {
        Query {
            metric: Metric::Cpu,
            from: at(from),
            to: at(to),
            resolution_s,
        }
    }

    #[test]
    fn the_resolution_is_the_one_asked_for_or_coarser() {
        let rings = filled(600);
        let now = at(599);
        let fine = rings.series(&query(0, 14, 5), now);
        assert_eq!((fine.step_s, fine.start), (5, at(0)));
        assert_eq!(fine.points, [Some(0), Some(5), Some(10)]);
        let coarse = rings.series(&query(0, 59, 6), now);
        assert_eq!(coarse.step_s, 30);
        assert_eq!(coarse.points, [Some(12), Some(42)]);
        let long_ago = rings.series(&query(-20 * 3_600, 599, 5), now);
        assert_eq!(long_ago.step_s, 300);
        assert_eq!(*long_ago.points.last().unwrap(), Some(447));
        assert_eq!(rings.series(&query(0, 59, 86_400), now).step_s, 300);
    }

    #[test]
    fn the_future_is_not_answered_and_gaps_are() {
        let mut rings = filled(10);
        rings.take(at(20), &load(7));
        let series = rings.series(&query(0, 3_600, 5), at(20));
        assert_eq!(series.points, [Some(0), Some(5), None, None, Some(7)]);
    }

    #[test]
    fn history_survives_a_restart() {
        let mut rings = filled(600);
        let (points, _) = rings.unsaved();
        assert!(rings.unsaved().0.is_empty());
        let restored = Rings::restored(points);
        let question = query(0, 500, 5);
        assert_eq!(
            restored.series(&question, at(600)),
            rings.series(&question, at(600))
        );
    }

    #[test]
    fn a_clock_set_back_voids_what_came_after() {
        let mut rings = filled(60);
        rings.take(at(10), &load(1));
        rings.take(at(15), &load(2));
        let series = rings.series(&query(0, 60, 5), at(60));
        assert_eq!(series.points[..4], [Some(0), Some(5), Some(1), Some(2)]);
        assert!(series.points[4..].iter().all(Option::is_none));
    }

    #[test]
    fn an_answer_stays_under_its_bound() {
        let points = cut(vec![Some(u64::MAX); POINTS_LIMIT]);
        let size: usize = points
            .iter()
            .map(|point| point.unwrap().to_string().len() + 1)
            .sum();
        assert!(size <= BYTES && points.len() > 500, "{size}");
    }
}
