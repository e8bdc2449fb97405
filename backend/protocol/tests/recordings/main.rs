//! Every exchange recorded from the original agent parses into typed request and typed reply, and its request rebuilds to an
//! equivalent stanza.
//!
//! The recordings are not part of the repository: the environment variable `ARCHIPEL_RECORDINGS` names their folder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Tests may read files; the crate may not.
#![allow(clippy::disallowed_methods)]

#[path = "../common/mod.rs"]
mod common;
mod faults;
mod said;

use std::{collections::BTreeMap, io::Write};

use archipel_protocol::{
    Answer, Command, Element, Failure, Iq, ParseError, Reply, Stanza, disco, envelope, ping, vcard,
    version,
};
use common::{child, files, read, same};

/// The most exchanges that may be refused.
const REFUSED_LIMIT: usize = 5;

/// What became of one exchange.
enum Outcome {
    /// Parsed, request rebuilt.
    Rebuilt,
    /// Parsed; nothing was asked, or what was asked is malformed and its fault is named.
    Parsed,
}

#[test]
fn every_exchange_parses_and_every_request_rebuilds() {
    let Ok(folder) = std::env::var("ARCHIPEL_RECORDINGS") else {
        say("recordings: skipped, because ARCHIPEL_RECORDINGS names no folder");
        return;
    };
    assert!(!folder.is_empty(), "ARCHIPEL_RECORDINGS is set and empty");
    let exchanges = exchanges(&folder);
    assert!(!exchanges.is_empty(), "no exchanges in {folder}");
    let (mut parsed, mut rebuilt, mut refused) = (0, 0, Vec::new());
    for (name, exchange) in &exchanges {
        match outcome(name, exchange) {
            Ok(Outcome::Rebuilt) => (parsed, rebuilt) = (parsed + 1, rebuilt + 1),
            Ok(Outcome::Parsed) => parsed += 1,
            Err(why) => refused.push(format!("{name}: {why}")),
        }
    }
    report(parsed, exchanges.len(), rebuilt, &refused);
    assert!(refused.len() <= REFUSED_LIMIT, "{} refused", refused.len());
}

fn exchanges(folder: &str) -> Vec<(String, Element)> {
    let mut exchanges = Vec::new();
    for path in files(folder, "xml") {
        if std::fs::read_to_string(&path)
            .unwrap()
            .starts_with("<exchange ")
        {
            let name = path.file_stem().unwrap().to_str().unwrap();
            exchanges.push((name.to_owned(), read(&path)));
        }
    }
    exchanges
}

fn report(parsed: usize, all: usize, rebuilt: usize, refused: &[String]) {
    let mut by_subject = BTreeMap::<&str, usize>::new();
    for line in refused {
        say(&format!("refused: {line}"));
        *by_subject
            .entry(line.split("__").next().unwrap())
            .or_default() += 1;
    }
    for (subject, count) in by_subject {
        say(&format!("refused of {subject}: {count}"));
    }
    say(&format!(
        "recordings: {parsed} of {all} exchanges parsed, {rebuilt} requests rebuilt"
    ));
}

/// Past the capturing of output, as `println!` would not: the figures are wanted also when all is well.
#[allow(clippy::explicit_write)]
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").unwrap();
}

fn outcome(name: &str, exchange: &Element) -> Result<Outcome, String> {
    said::check(exchange)?;
    let asked: Vec<_> = child(exchange, "request").unwrap().children().collect();
    let mut outcome = Outcome::Parsed;
    for stanza in asked {
        outcome = asked_and_answered(name, stanza, exchange)?;
    }
    Ok(outcome)
}

fn asked_and_answered(name: &str, stanza: &Element, exchange: &Element) -> Result<Outcome, String> {
    match Stanza::parse(stanza.clone()).map_err(text)? {
        Stanza::Iq(iq) => {
            let payload = iq.payload().ok_or("nothing in the request")?;
            let answers = answers(exchange)?;
            if payload.ns().starts_with("archipel:") {
                command(name, payload, &answers)
            } else {
                other(payload, &answers)
            }
        }
        other => {
            same(&without_language(stanza), &other.into_element())?;
            Ok(Outcome::Rebuilt)
        }
    }
}

