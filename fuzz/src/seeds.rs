//! What replay and fuzzer start from: the files of the corpus, the golden stanzas and the documents of the house.

use std::{
    fs,
    path::{Path, PathBuf},
};

use archipel_protocol::{Element, bounded};

use crate::Target;

/// An input to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// Where it comes from.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

impl Seed {
    fn new(name: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: text.into(),
        }
    }
}

impl Target {
    /// All of its seeds, and the inputs that once broke something.
    pub fn seeds(&self) -> Vec<Seed> {
        let mut seeds = folder(&ours("corpus").join(self.name));
        seeds.extend(folder(&ours("found").join(self.name)));
        seeds.extend(match self.name {
            "stanzas" => golden(|piece| Some(stream(piece))),
            "payloads" => golden(payload),
            "feed" => golden(item),
            "documents" => folder(&ours("../backend/domain/tests/documents")),
            "selectors" => cases(),
            _ => Vec::new(),
        });
        seeds
    }
}

fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The files of a folder, in order; none where there is no such folder.
fn folder(path: &Path) -> Vec<Seed> {
    let entries = fs::read_dir(path).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let seed = |path: PathBuf| Seed::new(path.to_string_lossy(), fs::read(&path).unwrap());
    paths.into_iter().map(seed).collect()
}

/// The selectors of the language's table of cases.
fn cases() -> Vec<Seed> {
    let path = ours("../backend/language/tests/cases.txt");
    let text = fs::read_to_string(path).unwrap();
    let selectors = text.lines().filter_map(|line| {
        let (selector, _) = line.split_once(" =>").or_else(|| line.split_once(" !!"))?;
        Some(Seed::new(line, selector))
    });
    selectors.collect()
}

/// The pieces of `tests/wire`, each made an input where it can be one.
fn golden(make: fn(&Element) -> Option<String>) -> Vec<Seed> {
    let files = folder(&ours("../tests/wire")).into_iter();
    let seeds = files.flat_map(|file| {
        let text = without_comments(std::str::from_utf8(&file.bytes).unwrap());
        let wire = bounded(&text).unwrap_or_else(|why| panic!("{}: {why}", file.name));
        let pieces: Vec<String> = wire.children().filter_map(make).collect();
        let seed = move |(at, text)| Seed::new(format!("{}#{at}", file.name), text);
        pieces.into_iter().enumerate().map(seed)
    });
    seeds.collect()
}

/// XMPP forbids comments; in the golden files they are notes to the reader.
fn without_comments(text: &str) -> String {
    let mut parts = text.split("<!--");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once("-->").unwrap().1);
    }
    kept
}

/// A stream in which it travels.
fn stream(piece: &Element) -> String {
    let inner: String = piece.children().map(String::from).collect();
    let inner = match piece.name() {
        "stanza" => inner,
        "exchange" => {
            let iqs = piece.children().zip(["set", "result"]);
            iqs.map(|(part, kind)| iq(kind, part)).collect()
        }
        _ => format!("<message xmlns='jabber:client' from='hv@dc.example/agent'>{inner}</message>"),
    };
    format!(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>{inner}</stream:stream>"
    )
}

fn iq(kind: &str, part: &Element) -> String {
    let payload: String = part.children().map(String::from).collect();
    format!("<iq xmlns='jabber:client' type='{kind}' id='1' from='a@dc.example/b'>{payload}</iq>")
}

/// The payload, or the request with its answer.
fn payload(piece: &Element) -> Option<String> {
    let first = |element: &Element| element.children().next().map(String::from);
    match piece.name() {
        "payload" => first(piece),
        "exchange" => {
            let both: Option<Vec<_>> = piece.children().map(first).collect();
            both.map(|both| format!("<exchange xmlns='urn:x'>{}</exchange>", both.concat()))
        }
        _ => None,
    }
}

/// The payload where it is of our own wire.
fn item(piece: &Element) -> Option<String> {
    let inner = piece.children().next()?;
    let ours = inner.ns().starts_with("urn:archipel:");
    (piece.name() == "payload" && ours).then(|| String::from(inner))
}
