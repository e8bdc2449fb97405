//! The command line as clap knows it. The verbs come from the one table.

use std::path::PathBuf;

use archipel_config::{Endpoint, ProfileName, VARIABLES, Variable};
use archipel_language::{Argument, ArgumentKind, Noun, Verb, verb::VERBS};
use clap::{Arg, ArgAction, Command, builder::PossibleValuesParser};
use clap_complete::Shell;
use jiff::SignedDuration;

use super::Yes;
use crate::cli::{host_name::HostName, sheet::Format};

/// The whole command line, for parsing and for completions.
pub(in crate::cli) fn command() -> Command {
    let about =
        "A fleet of virtual machines in the terminal. Without a command it opens the screen.";
    let exits = "Exit codes: 0 all done, 1 some or all failed, 2 usage, 3 not connected, 4 refused by permission.\n\
                 Selectors: web*, 'state = running and tag = web', 'vms: hypervisor.cpu > 80% sort by memory desc limit 20'.";
    Command::new("archipel")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .after_help(exits)
        .args(globals())
        .subcommands([
            vm(),
            hypervisor(),
            events(),
            audit(),
            super::access::command(),
            super::access::tags(),
            Command::new("whoami").about("Log in and show the account"),
            doctor(),
            super::bus::command(),
            config(),
            completions(),
            complete(),
        ])
}

fn globals() -> [Arg; 3] {
    let profile = Arg::new("profile").value_name("NAME").value_parser(
        |text: &str| -> Result<ProfileName, archipel_config::InvalidProfileName> { text.parse() },
    );
    let formats = PossibleValuesParser::new(Format::ALL.map(Format::word));
    let format = clap::builder::TypedValueParser::map(formats, |word| {
        Format::from_word(&word).unwrap_or_default()
    });
    let output = Arg::new("output").short('o').value_name("FORMAT");
    [
        profile.help("The profile to use").long("profile"),
        flag("read-only", "Remove every verb that is not safe"),
        output
            .long("output")
            .value_parser(format)
            .help("How results are written [default: table]"),
    ]
    .map(|arg| arg.global(true))
}

pub(super) fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

pub(super) fn selectors(help: &'static str) -> Arg {
    Arg::new("selector")
        .value_name("SELECTOR")
        .num_args(0..)
        .help(help)
}

/// What picks one.
pub(super) fn one_selector() -> Arg {
    Arg::new("selector")
        .value_name("SELECTOR")
        .required(true)
        .help("Which machine: a name, an id or a selector of one")
}

fn noun(noun: Noun, about: &'static str) -> Command {
    Command::new(noun.word())
        .about(about)
        .subcommand_required(true)
        .arg_required_else_help(true)
}

fn vm() -> Command {
    let list = Command::new("list")
        .visible_alias("ls")
        .about("List machines")
        .arg(selectors("Which machines; all without one"));
    let verbs = VERBS.iter().filter(|verb| verb.noun == Noun::Vm);
    noun(Noun::Vm, "Machines")
        .alias("vms")
        .subcommand(list)
        .subcommands(super::definition::commands())
        .subcommand(super::card::describe())
        .subcommands(verbs.map(vm_verb))
}

fn vm_verb(verb: &'static Verb) -> Command {
    let command = worded(verb).args(verb.arguments.iter().map(argument));
    let command = match verb.id.0 {
        "vm.clone" => command.arg(linked()),
        _ => command,
    };
    let command = match examples(verb) {
        Some(lines) => command.after_help(format!("Examples:\n  {}", lines.join("\n  "))),
        None => command,
    };
    if !verb.is_change() {
        return command;
    }
    command.args(change_flags())
}

/// The other way to copy, as an option of the usual one.
fn linked() -> Arg {
    flag(
        "linked",
        "Build upon its disks instead of copying them: fast and small, and it must rest from then on",
    )
}

/// Lines that show how a verb with values of its own is used.
fn examples(verb: &Verb) -> Option<&'static [&'static str]> {
    Some(match verb.id.0 {
        "vm.clone" => &[
            "archipel vm clone web01 web09",
            "archipel vm clone golden web09 --linked --yes",
        ],
        "vm.undo" => &[
            "archipel vm undo web01 --yes",
            "archipel vm undo web01 --to 3 --yes",
            "archipel vm undo 'tag = web' --plan",
        ],
        "vm.memory" => &[
            "archipel vm memory 8GiB web01 --yes",
            "archipel vm memory 512MiB 'tag = web' --plan",
        ],
        "vm.vcpus" => &["archipel vm vcpus 4 web01 --yes"],
        "vm.pin" => &["archipel vm pin 0 2-3 web01"],
        "vm.rename" => &["archipel vm rename web01 shop01 --yes"],
        _ => return None,
    })
}

/// How a change is looked at first, and confirmed.
pub(super) fn change_flags() -> [Arg; 2] {
    let yes = Arg::new("yes")
        .long("yes")
        .short('y')
        .value_name("COUNT")
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("")
        .value_parser(yes)
        .help("Confirm; what destroys needs the count of machines");
    let plan = flag("plan", "Show what would be done, and do nothing");
    [plan, yes]
}

/// An argument in its place. What chooses machines may be many, unless something follows it.
fn argument(argument: &'static Argument) -> Arg {
    let arg = Arg::new(argument.name).help(argument.summary);
    let arg = if argument.optional {
        arg.long(argument.name)
    } else {
        arg.required(true)
    };
    match argument.kind {
        ArgumentKind::Selector(_) if argument.several => arg.value_name("SELECTOR").num_args(1..),
        ArgumentKind::Selector(_) => arg.value_name("SELECTOR"),
        ArgumentKind::Memory => arg.value_name("SIZE"),
        ArgumentKind::Number => arg.value_name("NUMBER"),
        ArgumentKind::Jid | ArgumentKind::Name => arg.value_name("NAME"),
        ArgumentKind::Processors => arg.value_name("PROCESSORS"),
    }
}

