//! `archipel complete`: what may stand at the end of a command line that is being typed in a shell. The scripts of `archipel completions`
//! ask for it; it looks at the fleet as it was seen last and asks nobody.

mod line;

use archipel_config::Flags;
use archipel_fleet::Fleet;
use archipel_language::{ArgumentKind, Noun, Verb, selector};
use archipel_operator::{Clock, remembered};
use archipel_protocol::text::clean_line;

use self::line::Line;
use super::{console::print, failure::Failure};
use crate::setup;

/// The longest candidate.
const LONGEST: usize = 200;

/// Prints a candidate on each line, nothing where there is none. `bash` is the word that bash would replace: only the end of the whole
/// word, where signs such as `=` stand before it.
pub(super) fn run(text: &str, bash: Option<&str>) -> Result<(), Failure> {
    let line = Line::read(text);
    let Some(noun) = wanted(&line) else {
        return Ok(());
    };
    let fleet = fleet(&line);
    let mut found = candidates(&line, noun, &fleet);
    if let ([only], true) = (found.as_slice(), line.is_quoted) {
        // A shell ends the word after an only one. A selector may go on.
        found.extend(continued(only, noun, &fleet));
    }
    let cut = bash.filter(|_| !line.is_quoted).map_or(0, |end| {
        let end = end.trim_start_matches(['=', ':']);
        line.word.len().saturating_sub(end.len())
    });
    let shown = found.iter().filter_map(|text| text.get(cut..));
    let shown: Vec<String> = shown.map(|text| clean_line(text, LONGEST)).collect();
    if shown.is_empty() {
        return Ok(());
    }
    Ok(print(&shown.join("\n"))?)
}

/// What the word at the end is to pick; `None`: it is no selector.
fn wanted(line: &Line) -> Option<Noun> {
    if line.word.starts_with('-') && !line.is_quoted {
        return None;
    }
    let last = line.words.last().map_or("", String::as_str);
    if takes_a_value(last) {
        return (last == "--on").then_some(Noun::Hypervisor);
    }
    let words = without_options(&line.words);
    let (command, rest) = words.get(1..)?.split_first()?;
    match (*command, rest) {
        ("events", _) => Some(Noun::Event),
        ("vm" | "vms", [verb, given @ ..]) => of_a_machine(verb, given.len()),
        ("tag" | "access", [_, _, ..]) => Some(Noun::Vm),
        ("hypervisor" | "hypervisors" | "host", ["list" | "ls" | "alloc", ..])
        | ("audit", ["verify", ..]) => Some(Noun::Hypervisor),
        _ => None,
    }
}

/// The options that stand alone; every other one has a value behind it.
const FLAGS: [&str; 12] = [
    "--plan",
    "--yes",
    "-y",
    "--follow",
    "-f",
    "--read-only",
    "--linked",
    "--live",
    "--pending",
    "--accept",
    "--help",
    "-h",
];

fn takes_a_value(word: &str) -> bool {
    word.starts_with('-') && !word.contains('=') && !FLAGS.contains(&word)
}

/// What is said in its place.
fn without_options(words: &[String]) -> Vec<&str> {
    let mut said = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if takes_a_value(word) {
            words.next();
        } else if !word.starts_with('-') {
            said.push(word.as_str());
        }
    }
    said
}

/// By the table of verbs, which knows in which place a selector stands.
fn of_a_machine(verb: &str, place: usize) -> Option<Noun> {
    let selects = match Verb::by_word(Noun::Vm, verb) {
        Some(verb) => {
            let mut arguments = verb.arguments.iter().filter(|one| !one.optional);
            let last = verb.arguments.iter().rfind(|one| one.several);
            let here = arguments.nth(place).or(last);
            here.is_some_and(|one| matches!(one.kind, ArgumentKind::Selector(_)))
        }
        None => match verb {
            "list" | "ls" | "describe" | "setorginfo" => true,
            "definition" | "history" | "edit" => place == 0,
            "define" => place == 1,
            _ => false,
        },
    };
    selects.then_some(Noun::Vm)
}

