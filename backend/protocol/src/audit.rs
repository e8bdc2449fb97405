//! The audit of an agent: who changed or was refused what, each entry bound to all before it by a hash (`urn:archipel:fleet:1`).
//!
//! The hash of an entry is SHA-256 over the hash of the entry before it and over its own fields; that before the first is all zeros. The
//! newest entry's number and hash, the [`Head`], ride in the row of the host: whoever kept one can tell later whether what stood before
//! it still stands. [`Walk`] reads a chain and names the first link that does not hold.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use minidom::Element;
use sha2::Digest as _;

use crate::{
    chunks::Digest,
    ids::VmId,
    ns,
    text::clean_line,
    xml::{Build, ParseError, expect, name, optional, required, shown, text},
};

/// The most entries in one answer.
pub const PAGE_LIMIT: u32 = 60;
/// How many entries an agent keeps at least. It drops the oldest beyond, and nothing else ever.
pub const KEPT: u64 = 200_000;
/// The longest text of an entry, in characters.
const TEXT_LIMIT: usize = 400;
/// The longest of any other field, in characters.
const FIELD_LIMIT: usize = 128;

/// What became of what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was tried, and failed.
    Failed,
    /// It was refused by permission.
    Denied,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Done, Self::Failed, Self::Denied];

    /// The word on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Denied => "denied",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Outcome {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let known = Self::ALL.into_iter().find(|known| known.word() == text);
        known.ok_or_else(|| ParseError::invalid("outcome", format!("no outcome ({})", shown(text))))
    }
}

/// Something that was changed or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// When (UTC), whole milliseconds.
    pub at: Timestamp,
    /// Who asked: an account, or `local:` and a user of the host.
    pub who: String,
    /// What was asked, one word.
    pub verb: String,
    /// On which machine; absent: on the hypervisor.
    pub vm: Option<VmId>,
    /// That machine's name at the time.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The version of the host's policy at the time.
    pub policy: u64,
    /// More for people: the details, or why not.
    pub text: String,
}

impl Fact {
    /// The same with every field as it travels, so that its hash is the same on both sides.
    #[must_use]
    pub fn tidied(self) -> Self {
        let field = |text: &str| clean_line(text, FIELD_LIMIT);
        Self {
            at: Timestamp::from_millisecond(self.at.as_millisecond()).unwrap_or(self.at),
            who: field(&self.who),
            verb: field(&self.verb),
            name: field(&self.name),
            text: clean_line(&self.text, TEXT_LIMIT),
            ..self
        }
    }

    /// The hash of this fact as the entry `number` after an entry with the hash `before`. Every field is preceded by its length, so that
    /// no two facts are the same bytes.
    pub fn hash(&self, number: u64, before: Digest) -> Digest {
        let vm = self.vm.map(|vm| vm.to_string()).unwrap_or_default();
        let at = self.at.as_millisecond().to_string();
        let (number, policy) = (number.to_string(), self.policy.to_string());
        let mut sum = sha2::Sha256::new();
        sum.update(before.bytes());
        for field in [
            &number,
            &at,
            &self.who,
            &self.verb,
            &vm,
            &self.name,
            self.outcome.word(),
            &policy,
            &self.text,
        ] {
            sum.update((field.len() as u64).to_be_bytes());
            sum.update(field.as_bytes());
        }
        Digest::from(<[u8; 32]>::from(sum.finalize()))
    }
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, growing without gaps.
    pub number: u64,
    /// What happened.
    pub fact: Fact,
    /// Its hash as the agent has it.
    pub hash: Digest,
}

impl Entry {
    fn to_element(&self) -> Element {
        let fact = &self.fact;
        Build::new("entry", ns::FLEET)
            .attr(name!("n"), self.number)
            .attr(name!("at"), fact.at)
            .attr(name!("who"), &fact.who)
            .attr(name!("verb"), &fact.verb)
            .maybe(name!("vm"), fact.vm)
            .attr(name!("name"), &fact.name)
            .attr(name!("outcome"), fact.outcome)
            .attr(name!("pv"), fact.policy)
            .attr(name!("hash"), self.hash)
            .text(&fact.text)
            .done()
    }

    /// As it is: what is cut or cleaned here would have another hash.
    fn parse(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            number: required(element, "n")?,
            fact: Fact {
                at: required(element, "at")?,
                who: text(element, "who"),
                verb: text(element, "verb"),
                vm: optional(element, "vm")?,
                name: text(element, "name"),
                outcome: required(element, "outcome")?,
                policy: required(element, "pv")?,
                text: element.text(),
            },
            hash: required(element, "hash")?,
        })
    }
}

/// The end of a chain: `12:` and the hash of entry 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The newest number; 0 before the first.
    pub number: u64,
    /// That entry's hash.
    pub hash: Digest,
}

