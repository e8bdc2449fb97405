//! `archipel vm definition`, `history`, `edit` and `define` on the command line.

use std::path::PathBuf;

use archipel_language::{Noun, Selector};
use archipel_protocol::definitions::Which;
use clap::{Arg, ArgMatches, Command};

use super::{
    Yes,
    command::{change_flags, flag, one_selector},
    picked,
};
use crate::cli::failure::Failure;

/// What is to be done with what is written about machines.
pub(in crate::cli) enum DefinitionTask {
    Show {
        which: Shown,
        selectors: Vec<Selector>,
    },
    History {
        selectors: Vec<Selector>,
    },
    Edit(EditTask),
    Define(DefineTask),
}

impl DefinitionTask {
    /// Whether it changes something.
    pub(in crate::cli) fn is_change(&self) -> bool {
        match self {
            Self::Show { .. } | Self::History { .. } => false,
            Self::Edit(task) => !task.plan_only,
            Self::Define(task) => !task.plan_only,
        }
    }
}

/// What of a machine is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Shown {
    /// A text.
    Whole(Which),
    /// What its next start will change.
    Pending,
    /// What has changed since a version.
    Since(u64),
}

/// Typed edits.
pub(in crate::cli) struct EditTask {
    pub(in crate::cli) selectors: Vec<Selector>,
    pub(in crate::cli) edits: Vec<String>,
    pub(in crate::cli) file: Option<PathBuf>,
    pub(in crate::cli) plan_only: bool,
    pub(in crate::cli) yes: Option<Yes>,
}

/// A whole text.
pub(in crate::cli) struct DefineTask {
    pub(in crate::cli) selectors: Vec<Selector>,
    pub(in crate::cli) file: PathBuf,
    pub(in crate::cli) plan_only: bool,
}

/// The words of [`commands`].
pub(super) const WORDS: [&str; 4] = ["definition", "history", "edit", "define"];

pub(super) fn commands() -> [Command; 4] {
    [show(), history(), edit(), define()]
}

fn number(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("NUMBER")
        .value_parser(clap::value_parser!(u64))
        .help(help)
}

fn show() -> Command {
    let ways = ["live", "pending", "version", "since"];
    let exclusive = |arg: Arg, own: &str| {
        arg.conflicts_with_all(
            ways.into_iter()
                .filter(|way| *way != own)
                .collect::<Vec<_>>(),
        )
    };
    Command::new(WORDS[0])
        .about("Show the definition of the next start; secrets are masked")
        .arg(one_selector())
        .args([
            exclusive(flag("live", "The one that it runs by"), "live"),
            exclusive(
                flag("pending", "What its next start will change"),
                "pending",
            ),
            exclusive(number("version", "One of the history"), "version"),
            exclusive(
                number("since", "What has changed since one of the history"),
                "since",
            ),
        ])
}

fn history() -> Command {
    Command::new(WORDS[1])
        .about("List what was written about a machine: when, by whom, how")
        .arg(one_selector())
}

fn edit() -> Command {
    let edits = Arg::new("edit")
        .value_name("EDIT")
        .num_args(0..)
        .help("A change, such as 'set memory 8GiB'; docs/guide/definitions.md has them all");
    let file = Arg::new("file")
        .long("file")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help("More of them, one on each line; - is standard input");
    Command::new(WORDS[2])
        .about("Change the definition of the next start by typed edits")
        .arg(one_selector().help("Which machines: a name, an id or a selector"))
        .args([edits, file])
        .args(change_flags())
}

fn define() -> Command {
    let file = Arg::new("file")
        .value_name("FILE")
        .required(true)
        .value_parser(clap::value_parser!(PathBuf))
        .help("The definition, libvirt's XML; - is standard input");
    let [plan, _] = change_flags();
    Command::new(WORDS[3])
        .about("Make a text the definition of the next start; a placeholder keeps its secret")
        .arg(file)
        .arg(one_selector())
        .arg(plan)
}

pub(super) fn task(word: &str, matches: &ArgMatches) -> Result<DefinitionTask, Failure> {
    let one = || picked(Noun::Vm, matches);
    Ok(match word {
        "definition" => DefinitionTask::Show {
            which: shown(matches),
            selectors: one()?,
        },
        "history" => DefinitionTask::History { selectors: one()? },
        "edit" => DefinitionTask::Edit(EditTask {
            selectors: one()?,
            edits: matches
                .get_many("edit")
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            file: matches.get_one("file").cloned(),
            plan_only: matches.get_flag("plan"),
            yes: matches.get_one("yes").copied(),
        }),
        _ => DefinitionTask::Define(DefineTask {
            selectors: one()?,
            file: matches.get_one("file").cloned().unwrap_or_default(),
            plan_only: matches.get_flag("plan"),
        }),
    })
}

fn shown(matches: &ArgMatches) -> Shown {
    let number = |name| matches.get_one::<u64>(name).copied();
    match (number("version"), number("since")) {
        (Some(number), _) => Shown::Whole(Which::Version(number)),
        (_, Some(number)) => Shown::Since(number),
        _ if matches.get_flag("pending") => Shown::Pending,
        _ if matches.get_flag("live") => Shown::Whole(Which::Live),
        _ => Shown::Whole(Which::Next),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cli::arguments::command;

    fn parsed(words: &[&str]) -> Result<DefinitionTask, String> {
        let matches = command().try_get_matches_from(["archipel", "vm"].iter().chain(words));
        let matches = matches.map_err(|error| error.to_string())?;
        let (_, vm) = matches.subcommand().unwrap();
        let (word, own) = vm.subcommand().unwrap();
        task(word, own).map_err(|failure| failure.text().to_owned())
    }

    #[test]
    fn one_thing_is_shown_at_a_time() {
        let shown = |words: &[&str]| match parsed(words) {
            Ok(DefinitionTask::Show { which, .. }) => which,
            _ => unreachable!("{words:?}"),
        };
        assert_eq!(shown(&["definition", "web01"]), Shown::Whole(Which::Next));
        assert_eq!(
            shown(&["definition", "web01", "--live"]),
            Shown::Whole(Which::Live)
        );
        assert_eq!(
            shown(&["definition", "web01", "--since", "3"]),
            Shown::Since(3)
        );
        assert!(parsed(&["definition", "web01", "--live", "--pending"]).is_err());
        assert!(parsed(&["definition"]).is_err());
    }

    #[test]
    fn edits_follow_the_selector() {
        let Ok(DefinitionTask::Edit(task)) = parsed(&[
            "edit",
            "tag = web",
            "set memory 8GiB",
            "set title The shop",
            "--yes",
        ]) else {
            unreachable!("an edit")
        };
        assert_eq!(task.edits, ["set memory 8GiB", "set title The shop"]);
        assert_eq!((task.selectors.len(), task.yes), (1, Some(Yes::Any)));
    }
}
