//! Bounds every child of the stream before a tree is built from it.
//!
//! Building, writing and dropping a tree is recursive, so one deep stanza from any account could end the process. The guard counts
//! while the parser still reads; what breaks a bound is dropped at once and read to its end without being kept, and the stream lives.

use std::io;

use jid::Jid;
use minidom::Element;
use rxml::{AttrMap, Event, Namespace, Parse, QName, error::EndOrError};
use xso::{
    Context, FromEventsBuilder, FromXml,
    error::{Error, FromEventsError},
    minidom_compat::ElementFromEvents,
};

use crate::Refusal;

/// Most elements inside each other, counting the stanza itself.
pub const MAX_DEPTH: usize = 64;
/// Most bytes of one stanza.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most elements in one stanza, attributes counted too: both cost an allocation each.
pub const MAX_ELEMENTS: usize = 10_000;

/// So many times more bytes and elements may be in what only the own server can say: its roster of 2,500 hypervisors has 12,500 of them.
const ROOM_OF_OWN_SERVER: usize = 8;

/// One child of the stream.
#[derive(Debug)]
pub enum Guarded {
    /// Within all bounds.
    Element(Element),
    /// Beyond a bound; only its header was kept.
    Refused(Header, Refusal),
}

/// What is known of a refused element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// Local name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// The attribute `from`.
    pub from: Option<String>,
    /// The attribute `id`.
    pub id: Option<String>,
    /// The attribute `type`.
    pub kind: Option<String>,
}

impl Guarded {
    /// Whether it is a stanza, and not an element of the stream itself.
    pub fn is_stanza(&self) -> bool {
        match self {
            Guarded::Element(element) => is_stanza(element.name(), &element.ns()),
            Guarded::Refused(header, _) => header.is_stanza(),
        }
    }
}

impl Header {
    fn new(name: &QName, attributes: &AttrMap) -> Self {
        let attribute = |name: &str| attributes.get(&Namespace::NONE, name).cloned();
        Self {
            name: name.1.to_string(),
            namespace: name.0.to_string(),
            from: attribute("from"),
            id: attribute("id"),
            kind: attribute("type"),
        }
    }

    /// The header of an element that is within the bounds.
    pub(crate) fn of(element: &Element) -> Self {
        let attribute = |name: &str| element.attr(name).map(str::to_owned);
        Self {
            name: element.name().to_owned(),
            namespace: element.ns(),
            from: attribute("from"),
            id: attribute("id"),
            kind: attribute("type"),
        }
    }

    /// Whether it counts for stream management (XEP-0198, 4).
    pub fn is_stanza(&self) -> bool {
        is_stanza(&self.name, &self.namespace)
    }

    /// Whether its sender expects an answer.
    pub fn is_request(&self) -> bool {
        self.is_stanza() && self.name == "iq" && matches!(self.kind.as_deref(), Some("get" | "set"))
    }

    /// The sender, if it can be read.
    pub fn sender(&self) -> Option<Jid> {
        self.from.as_deref().and_then(|from| from.parse().ok())
    }
}

/// Whether a child of the stream counts for stream management.
pub(crate) fn is_stanza(name: &str, namespace: &str) -> bool {
    namespace == archipel_protocol::ns::CLIENT && matches!(name, "iq" | "message" | "presence")
}

/// Whether it is an answer of the own server: it names no sender, or the account itself without a resource (RFC 6120, 8.1.2.1). No
/// other entity can send such a one.
fn is_of_own_server(name: &QName, attributes: &AttrMap) -> bool {
    let attribute = |name: &str| attributes.get(&Namespace::NONE, name).map(String::as_str);
    let to = attribute("to").unwrap_or_default();
    let account = to.split_once('/').map_or(to, |(account, _)| account);
    let own = attribute("from").is_none_or(|from| from == account);
    own && name.1.as_str() == "iq" && attribute("type") == Some("result")
}

/// What has been read of one child so far.
#[derive(Debug, Clone, Copy)]
struct Count {
    depth: usize,
    elements: usize,
    bytes: usize,
    /// Times the usual bounds.
    room: usize,
}

impl Count {
    fn start(name: &QName, attributes: &AttrMap) -> Self {
        let own = is_of_own_server(name, attributes);
        let values: usize = attributes
            .iter()
            .map(|((_, name), value)| name.len() + value.len())
            .sum();
        Self {
            depth: 1,
            elements: 1 + attributes.len(),
            bytes: name.1.len() + values,
            room: if own { ROOM_OF_OWN_SERVER } else { 1 },
        }
    }

