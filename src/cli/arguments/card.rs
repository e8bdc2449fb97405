//! `archipel hypervisor alloc` and `archipel vm describe` on the command line: new machines, and whose a machine is.

use std::path::PathBuf;

use archipel_language::{Noun, Selector};
use archipel_operator::Card;
use clap::{Arg, ArgGroup, ArgMatches, Command};

use super::{
    Yes,
    command::{change_flags, one_selector, selectors},
    picked, unknown,
};
use crate::cli::failure::Failure;

/// A machine that is to be made.
pub(in crate::cli) struct AllocTask {
    pub(in crate::cli) on: Selector,
    pub(in crate::cli) name: Option<String>,
    pub(in crate::cli) card: Card,
    pub(in crate::cli) file: Option<PathBuf>,
    pub(in crate::cli) scope: Option<String>,
}

/// What is to be said of machines.
pub(in crate::cli) struct DescribeTask {
    pub(in crate::cli) selectors: Vec<Selector>,
    pub(in crate::cli) name: Option<String>,
    pub(in crate::cli) card: Card,
    pub(in crate::cli) plan_only: bool,
    pub(in crate::cli) yes: Option<Yes>,
}

/// The fields of a card: option, placeholder and help.
const FIELDS: [(&str, &str, &str); 5] = [
    (
        "organisation",
        "TEXT",
        "The organisation that it belongs to",
    ),
    ("unit", "TEXT", "The unit of the organisation"),
    ("locality", "TEXT", "The place"),
    (
        "owner",
        "TEXT",
        "Who answers for it, such as olga@dc.example",
    ),
    ("categories", "WORDS", "Free words, with commas between"),
];

fn fields() -> [Arg; 5] {
    FIELDS.map(|(name, placeholder, help)| {
        Arg::new(name).long(name).value_name(placeholder).help(help)
    })
}

fn name(help: &'static str) -> Arg {
    Arg::new("name").long("name").value_name("NAME").help(help)
}

pub(super) fn alloc() -> Command {
    let define = Arg::new("define")
        .long("define")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help(
            "Its definition, libvirt's XML; - is standard input. Name and uuid in it are replaced",
        );
    let scope = Arg::new("in")
        .long("in")
        .value_name("SCOPE")
        .help("Under which of your scopes, where you may make machines under several");
    Command::new("alloc")
        .about("Make a machine; without a definition it gets one later")
        .arg(one_selector().help("Which hypervisor"))
        .args([
            name("Its name; the hypervisor chooses without it"),
            define,
            scope,
        ])
        .args(fields())
        .after_help(
            "Examples:\n  \
             archipel hypervisor alloc hv01 --name web09 --define web09.xml --owner olga@dc.example\n  \
             archipel hypervisor alloc hv01 --define - < small.xml\n  \
             archipel hypervisor alloc hv01 --name shop --in 'tag = web'",
        )
}

pub(super) fn describe() -> Command {
    let said = FIELDS.map(|(name, ..)| name);
    Command::new("describe")
        .visible_alias("setorginfo")
        .about("Say whose machines are and where; what is not said stays, an empty text takes away")
        .arg(
            selectors("Which machines: a name, an id or a selector")
                .num_args(1..)
                .required(true),
        )
        .arg(name("Another name, for one machine that is off"))
        .args(fields())
        .group(
            ArgGroup::new("said")
                .args(said.into_iter().chain(["name"]))
                .required(true)
                .multiple(true),
        )
        .args(change_flags())
        .after_help(
            "Examples:\n  \
             archipel vm describe web01 --owner olga@dc.example --unit Shop\n  \
             archipel vm describe 'tag = web' --organisation 'Example Ltd' --yes\n  \
             archipel vm describe web01 --locality ''",
        )
}

fn text(matches: &ArgMatches, name: &str) -> Option<String> {
    matches.get_one::<String>(name).cloned()
}

fn card(matches: &ArgMatches) -> Card {
    let said = |name| text(matches, name);
    Card {
        organisation: said("organisation"),
        unit: said("unit"),
        locality: said("locality"),
        owner: said("owner"),
        categories: said("categories"),
    }
}

pub(super) fn alloc_task(matches: &ArgMatches) -> Result<AllocTask, Failure> {
    let on = picked(Noun::Hypervisor, matches)?.pop();
    Ok(AllocTask {
        on: on.ok_or_else(|| unknown("alloc"))?,
        name: text(matches, "name"),
        card: card(matches),
        file: matches.get_one("define").cloned(),
        scope: text(matches, "in"),
    })
}

pub(super) fn describe_task(matches: &ArgMatches) -> Result<DescribeTask, Failure> {
    Ok(DescribeTask {
        selectors: picked(Noun::Vm, matches)?,
        name: text(matches, "name"),
        card: card(matches),
        plan_only: matches.get_flag("plan"),
        yes: matches.get_one("yes").copied(),
    })
}
