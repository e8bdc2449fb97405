//! The numbered log of an agent, read by range over the fleet wire: `<events/>` asks and answers (`urn:archipel:fleet:1`).

use jid::BareJid;
use jiff::Timestamp;
use minidom::Element;

use crate::{
    audit::Outcome,
    ids::VmId,
    ns,
    text::clean_line,
    xml::{Build, ParseError, expect, name, optional, required, text},
};

/// The most events in one answer.
pub const PAGE_LIMIT: u32 = 60;
/// The longest text of an event, in characters.
const TEXT_LIMIT: usize = 200;

/// Asks for events after a number, or for the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// Events with a greater number; absent: the newest `limit`.
    pub after: Option<u64>,
    /// How many at most; the agent gives no more than [`PAGE_LIMIT`].
    pub limit: u32,
    /// Events at this moment or later (UTC).
    pub since: Option<Timestamp>,
    /// Events before this moment (UTC).
    pub until: Option<Timestamp>,
    /// Events about this machine.
    pub vm: Option<VmId>,
    /// Events that matter at least so much.
    pub severity: Severity,
}

impl Default for Query {
    /// The newest of all.
    fn default() -> Self {
        Self {
            after: None,
            limit: PAGE_LIMIT,
            since: None,
            until: None,
            vm: None,
            severity: Severity::Info,
        }
    }
}

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub enum Severity {
    /// Something happened, as it should.
    #[default]
    Info,
    /// Something was refused, or may need a look.
    Warning,
    /// Something failed.
    Error,
}

impl Severity {
    const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word on the wire and in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Of one that another version of the agent may have named.
    pub fn from_word(word: &str) -> Self {
        let known = Self::ALL.into_iter().find(|known| known.word() == word);
        known.unwrap_or_default()
    }
}

impl Query {
    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("events", ns::FLEET)
            .maybe(name!("after"), self.after)
            .attr(name!("limit"), self.limit)
            .maybe(name!("since"), self.since)
            .maybe(name!("until"), self.until)
            .maybe(name!("vm"), self.vm)
            .maybe(name!("severity"), written(self.severity))
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "events")?;
        Ok(Self {
            after: optional(element, "after")?,
            limit: optional(element, "limit")?
                .unwrap_or(PAGE_LIMIT)
                .min(PAGE_LIMIT),
            since: optional(element, "since")?,
            until: optional(element, "until")?,
            vm: optional(element, "vm")?,
            severity: Severity::from_word(&text(element, "severity")),
        })
    }
}

/// What everything has is not said.
fn written(severity: Severity) -> Option<&'static str> {
    (severity != Severity::Info).then(|| severity.word())
}

/// A fact in an agent's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number, growing without gaps.
    pub number: u64,
    /// When it happened (UTC).
    pub at: Timestamp,
    /// The machine it is about; absent: the hypervisor itself.
    pub vm: Option<VmId>,
    /// That machine's name at the time.
    pub name: String,
    /// What happened, one word: `started`, `stopped`, `command`, …
    pub what: String,
    /// Who asked for it, where somebody did.
    pub by: Option<BareJid>,
    /// More for people: the verb and its result, a reason.
    pub text: String,
    /// How much it matters.
    pub severity: Severity,
    /// What was asked for: the id of a verb, such as `vm.start`, or an action of the wire.
    pub verb: Option<String>,
    /// What became of it.
    pub result: Option<Outcome>,
}

impl Event {
    fn to_element(&self) -> Element {
        Build::new("event", ns::FLEET)
            .attr(name!("n"), self.number)
            .attr(name!("at"), self.at)
            .maybe(name!("vm"), self.vm)
            .attr(name!("name"), clean_line(&self.name, 64))
            .attr(name!("what"), &self.what)
            .maybe(name!("by"), self.by.as_ref())
            .maybe(name!("severity"), written(self.severity))
            .maybe(name!("verb"), self.verb.as_ref())
            .maybe(name!("result"), self.result.map(Outcome::word))
            .text(&clean_line(&self.text, TEXT_LIMIT))
            .done()
    }