fn yes(text: &str) -> Result<Yes, String> {
    if text.is_empty() {
        return Ok(Yes::Any);
    }
    let count = text.parse().map(Yes::Count);
    count.map_err(|_| "the count of machines is a number".to_owned())
}

fn worded(verb: &'static Verb) -> Command {
    Command::new(verb.word)
        .about(verb.summary)
        .visible_aliases(verb.aliases.iter().copied())
}

fn hypervisor() -> Command {
    let list = Command::new("list")
        .visible_alias("ls")
        .about("List hypervisors")
        .arg(selectors("Which hypervisors; all without one"));
    let verbs = VERBS.iter().filter(|verb| verb.noun == Noun::Hypervisor);
    noun(Noun::Hypervisor, "Hypervisors")
        .aliases(["hypervisors", "host"])
        .subcommand(list)
        .subcommands(verbs.map(|verb| worded(verb).arg(host())))
        .subcommands([
            super::card::alloc(),
            invite(),
            Command::new("invitations").about("List the invitations that are open"),
        ])
}

/// A host by its account.
pub(super) fn host() -> Arg {
    Arg::new("host")
        .value_name("NAME")
        .required(true)
        .value_parser(str::parse::<HostName>)
        .help("Its account: hv01 on your own bus, or hv01@dc.example")
}

fn invite() -> Command {
    let expires = Arg::new("expires").long("expires").value_name("SPAN");
    let file = Arg::new("file").long("file").value_name("FILE");
    let bus = Arg::new("bus").long("bus").value_name("HOST:PORT");
    let endpoint = |text: &str| text.parse::<Endpoint>().map_err(|error| error.to_string());
    Command::new("invite")
        .about("Make an account for a new host and print the code to join with")
        .args([
            host(),
            expires
                .value_parser(span)
                .help("How long the code is good: 30m, 24h, 7d [default: 24h]"),
            file.value_parser(clap::value_parser!(PathBuf))
                .help("Write the code there, for you alone to read, instead of printing it"),
            bus.value_parser(endpoint)
                .action(ArgAction::Append)
                .help("Where the host finds the bus; without it, where you do"),
            flag(
                "prepared",
                "The account exists: ask for its password, or read it from standard input",
            ),
            flag("revoke", "Take an invitation back and delete its account")
                .conflicts_with_all(["expires", "file", "bus", "prepared"]),
        ])
}

/// A span of some minutes to a month.
pub(super) fn span(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "write it as 30m, 24h or 7d; at least 5m and at most 30d".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return Err(wrong()),
    };
    let count: u32 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let span = SignedDuration::from_mins(i64::from(count) * minutes);
    let bounds = SignedDuration::from_mins(5)..=SignedDuration::from_hours(30 * 24);
    Some(span)
        .filter(|span| bounds.contains(span))
        .ok_or_else(wrong)
}

fn events() -> Command {
    let limit = Arg::new("limit")
        .long("limit")
        .short('n')
        .value_name("COUNT")
        .value_parser(clap::value_parser!(u32).range(1..=1_000))
        .help("How many of the newest of each hypervisor are looked at, unless a selector says since when [default: 20]");
    let follow = flag("follow", "Go on with new ones until interrupted").short('f');
    Command::new("events")
        .about("Show what happened, from the agents' logs")
        .args([
            selectors("Which events, or 'hypervisors: …'; all without one"),
            follow,
            limit,
        ])
}

fn audit() -> Command {
    let verify = Command::new("verify")
        .about("Compare what the agents have with what was seen, and name the first link that does not hold")
        .args([
            selectors("Which hypervisors; all without one"),
            flag(
                "accept",
                "Let what each agent has now count from here on, where it holds together",
            ),
        ]);
    Command::new("audit")
        .about("Who changed or was refused what")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(verify)
}

fn doctor() -> Command {
    let only = Arg::new("only")
        .long("only")
        .value_name("ID")
        .help("One check or finding, such as certificate or rate.throttled");
    Command::new("doctor")
        .about("Find out what is wrong with settings, terminal, bus and hypervisors")
        .args([
            only,
            flag("list", "List what could be found, and look at nothing"),
        ])
}

fn config() -> Command {
    Command::new("config")
        .about("Settings")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            Command::new("show")
                .about("Show every setting and where it comes from")
                .after_help(variables()),
            Command::new("init").about("Write an annotated operator.toml"),
        ])
}

/// The variables of the environment, for the help.
fn variables() -> String {
    let line = |variable: &Variable| format!("  {:<20} {}", variable.name, variable.summary);
    let lines: Vec<String> = VARIABLES.iter().map(line).collect();
    format!(
        "Stronger than the files are the options and these variables:\n{}",
        lines.join("\n")
    )
}

/// What the scripts of [`completions`] ask.
fn complete() -> Command {
    let text = |name| Arg::new(name).allow_hyphen_values(true);
    Command::new("complete")
        .hide(true)
        .args([text("line").required(true), text("word")])
}

fn completions() -> Command {
    let shell = Arg::new("shell")
        .value_name("SHELL")
        .required(true)
        .value_parser(clap::value_parser!(Shell));
    Command::new("completions")
        .about("Print the completions for a shell, selectors included")
        .arg(shell)
        .after_help(
            "Examples:\n  \
             source <(archipel completions bash)          # in ~/.bashrc\n  \
             source <(archipel completions zsh)           # in ~/.zshrc, after compinit\n  \
             archipel completions fish | source           # in ~/.config/fish/config.fish",
        )
}
