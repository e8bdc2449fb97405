//! The feed `urn:archipel:fleet:1`: the state of a hypervisor and its machines, pushed to whoever watches.
//!
//! The operator sends directed presence, then `<watch/>` as an IQ `set` to the hypervisor's full address. The answer is the first
//! [`Update`]; while an update says `next`, the operator asks for the rest with `<page/>`. Afterwards deltas arrive as headlines
//! carrying the watch id. Rows are state, not news: the last one received for a machine is the truth. A delta's `from` is
//! the number that the watcher was told before; another number, or another epoch, means that something was missed: ask again.

mod host;
mod vm;

pub use host::{FileSystem, HostLoad, HostRow, Interface, Rights, ScopedRights};
pub use vm::{NAME_LIMIT, VmFlags, VmLoad, VmRow};

use minidom::Element;

use crate::{
    ids::{Epoch, Seq, VmId, WatchId},
    ns,
    xml::{Build, ParseError, expect, name, optional, required},
};

/// The most bytes of one stanza on our wire.
pub const LIMIT: usize = 16 * 1024;
/// What the stanza around an update may need: addresses, ids, attributes.
const ENVELOPE: usize = 1_024;
/// The life of a watch in seconds; the operator renews it in time.
pub const LEASE_S: u32 = 300;
/// The shortest time between two reports of figures, seconds.
pub const EVERY_MIN_S: u32 = 1;

/// How much a watcher wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// States, and the figures of the host itself.
    #[default]
    State,
    /// Also the figures of each machine, file system and interface.
    Metrics,
}

impl Detail {
    const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Metrics => "metrics",
        }
    }
}

/// Begins or renews a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Chosen by the operator, random.
    pub id: WatchId,
    /// What the operator knows already: an epoch and the number it was told last.
    pub known: Option<(Epoch, Seq)>,
    /// How much it wants to see.
    pub detail: Detail,
    /// Seconds between two reports of figures.
    pub every_s: u32,
}

impl Watch {
    /// As an element.
    pub fn to_element(&self) -> Element {
        let known = self.known.as_ref();
        Build::new("watch", ns::FLEET)
            .attr(name!("id"), &self.id)
            .maybe(name!("epoch"), known.map(|(epoch, _)| epoch))
            .maybe(name!("seq"), known.map(|(_, seq)| seq))
            .attr(name!("detail"), self.detail.word())
            .attr(name!("every"), self.every_s)
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "watch")?;
        Ok(Self {
            id: required(element, "id")?,
            known: optional(element, "epoch")?.zip(optional(element, "seq")?),
            detail: if element.attr("detail") == Some("metrics") {
                Detail::Metrics
            } else {
                Detail::State
            },
            every_s: optional(element, "every")?
                .unwrap_or(5)
                .clamp(EVERY_MIN_S, 3_600),
        })
    }
}

/// Asks for the next part of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Of which watch.
    pub id: WatchId,
    /// Rows after this machine.
    pub after: VmId,
}

impl Page {
    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("page", ns::FLEET)
            .attr(name!("id"), &self.id)
            .attr(name!("after"), self.after)
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "page")?;
        Ok(Self {
            id: required(element, "id")?,
            after: required(element, "after")?,
        })
    }
}

/// Ends a watch; so does `unavailable` presence.
pub fn unwatch(id: &WatchId) -> Element {
    Build::new("unwatch", ns::FLEET)
        .attr(name!("id"), id)
        .done()
}

/// Reads the end of a watch.
pub fn parse_unwatch(element: &Element) -> Result<WatchId, ParseError> {
    expect(element, "unwatch")?;
    required(element, "id")
}

/// How an update relates to what the watcher knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing changed since the known number.
    Unchanged,
    /// The first or a further part of everything. What is not in any part does not exist.
    Snapshot {
        /// Whether this part is the first.
        first: bool,
        /// Where to go on: ask for the page after this machine. Absent in the last part.
        next: Option<VmId>,
    },
    /// What changed after `from`.
    Delta {
        /// The number that the watcher was told before.
        from: Seq,
    },
}

/// A part of the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// The watch that it belongs to; drop it when that is not the own one.
    pub watch: WatchId,
    /// The life of the agent's numbering.
    pub epoch: Epoch,
    /// The number that the watcher knows after this update.
    pub seq: Seq,
    /// How it relates to what the watcher knew.
    pub kind: Kind,
    /// The newest number in the agent's event log.
    pub newest_event: u64,
    /// What there is to know, in sending order.
    pub rows: Vec<Row>,
}