    fn parse(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            number: required(element, "n")?,
            at: required(element, "at")?,
            vm: optional(element, "vm")?,
            name: clean_line(&text(element, "name"), 64),
            what: clean_line(&text(element, "what"), 32),
            by: optional(element, "by")?,
            text: clean_line(&element.text(), TEXT_LIMIT),
            severity: Severity::from_word(&text(element, "severity")),
            verb: element.attr("verb").map(|verb| clean_line(verb, 64)),
            // What a later agent may call otherwise is not known here.
            result: text(element, "result").parse().ok(),
        })
    }
}

/// The answer: events in the order of their numbers, and the newest number there is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The newest number in the log.
    pub newest: u64,
    /// The events asked for.
    pub events: Vec<Event>,
}

impl Page {
    /// Takes from `events` as many as one stanza of our wire holds.
    pub fn fill(newest: u64, events: impl IntoIterator<Item = Event>) -> Self {
        let mut room = crate::feed::LIMIT - 1_024;
        let fits = |event: &Event| {
            let size = crate::feed::wire_size(&event.to_element());
            let enough = size <= room;
            room = room.saturating_sub(size);
            enough
        };
        Self {
            newest,
            events: events.into_iter().take_while(fits).collect(),
        }
    }

    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("events", ns::FLEET)
            .attr(name!("newest"), self.newest)
            .children(self.events.iter().map(Event::to_element))
            .done()
    }

    /// Reads an answer.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "events")?;
        let events = element.children().filter(|child| child.name() == "event");
        Ok(Self {
            newest: required(element, "newest")?,
            events: events.map(Event::parse).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(number: u64) -> Event {
        Event {
            number,
            at: "2026-11-20T10:00:00Z".parse().unwrap(),
            vm: Some("7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01".parse().unwrap()),
            name: "web01".into(),
            what: "command".into(),
            by: Some(BareJid::new("olga@dc.example").unwrap()),
            text: "create: done".into(),
            severity: Severity::Info,
            verb: Some("vm.start".into()),
            result: Some(Outcome::Done),
        }
    }

    #[test]
    fn a_page_comes_back() {
        let page = Page {
            newest: 9,
            events: vec![
                event(8),
                Event {
                    vm: None,
                    by: None,
                    severity: Severity::Error,
                    verb: None,
                    result: None,
                    ..event(9)
                },
            ],
        };
        assert_eq!(Page::parse(&page.to_element()).unwrap(), page);
    }

    #[test]
    fn a_full_page_stays_under_the_bound() {
        let long = Event {
            name: "n".repeat(500),
            text: "t".repeat(500),
            ..event(u64::MAX)
        };
        let page = Page::fill(1, vec![long; 500]);
        let size = String::from(&page.to_element()).len();
        assert!(
            page.events.len() > 10 && size < crate::feed::LIMIT,
            "{size}"
        );
    }

    #[test]
    fn a_question_asks_for_no_more_than_a_page() {
        let query = Query::parse(&"<events xmlns='x' limit='100000'/>".parse().unwrap()).unwrap();
        assert_eq!(query, Query::default());
        assert_eq!(Query::parse(&query.to_element()).unwrap(), query);
        let narrow = Query {
            after: Some(3),
            since: Some(event(1).at),
            until: Some(event(1).at),
            vm: event(1).vm,
            severity: Severity::Warning,
            ..query
        };
        assert_eq!(Query::parse(&narrow.to_element()).unwrap(), narrow);
    }

    #[test]
    fn a_later_agent_may_say_more() {
        let later = "<events xmlns='x' newest='9' more='1'><event n='9' at='2026-11-20T10:00:00Z' name='' what='started' \
            severity='dreadful' colour='red'><part/>x</event><other/></events>";
        let page = Page::parse(&later.parse().unwrap()).unwrap();
        assert_eq!(page.events[0].severity, Severity::Info);
        assert_eq!((page.newest, page.events.len()), (9, 1));
    }
}