impl Default for Head {
    /// Of a chain without entries.
    fn default() -> Self {
        Self {
            number: 0,
            hash: Digest::from([0; 32]),
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for Head {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::invalid("audit", format!("no anchor ({})", shown(text)));
        let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
        Ok(Self {
            number: number.parse().map_err(|_| wrong())?,
            hash: hash.parse()?,
        })
    }
}

/// Asks for entries after a number: `<audit after='40' limit='60'/>` (IQ `get`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Query {
    /// Entries with a greater number.
    pub after: u64,
    /// How many at most; the agent gives no more than [`PAGE_LIMIT`].
    pub limit: u32,
}

impl Query {
    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("audit", ns::FLEET)
            .attr(name!("after"), self.after)
            .attr(name!("limit"), self.limit)
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "audit")?;
        let limit: Option<u32> = optional(element, "limit")?;
        Ok(Self {
            after: optional(element, "after")?.unwrap_or_default(),
            limit: limit.unwrap_or(PAGE_LIMIT).min(PAGE_LIMIT),
        })
    }
}

/// The answer: entries in the order of their numbers, and where the chain begins and ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The end of the chain.
    pub head: Head,
    /// The number of the oldest entry that is kept; 0 where there is none.
    pub first: u64,
    /// The entries asked for.
    pub entries: Vec<Entry>,
}

impl Page {
    /// Takes from `entries` as many as one stanza of our wire holds.
    pub fn fill(head: Head, first: u64, entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut room = crate::feed::LIMIT - 1_024;
        let fits = |entry: &Entry| {
            let size = crate::feed::wire_size(&entry.to_element());
            let enough = size <= room;
            room = room.saturating_sub(size);
            enough
        };
        Self {
            head,
            first,
            entries: entries.into_iter().take_while(fits).collect(),
        }
    }

    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("audit", ns::FLEET)
            .attr(name!("head"), self.head)
            .attr(name!("first"), self.first)
            .children(self.entries.iter().map(Entry::to_element))
            .done()
    }

    /// Reads an answer.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "audit")?;
        let entries = element.children().filter(|child| child.name() == "entry");
        Ok(Self {
            head: required(element, "head")?,
            first: optional(element, "first")?.unwrap_or_default(),
            entries: entries.map(Entry::parse).collect::<Result<_, _>>()?,
        })
    }
}

/// A link that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is gone from the middle.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// What an entry says, or what stood before it, is not what it said when it was written.
    #[error("entry {0} was changed after it was written")]
    Changed(u64),
    /// The chain is shorter than it was.
    #[error("entry {seen} was seen, and the log ends with {ends}: its tail was cut off")]
    Cut {
        /// The number that was seen.
        seen: u64,
        /// The newest number now.
        ends: u64,
    },
    /// The chain holds together, and is another one than that which was seen.
    #[error("entry {0} is not the one that was seen: the log was written anew")]
    Replaced(u64),
    /// More entries are gone from the beginning than are ever dropped for their age.
    #[error("the log begins with entry {0}, and nothing that young is dropped")]
    Beheaded(u64),
}

/// Reads a chain from its oldest entry on.
#[derive(Debug, Clone)]
pub struct Walk {
    /// What was seen earlier, in the order of the numbers.
    seen: Vec<Head>,
    /// The number of the first entry.
    first: u64,
    /// The last entry that held.
    last: Option<Head>,
}

impl Walk {
    /// A walk that compares with what was seen earlier.
    pub fn new(seen: impl IntoIterator<Item = Head>) -> Self {
        let mut seen: Vec<Head> = seen.into_iter().filter(|head| head.number > 0).collect();
        seen.sort_by_key(|head| head.number);
        Self {
            seen,
            first: 0,
            last: None,
        }
    }

    /// The next entry. What stood before the oldest that is kept is not known: of that one its word counts.
    pub fn step(&mut self, entry: &Entry) -> Result<(), Broken> {
        let number = entry.number;
        let before = match self.last {
            Some(last) if number != last.number + 1 => {
                return Err(Broken::Missing(last.number + 1));
            }
            Some(last) => Some(last.hash),
            None if number <= 1 => Some(Head::default().hash),
            None => None,
        };
        if before.is_some_and(|before| entry.fact.hash(number, before) != entry.hash) {
            return Err(Broken::Changed(number));
        }
        let other = |head: &Head| head.number == number && head.hash != entry.hash;
        if self.seen.iter().any(other) {
            return Err(Broken::Replaced(number));
        }
        if self.last.is_none() {
            self.first = number;
        }
        self.last = Some(Head {
            number,
            hash: entry.hash,
        });
        Ok(())
    }

    /// The last entry that held.
    pub fn reached(&self) -> Head {
        self.last.unwrap_or_default()
    }

    /// How many entries held.
    pub fn held(&self) -> u64 {
        self.last.map_or(0, |last| last.number + 1 - self.first)
    }

    /// After the last entry: whether it is the `head` that the agent names, and nothing that was seen lies behind it.
    pub fn end(&self, head: Head) -> Result<(), Broken> {
        let reached = self.reached();
        let newest = self.seen.last().filter(|seen| seen.number > reached.number);
        if let Some(seen) = newest {
            return Err(Broken::Cut {
                seen: seen.number,
                ends: reached.number,
            });
        }
        if self.first > 1 && self.held() < KEPT {
            return Err(Broken::Beheaded(self.first));
        }
        match head.number {
            number if number > reached.number => Err(Broken::Missing(reached.number + 1)),
            number if number == reached.number && head.hash != reached.hash => {
                Err(Broken::Replaced(number))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
