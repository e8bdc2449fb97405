//! The command line of `archipel bus`.

use std::path::PathBuf;

use archipel_protocol::BareJid;
use archipel_servers::{Domain, Network, ServerKind};
use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser};

use super::command::host;
use crate::cli::{failure::Failure, host_name::HostName};

/// What is to be done with the bus.
pub(in crate::cli) enum BusTask {
    Init(Box<Wish>),
    Add(Vec<HostName>),
    Nodes,
}

/// What `bus init` is asked for.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(in crate::cli) struct Wish {
    pub(in crate::cli) server: Option<ServerKind>,
    pub(in crate::cli) domain: Option<Domain>,
    pub(in crate::cli) admin: Option<BareJid>,
    pub(in crate::cli) agents: Vec<Network>,
    /// Certificate and key.
    pub(in crate::cli) certificate: Option<(PathBuf, PathBuf)>,
    pub(in crate::cli) renew: bool,
    pub(in crate::cli) into: Option<PathBuf>,
    pub(in crate::cli) password_file: Option<PathBuf>,
    pub(in crate::cli) restart: bool,
    pub(in crate::cli) replace: bool,
    pub(in crate::cli) yes: bool,
}

pub(super) fn command() -> Command {
    let hosts = host().num_args(1..);
    Command::new("bus")
        .about("A bus of your own: the XMPP server")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            init(),
            Command::new("add")
                .about("On the server: put hypervisors into every operator's contact list")
                .arg(hosts),
            Command::new("nodes").about(
                "As an administrator: make the pubsub nodes that the original's programs expect",
            ),
        ])
}

fn init() -> Command {
    let servers = PossibleValuesParser::new(ServerKind::ALL.map(ServerKind::word));
    Command::new("init")
        .about("On the server: write and check a profile for Prosody or ejabberd, make certificates, account, groups and nodes")
        .after_help("A second time it changes nothing, or goes on where it stopped. What it replaces is kept beside the new file.")
        .args([
            option("server", "NAME", "Which server [default: the one that is installed]").value_parser(servers),
            option("domain", "DOMAIN", "What it serves, such as dc.example").value_parser(str::parse::<Domain>),
            option("admin", "JID", "The first operator [default: admin@DOMAIN]").value_parser(bare_jid),
            option("agents", "NETWORK", "Where agents may make accounts for their machines from, such as 10.0.0.0/8 [default: nowhere]")
                .value_parser(str::parse::<Network>)
                .num_args(1..)
                .action(ArgAction::Append),
            path("certificate", "Its certificate with what leads to its authority (PEM) [default: from an authority of your own]").requires("key"),
            path("key", "The certificate's key (PEM)").requires("certificate"),
            path("password-file", "The operator's password: its first line; made if missing; `-`: standard input"),
            path("into", "Write the files into this folder, to be copied, and touch nothing else"),
            switch("renew", "Make a new certificate, by the same authority"),
            switch("restart", "Restart the server without asking"),
            switch("replace", "Also replace files that somebody else wrote or changed"),
            switch("yes", "Write without asking").short('y'),
        ])
}

fn value(name: &'static str, placeholder: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name(placeholder).help(help)
}

fn option(name: &'static str, placeholder: &'static str, help: &'static str) -> Arg {
    value(name, placeholder, help).long(name)
}

fn path(name: &'static str, help: &'static str) -> Arg {
    value(name, "PATH", help)
        .long(name)
        .value_parser(clap::value_parser!(PathBuf))
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

fn bare_jid(text: &str) -> Result<BareJid, String> {
    let jid = BareJid::new(text).map_err(|error| error.to_string())?;
    match jid.node() {
        Some(_) => Ok(jid),
        None => Err("an account is a name and a domain, such as admin@dc.example".to_owned()),
    }
}

pub(super) fn task((word, matches): (&str, &ArgMatches)) -> Result<BusTask, Failure> {
    Ok(match word {
        "init" => BusTask::Init(Box::new(wish(matches))),
        "add" => BusTask::Add(
            matches
                .get_many("host")
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
        ),
        "nodes" => BusTask::Nodes,
        _ => return Err(super::unknown(word)),
    })
}

fn wish(matches: &ArgMatches) -> Wish {
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    Wish {
        server: matches
            .get_one::<String>("server")
            .and_then(|word| word.parse().ok()),
        domain: matches.get_one("domain").cloned(),
        admin: matches.get_one("admin").cloned(),
        agents: matches
            .get_many("agents")
            .into_iter()
            .flatten()
            .copied()
            .collect(),
        certificate: path("certificate").zip(path("key")),
        renew: matches.get_flag("renew"),
        into: path("into"),
        password_file: path("password-file"),
        restart: matches.get_flag("restart"),
        replace: matches.get_flag("replace"),
        yes: matches.get_flag("yes"),
    }
}