/// One piece of state.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// The hypervisor.
    Host(Box<HostRow>),
    /// Its figures.
    HostLoad(Box<HostLoad>),
    /// A machine.
    Vm(VmRow),
    /// A machine that is no more, or no longer to be seen by this watcher.
    Gone(VmId),
    /// A machine's figures.
    VmLoad(VmLoad),
}

impl Row {
    /// As an element.
    pub fn to_element(&self) -> Element {
        match self {
            Self::Host(row) => row.to_element(),
            Self::HostLoad(load) => load.to_element(),
            Self::Vm(row) => row.to_element(),
            Self::Gone(id) => Build::new("gone", ns::FLEET).attr(name!("i"), id).done(),
            Self::VmLoad(load) => load.to_element(),
        }
    }

    /// `None` for a row of a later version.
    fn parse(element: &Element) -> Result<Option<Self>, ParseError> {
        Ok(Some(match element.name() {
            "host" => Self::Host(Box::new(HostRow::parse(element)?)),
            "load" => Self::HostLoad(Box::new(HostLoad::parse(element)?)),
            "vm" => Self::Vm(VmRow::parse(element)?),
            "gone" => Self::Gone(required(element, "i")?),
            "u" => Self::VmLoad(VmLoad::parse(element)?),
            _ => return Ok(None),
        }))
    }
}

/// The bytes that an element takes inside an update. Its namespace is written out on its own, but inherited within the update.
pub fn wire_size(element: &Element) -> usize {
    String::from(element)
        .len()
        .saturating_sub(format!(" xmlns='{}'", ns::FLEET).len())
}

/// Takes from `rows` as many as one stanza holds, always at least one.
pub fn fill<I: Iterator<Item = Row>>(rows: &mut std::iter::Peekable<I>) -> Vec<Row> {
    let mut room = LIMIT - ENVELOPE;
    let mut taken = Vec::new();
    while let Some(row) = rows.peek() {
        let size = wire_size(&row.to_element());
        if size > room && !taken.is_empty() {
            break;
        }
        room = room.saturating_sub(size);
        taken.extend(rows.next());
    }
    taken
}

impl Update {
    /// As an element: the answer to `<watch/>` and `<page/>`, and the payload of a delta's headline.
    pub fn to_element(&self) -> Element {
        let build = Build::new("feed", ns::FLEET)
            .attr(name!("watch"), &self.watch)
            .attr(name!("epoch"), &self.epoch)
            .attr(name!("seq"), self.seq)
            .attr(name!("events"), self.newest_event);
        self.write_kind(build)
            .children(self.rows.iter().map(Row::to_element))
            .done()
    }

    fn write_kind(&self, build: Build) -> Build {
        match &self.kind {
            Kind::Unchanged => build.attr(name!("kind"), "unchanged"),
            Kind::Snapshot { first, next } => build
                .attr(name!("kind"), "snapshot")
                .maybe(name!("first"), first.then_some("1"))
                .maybe(name!("next"), *next),
            Kind::Delta { from } => build.attr(name!("kind"), "delta").attr(name!("from"), from),
        }
    }

    /// Reads an update; rows of later versions are left out.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "feed")?;
        let rows = element
            .children()
            .map(Row::parse)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            watch: required(element, "watch")?,
            epoch: required(element, "epoch")?,
            seq: required(element, "seq")?,
            kind: Self::parse_kind(element)?,
            newest_event: optional(element, "events")?.unwrap_or_default(),
            rows: rows.into_iter().flatten().collect(),
        })
    }

    fn parse_kind(element: &Element) -> Result<Kind, ParseError> {
        let kind: String = required(element, "kind")?;
        Ok(match kind.as_str() {
            "unchanged" => Kind::Unchanged,
            "snapshot" => Kind::Snapshot {
                first: element.attr("first").is_some(),
                next: optional(element, "next")?,
            },
            "delta" => Kind::Delta {
                from: required(element, "from")?,
            },
            _ => {
                return Err(ParseError::invalid(
                    "kind",
                    "neither unchanged, snapshot nor delta",
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests;