    fn add(&mut self, event: &Event) {
        self.bytes += event.metrics().len();
        match event {
            Event::StartElement(_, _, attributes) => {
                self.depth += 1;
                self.elements += 1 + attributes.len();
            }
            Event::EndElement(_) => self.depth -= 1,
            Event::Text(..) | Event::XmlDeclaration(..) => {}
        }
    }

    fn check(self) -> Result<(), Refusal> {
        if self.depth > MAX_DEPTH {
            return Err(Refusal::TooDeep);
        }
        if self.elements > MAX_ELEMENTS * self.room {
            return Err(Refusal::TooManyElements);
        }
        if self.bytes > MAX_BYTES * self.room {
            return Err(Refusal::TooLong);
        }
        Ok(())
    }
}

enum Progress {
    Building(Box<ElementFromEvents>),
    Refused(Refusal),
}

/// Builds a [`Guarded`] from parser events.
pub struct GuardedBuilder {
    header: Header,
    count: Count,
    progress: Progress,
}

impl std::fmt::Debug for GuardedBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardedBuilder")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl FromEventsBuilder for GuardedBuilder {
    type Output = Guarded;

    fn feed(&mut self, event: Event, context: &Context<'_>) -> Result<Option<Guarded>, Error> {
        self.count.add(&event);
        if let Progress::Building(tree) = &mut self.progress {
            match self.count.check() {
                Ok(()) => return Ok(tree.feed(event, context)?.map(Guarded::Element)),
                // Dropping the tree here is safe: it is within the bounds.
                Err(refusal) => self.progress = Progress::Refused(refusal),
            }
        }
        let Progress::Refused(refusal) = &self.progress else {
            return Ok(None);
        };
        Ok((self.count.depth == 0).then(|| Guarded::Refused(self.header.clone(), refusal.clone())))
    }
}

impl FromXml for Guarded {
    type Builder = GuardedBuilder;

    fn from_events(
        name: QName,
        attributes: AttrMap,
        _: &Context<'_>,
    ) -> Result<GuardedBuilder, FromEventsError> {
        let header = Header::new(&name, &attributes);
        let count = Count::start(&name, &attributes);
        let progress = match count.check() {
            Ok(()) => Progress::Building(Box::new(ElementFromEvents::new(name, attributes))),
            Err(refusal) => Progress::Refused(refusal),
        };
        Ok(GuardedBuilder {
            header,
            count,
            progress,
        })
    }
}

/// Bytes handed to the parser at a time, as a session's read buffer does: its cost grows with what it is shown at once.
const PIECE: usize = 1024;

/// Reads a whole recorded stream, header first, as a session would; for tests and fuzzing.
///
/// Returns the children up to the point where the parser gave up, and its error if it did.
pub fn read_stream(bytes: &[u8]) -> (Vec<Guarded>, Option<rxml::Error>) {
    let mut parser = rxml::Parser::default();
    let mut reading = Reading::default();
    for mut piece in bytes.chunks(PIECE) {
        loop {
            match parser.parse(&mut piece, false) {
                Ok(Some(event)) => reading.step(event),
                Ok(None) => return (reading.children, None),
                Err(EndOrError::NeedMoreData) => break,
                Err(EndOrError::Error(error)) => return (reading.children, Some(error)),
            }
        }
    }
    (reading.children, None)
}

/// A recorded stream being read.
#[derive(Default)]
struct Reading {
    children: Vec<Guarded>,
    builder: Option<GuardedBuilder>,
    inside: bool,
}

impl Reading {
    fn step(&mut self, event: Event) {
        let context = Context::empty();
        if let Some(open) = &mut self.builder {
            let child = open.feed(event, &context);
            if !matches!(child, Ok(None)) {
                self.builder = None;
            }
            self.children.extend(child.ok().flatten());
            return;
        }
        match event {
            Event::StartElement(_, name, attributes) if self.inside => {
                self.builder = Guarded::from_events(name, attributes, &context).ok();
            }
            Event::StartElement(..) => self.inside = true,
            Event::EndElement(_) => self.inside = false,
            Event::Text(..) | Event::XmlDeclaration(..) => {}
        }
    }
}

/// Whether `error` means that the XML reader gave up on what the server forwarded (as opposed to a broken connection).
pub(crate) fn xml_error(error: &io::Error) -> Option<&rxml::Error> {
    error.get_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests;