/// The reply as the client received it and as the agent sent it.
fn answers(exchange: &Element) -> Result<Vec<Iq>, String> {
    let groups = ["reply", "agent-sent"].map(|group| child(exchange, group));
    let stanzas = groups.into_iter().flatten().flat_map(Element::children);
    let mut answers = Vec::new();
    for stanza in stanzas {
        if let Stanza::Iq(iq) = Stanza::parse(stanza.clone()).map_err(text)? {
            answers.push(iq);
        }
    }
    Ok(answers)
}

fn command(name: &str, query: &Element, answers: &[Iq]) -> Result<Outcome, String> {
    let fault = faults::of(name);
    let command = match (Command::parse(query), fault) {
        (Ok(command), None) => command,
        (Ok(_), Some(_)) => return Err("it parses, though it is listed as malformed".into()),
        (Err(why), None) => return Err(why.to_string()),
        (Err(why), Some(fault)) if why.to_string().contains(fault) => return refusals(answers),
        (Err(why), Some(fault)) => return Err(format!("`{why}` does not name `{fault}`")),
    };
    same(query, &command.to_element())?;
    for iq in answers {
        answer(&command, iq)?;
    }
    Ok(Outcome::Rebuilt)
}

/// What answers a malformed request is a refusal with a text, or the result that the original gives all the same.
fn refusals(answers: &[Iq]) -> Result<Outcome, String> {
    let errors = answers.iter().filter(|iq| iq.error().is_some());
    if errors
        .map(Failure::parse)
        .any(|failure| failure.text.is_empty())
    {
        return Err("a refusal without a text".into());
    }
    Ok(Outcome::Parsed)
}

/// The answer is typed, and what is written of it reads back and is written the same. Not typed values are compared: percentages
/// are rounded in writing.
fn answer(command: &Command, iq: &Iq) -> Result<(), String> {
    match Answer::parse(&command.request, iq).map_err(text)? {
        Answer::Refused(failure) if failure.text.is_empty() => {
            Err("a refusal without a text".into())
        }
        Answer::Refused(_) => Ok(()),
        Answer::Done(reply) => {
            let written =
                |reply: &Reply| envelope::answer(&command.request, reply.to_elements(), None);
            let again = command
                .request
                .parse_reply(&written(&reply))
                .map_err(text)?;
            same(&written(&reply), &written(&again))
        }
    }
}

/// Requests of other specifications.
fn other(payload: &Element, answers: &[Iq]) -> Result<Outcome, String> {
    let rebuilt = match payload.name() {
        "ping" => ping::query(),
        "vCard" => vcard::query(),
        "query" if payload.ns().contains("disco") => disco::query(None),
        "query" => version::query(),
        name => return Err(format!("<{name}/> is not known")),
    };
    same(payload, &rebuilt)?;
    let sound = answers.iter().filter(|iq| iq.error().is_none());
    for payload in sound.filter_map(Iq::payload) {
        typed(payload).map_err(text)?;
    }
    Ok(Outcome::Rebuilt)
}

fn typed(payload: &Element) -> Result<(), ParseError> {
    match payload.name() {
        "ping" => ping::parse(payload),
        "vCard" => vcard::Card::parse(payload).map(drop),
        _ if payload.ns().contains("disco") => disco::Info::parse(payload).map(drop),
        _ => version::Version::parse(payload).map(drop),
    }
}

fn text(why: impl std::fmt::Display) -> String {
    why.to_string()
}

/// What servers add to stanzas that pass through them.
fn without_language(stanza: &Element) -> Element {
    String::from(stanza)
        .replace(" xml:lang='en'", "")
        .parse()
        .unwrap()
}