/// The fleet as the profile saw it last; an empty one where nothing is remembered.
fn fleet(line: &Line) -> Fleet {
    let mut words = line.words.iter();
    let named = words.find(|word| *word == "--profile").and(words.next());
    let flags = Flags {
        profile: named.and_then(|name| name.parse().ok()),
        ..Flags::default()
    };
    setup::read(&flags).map_or_else(
        |_| Fleet::default(),
        |setup| {
            let account = &setup.profile.jid;
            remembered(&setup.places.fleet_file(), account, Clock::start().now())
        },
    )
}

/// Names first, then what the language has at this place. Without quotes only what needs none.
fn candidates(line: &Line, noun: Noun, fleet: &Fleet) -> Vec<String> {
    let mut found = names(noun, &line.word, fleet);
    let said = selector::complete(noun, &line.word, line.word.chars().count(), fleet);
    let head: String = line.word.chars().take(said.from).collect();
    let said = said.candidates.into_iter();
    found.extend(said.map(|candidate| format!("{head}{}", candidate.text)));
    let mut seen = std::collections::HashSet::new();
    found.retain(|text| (line.is_quoted || is_bare(text)) && seen.insert(text.clone()));
    found
}

/// What may follow a candidate that is the only one.
fn continued(only: &str, noun: Noun, fleet: &Fleet) -> Vec<String> {
    let text = format!("{only} ");
    let said = selector::complete(noun, &text, text.chars().count(), fleet);
    let said = said.candidates.into_iter();
    said.map(|candidate| format!("{text}{}", candidate.text))
        .collect()
}

fn names(noun: Noun, typed: &str, fleet: &Fleet) -> Vec<String> {
    let machines = fleet.vms().map(|vm| vm.name.to_string());
    let hosts = fleet.hypervisors().map(|host| host.name.clone());
    let all: Box<dyn Iterator<Item = String>> = match noun {
        Noun::Vm => Box::new(machines),
        Noun::Hypervisor => Box::new(hosts),
        _ => Box::new(std::iter::empty()),
    };
    let mut found: Vec<String> = all.filter(|name| name.starts_with(typed)).collect();
    found.sort();
    found.truncate(NAMES);
    found
}

/// The most names that are offered.
const NAMES: usize = 500;

/// Whether a shell takes it as one word.
fn is_bare(text: &str) -> bool {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '@' | '=' | ':');
    !text.is_empty() && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noun(line: &str) -> Option<Noun> {
        wanted(&Line::read(line))
    }

    #[test]
    fn a_selector_is_offered_where_one_stands() {
        for (line, wanted) in [
            ("archipel vm list ", Some(Noun::Vm)),
            ("archipel vm list 'state = ", Some(Noun::Vm)),
            ("archipel vm start web01 we", Some(Noun::Vm)),
            ("archipel --profile demo vm start we", Some(Noun::Vm)),
            ("archipel vm start --pl", None),
            ("archipel vm memory ", None),
            ("archipel vm memory 8GiB ", Some(Noun::Vm)),
            ("archipel vm rename web01 ", None),
            ("archipel vm undo web01 --to ", None),
            ("archipel vm define web.xml ", Some(Noun::Vm)),
            ("archipel vm ", None),
            ("archipel hypervisor list ", Some(Noun::Hypervisor)),
            ("archipel hypervisor add ", None),
            ("archipel access why create ", Some(Noun::Vm)),
            ("archipel access list --on ", Some(Noun::Hypervisor)),
            ("archipel events 'since 2h and ", Some(Noun::Event)),
            ("archipel", None),
            ("", None),
        ] {
            assert_eq!(noun(line), wanted, "{line}");
        }
    }

    #[test]
    fn without_quotes_only_words_are_offered() {
        let fleet = Fleet::default();
        let offered = |text: &str| candidates(&Line::read(text), Noun::Vm, &fleet);
        assert!(offered("archipel vm list 'sta").contains(&"state".to_owned()));
        let values = offered("archipel vm list 'state = ru");
        assert_eq!(values, ["state = running"]);
        let more = continued(&values[0], Noun::Vm, &fleet);
        assert!(more.contains(&"state = running and".to_owned()), "{more:?}");
        let bare = offered("archipel vm list state=ru");
        assert_eq!(bare, ["state=running"]);
        assert!(
            offered("archipel vm list ")
                .iter()
                .all(|text| is_bare(text))
        );
    }
}
