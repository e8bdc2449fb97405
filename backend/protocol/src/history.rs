//! History of a hypervisor's figures over the fleet wire: `<history/>` asks, `<series/>` answers (`urn:archipel:fleet:1`).

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use minidom::Element;

use crate::{
    ns,
    xml::{Build, ParseError, expect, name, required, shown},
};

/// The most points that one answer holds; more are refused on reading and cut on writing.
pub const POINTS_LIMIT: usize = 1_500;

/// A figure of which history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// Busy share of all processors, thousandths.
    Cpu,
    /// Memory in use, KiB.
    Memory,
    /// Mean number of runnable tasks over a minute, hundredths.
    Load,
    /// Bytes read from disks per second.
    DiskRead,
    /// Bytes written to disks per second.
    DiskWrite,
    /// Bytes received per second.
    NetReceived,
    /// Bytes sent per second.
    NetSent,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Cpu,
        Self::Memory,
        Self::Load,
        Self::DiskRead,
        Self::DiskWrite,
        Self::NetReceived,
        Self::NetSent,
    ];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Load => "load",
            Self::DiskRead => "disk-read",
            Self::DiskWrite => "disk-write",
            Self::NetReceived => "net-received",
            Self::NetSent => "net-sent",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Metric {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut all = Self::ALL.into_iter();
        all.find(|metric| metric.word() == text)
            .ok_or_else(|| ParseError::invalid("metric", format!("`{}` is not known", shown(text))))
    }
}

/// Asks for a piece of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Of which figure.
    pub metric: Metric,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Seconds between two points that the asker has use for; the agent takes its nearest resolution that is not finer.
    pub resolution_s: u32,
}

impl Query {
    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("history", ns::FLEET)
            .attr(name!("metric"), self.metric)
            .attr(name!("from"), self.from)
            .attr(name!("to"), self.to)
            .attr(name!("resolution"), self.resolution_s)
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "history")?;
        let query = Self {
            metric: required(element, "metric")?,
            from: required(element, "from")?,
            to: required(element, "to")?,
            resolution_s: required(element, "resolution")?,
        };
        if query.to < query.from || query.resolution_s == 0 {
            return Err(ParseError::invalid(
                "to",
                "before `from`, or a resolution of 0",
            ));
        }
        Ok(query)
    }
}

/// A piece of history: points at a fixed distance, packed as whole numbers, `-` where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Of which figure.
    pub metric: Metric,
    /// The time of the first point.
    pub start: Timestamp,
    /// Seconds between two points.
    pub step_s: u32,
    /// The points in the metric's unit.
    pub points: Vec<Option<u64>>,
}

impl Series {
    /// As an element; points beyond [`POINTS_LIMIT`] are left out.
    pub fn to_element(&self) -> Element {
        let word =
            |point: &Option<u64>| point.map_or_else(|| "-".to_owned(), |value| value.to_string());
        let packed: Vec<String> = self.points.iter().take(POINTS_LIMIT).map(word).collect();
        Build::new("series", ns::FLEET)
            .attr(name!("metric"), self.metric)
            .attr(name!("start"), self.start)
            .attr(name!("step"), self.step_s)
            .text(&packed.join(" "))
            .done()
    }

    /// Reads an answer.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "series")?;
        Ok(Self {
            metric: required(element, "metric")?,
            start: required(element, "start")?,
            step_s: required(element, "step")?,
            points: parse_points(&element.text())?,
        })
    }
}

fn parse_points(text: &str) -> Result<Vec<Option<u64>>, ParseError> {
    let point = |word: &str| match word {
        "-" => Ok(None),
        word => word
            .parse()
            .map(Some)
            .map_err(|why| ParseError::invalid("series", format!("{why} ({})", shown(word)))),
    };
    let points: Vec<_> = text
        .split_ascii_whitespace()
        .take(POINTS_LIMIT + 1)
        .map(point)
        .collect::<Result<_, _>>()?;
    if points.len() > POINTS_LIMIT {
        return Err(ParseError::invalid(
            "series",
            format!("more than {POINTS_LIMIT} points"),
        ));
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn questions_and_answers_come_back() {
        let start: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        for metric in Metric::ALL {
            let query = Query {
                metric,
                from: start,
                to: start + jiff::SignedDuration::from_mins(5),
                resolution_s: 5,
            };
            assert_eq!(Query::parse(&query.to_element()).unwrap(), query);
            let series = Series {
                metric,
                start,
                step_s: 5,
                points: vec![Some(1), None, Some(u64::MAX)],
            };
            assert_eq!(Series::parse(&series.to_element()).unwrap(), series);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            "<history xmlns='x' metric='cpu' from='2026-11-20T10:00:00Z' to='2026-11-20T09:00:00Z' resolution='5'/>",
            "<history xmlns='x' metric='cpu' from='2026-11-20T10:00:00Z' to='2026-11-20T11:00:00Z' resolution='0'/>",
            "<history xmlns='x' metric='soul' from='2026-11-20T10:00:00Z' to='2026-11-20T11:00:00Z' resolution='5'/>",
        ] {
            assert!(Query::parse(&bad.parse().unwrap()).is_err(), "{bad}");
        }
        assert!(parse_points("1 x").is_err());
        assert!(parse_points(&"1 ".repeat(POINTS_LIMIT + 1)).is_err());
        assert_eq!(parse_points(" ").unwrap(), []);
    }
}
