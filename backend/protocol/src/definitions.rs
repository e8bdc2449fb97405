//! `archipel:vm:definition`, in our own words: a machine's two definitions as text, in pieces that each fit into a stanza; changes as
//! typed edits or as a whole text upon a known one; what was written before, by whom, and the way back.
//!
//! A text that is shown has placeholders where secrets were; one that comes back with an unchanged placeholder keeps the secret. A text
//! is named by its [`Digest`]. A change says on which text it was made: on another the answer is `conflict`.

use jid::BareJid;
use jiff::Timestamp;
use minidom::Element;
use rxml::NcNameStr;

use crate::{
    chunks::{Chunk, Digest, Piece},
    ns,
    table::{Codec, Digit, Payload, Value, actions, record, replies},
    xml::{Build, DOCUMENT_LIMIT, ParseError, child, no_child, require},
};

actions! {
    /// A request.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// A piece of a definition.
        Read = "read" as "xmldesc", reads, -1111 {
            /// Which one.
            which: Which = "which",
            /// From which byte on.
            offset: u64 = "offset",
        } => Piece(Chunk),
        /// A piece of the difference of two definitions, line by line.
        Diff = "diff" as "xmldesc", reads, -1112 {
            /// The older.
            from: Which = "from",
            /// The newer.
            to: Which = "to",
            /// From which byte on.
            offset: u64 = "offset",
        } => Piece(Chunk),
        /// A piece of what will be different at the machine's next start, line by line; empty where nothing will. What only a run has
        /// (aliases, labels, devices of the host) is left out.
        Pending = "pending" as "xmldesc", reads, -1118 {
            /// From which byte on.
            offset: u64 = "offset",
        } => Piece(Chunk),
        /// What was written before, the newest first.
        History = "history" as "xmldesc", reads, -1113 {
            /// Only what is older than this number.
            before: Option<u64> = "before",
        } => Versions(Vec<Version>),
        /// Hands in a piece of a text that a later `write` names.
        Stage = "stage" as "define", changes, -1114 {
            /// The piece.
            piece: Chunk = "chunk" via Piece,
        } => Done,
        /// Writes the text that was handed in.
        Write = "write" as "define", changes, -1115 {
            /// The text.
            digest: Digest = "digest",
            /// What it was made from; absent for a machine without a definition.
            base: Option<Digest> = "base",
        } => Written(Written),
        /// Makes typed edits.
        Edit = "edit" as "define", changes, -1116 {
            /// What they were made for.
            base: Digest = "base",
            /// One on each line, such as `set memory 8GiB`.
            edits: String = "edits" via Lines,
        } => Written(Written),
        /// Goes back to what was written before.
        Undo = "undo" as "define", changes, -1117 {
            /// To which; absent: to the last but one.
            number: Option<u64> = "number",
        } => Written(Written),
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// It was taken.
        Done,
        /// A piece of a text.
        Piece(piece: Chunk),
        /// What was written.
        Versions(versions: Vec<Version>),
        /// What is written now.
        Written(written: Written),
    }
}

/// A definition of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one it runs by; where it is off, the other.
    Live,
    /// The one from which it starts next.
    Next,
    /// One that was written before.
    Version(u64),
}

impl Value for Which {
    fn from_text(text: &str) -> Result<Self, String> {
        match text.trim() {
            "live" => Ok(Self::Live),
            "next" => Ok(Self::Next),
            number => number
                .parse()
                .map(Self::Version)
                .map_err(|_| "not live, next or a number".to_owned()),
        }
    }

    fn to_text(&self) -> String {
        match self {
            Self::Live => "live".to_owned(),
            Self::Next => "next".to_owned(),
            Self::Version(number) => number.to_string(),
        }
    }
}

record! {
    /// Something that was written.
    #[derive(Eq)]
    pub struct Version = "version" in ns::VM_DEFINITION {
        /// Counts on for each machine.
        number: u64 = "number",
        /// When.
        at: Timestamp = "at",
        /// By whom; absent where it was found in libvirt, written by another tool.
        by: Option<BareJid> = "by",
        /// By which verb.
        verb: String = "verb",
        /// The text as it is shown.
        digest: Digest = "digest",
    }
}

record! {
    /// What a change led to.
    #[derive(Eq)]
    pub struct Written = "written" in ns::VM_DEFINITION {
        /// The number in the history; absent where nothing had to change.
        number: Option<u64> = "number",
        /// The text as it is shown.
        digest: Digest = "digest",
        /// Whether the machine runs by another one, and takes this at its next start.
        pending: bool = "pending" via Digit,
    }
}

impl Payload for Chunk {
    fn read(body: &Element) -> Result<Self, ParseError> {
        Self::parse(require(body, "chunk")?)
    }

    fn write(&self, _: &str) -> Vec<Element> {
        vec![self.to_element()]
    }
}

/// As the text of a child element, white space kept.
struct Lines;

impl Codec<String> for Lines {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<String, ParseError> {
        let text = child(element, name.as_str()).map(Element::text);
        let text = text.ok_or_else(|| no_child(element, name.as_str()))?;
        if text.len() > DOCUMENT_LIMIT {
            return Err(ParseError::invalid(name.as_str(), "longer than 256 KiB"));
        }
        Ok(crate::text::valid_xml(text).into_owned())
    }

    fn write(value: &String, name: &'static NcNameStr, build: Build) -> Build {
        let lines = Build::new(name.as_str(), &build.namespace()).text(value);
        build.child(lines)
    }
}
