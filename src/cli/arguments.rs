//! The command line, understood.

mod access;
mod bus;
mod card;
mod command;
mod definition;

use std::path::PathBuf;

use archipel_config::{Endpoint, Flags};
use archipel_language::{Noun, Selector, Verb};
use clap::ArgMatches;
use clap_complete::Shell;
use jiff::SignedDuration;

use super::{
    failure::Failure,
    host_name::HostName,
    messages::{NotASelector, OtherNoun},
    sheet::Format,
};

pub(super) use access::{AccessTask, ChangeTask, TagChange, TagTask, WhyTask};
pub(super) use bus::{BusTask, Wish};
pub(super) use card::{AllocTask, DescribeTask};
pub(super) use command::command;
pub(super) use definition::{DefineTask, DefinitionTask, EditTask, Shown};

/// A command line, understood.
pub(super) struct Arguments {
    pub(super) flags: Flags,
    pub(super) format: Format,
    pub(super) task: Task,
}

/// What is to be done.
pub(super) enum Task {
    Screen,
    Fleet(FleetTask),
    Bus(BusTask),
    Config(ConfigTask),
    Completions(Shell),
    Complete(Typed),
    Doctor { only: Option<String>, list: bool },
}

/// What is to be done in a session on the bus.
pub(super) enum FleetTask {
    Vm(VmTask),
    Hypervisor(HypervisorTask),
    Events(EventsTask),
    Audit(AuditTask),
    Access(AccessTask),
    Tag(TagTask),
    Whoami,
}

/// A command line that is being typed.
pub(super) struct Typed {
    /// All of it up to the cursor.
    pub(super) line: String,
    /// What bash would replace of it.
    pub(super) word: Option<String>,
}

/// What is to be done with machines.
pub(super) enum VmTask {
    List { selectors: Vec<Selector> },
    Definition(DefinitionTask),
    Describe(DescribeTask),
    Do(Deed),
}

/// A verb, what it is for, and how it is confirmed.
pub(super) struct Deed {
    pub(super) verb: &'static Verb,
    /// The values of the verb's own arguments.
    pub(super) given: Vec<String>,
    pub(super) selectors: Vec<Selector>,
    pub(super) plan_only: bool,
    pub(super) yes: Option<Yes>,
}

/// A confirmation given in advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Yes {
    /// `--yes`.
    Any,
    /// `--yes=COUNT`.
    Count(usize),
}

/// What is to be done with hypervisors.
pub(super) enum HypervisorTask {
    List { selectors: Vec<Selector> },
    Invite(InviteTask),
    Revoke(RevokeTask),
    Invitations,
    Alloc(Box<AllocTask>),
    Do(&'static Verb, HostName),
}

/// A host that is invited.
pub(super) struct InviteTask {
    pub(super) host: HostName,
    pub(super) lasts: SignedDuration,
    pub(super) file: Option<PathBuf>,
    pub(super) servers: Vec<Endpoint>,
    pub(super) prepared: bool,
}

/// A host that is invited no longer.
pub(super) struct RevokeTask {
    pub(super) host: HostName,
}

/// Which entries of the agents' logs.
pub(super) struct EventsTask {
    pub(super) follow: bool,
    pub(super) limit: u32,
    /// Of events, and of hypervisors.
    pub(super) selectors: Vec<Selector>,
}

/// Whose audit is verified.
pub(super) struct AuditTask {
    /// Whether what holds together counts from here on, whatever was seen before.
    pub(super) accept: bool,
    pub(super) selectors: Vec<Selector>,
}

/// What is to be done with settings.
pub(super) enum ConfigTask {
    Show,
    Init,
}

/// Reads the process's command line. What clap refuses it explains itself, and ends the process with 2; help and version
/// end it with 0.
pub(super) fn read() -> Result<Arguments, Failure> {
    let matches = command().get_matches();
    let flags = Flags {
        profile: matches.get_one("profile").cloned(),
        read_only: matches.get_flag("read-only"),
    };
    let format = matches.get_one("output").copied().unwrap_or_default();
    let task = task(&matches)?;
    Ok(Arguments {
        flags,
        format,
        task,
    })
}

fn task(matches: &ArgMatches) -> Result<Task, Failure> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(Task::Screen);
    };
    Ok(match word {
        "doctor" => Task::Doctor {
            only: matches.get_one("only").cloned(),
            list: matches.get_flag("list"),
        },
        "bus" => Task::Bus(bus::task(inner(matches)?)?),
        "complete" => Task::Complete(Typed {
            line: matches.get_one("line").cloned().unwrap_or_default(),
            word: matches.get_one("word").cloned(),
        }),
        "config" if inner(matches)?.0 == "init" => Task::Config(ConfigTask::Init),
        "config" => Task::Config(ConfigTask::Show),
        "completions" => {
            let shell = matches.get_one("shell").copied();
            Task::Completions(shell.ok_or_else(|| unknown(word))?)
        }
        _ => Task::Fleet(fleet_task(word, matches)?),
    })
}

fn fleet_task(word: &str, matches: &ArgMatches) -> Result<FleetTask, Failure> {
    Ok(match word {
        "vm" => FleetTask::Vm(vm_task(inner(matches)?)?),
        "hypervisor" => FleetTask::Hypervisor(hypervisor_task(inner(matches)?)?),
        "events" => FleetTask::Events(EventsTask {
            follow: matches.get_flag("follow"),
            limit: matches.get_one("limit").copied().unwrap_or(20),
            selectors: picked_of(&[Noun::Event, Noun::Hypervisor], matches)?,
        }),
        "audit" => {
            let (_, matches) = inner(matches)?;
            FleetTask::Audit(AuditTask {
                accept: matches.get_flag("accept"),
                selectors: picked(Noun::Hypervisor, matches)?,
            })
        }
        "access" => FleetTask::Access(access::task(inner(matches)?)?),
        "tag" => FleetTask::Tag(access::tag_task(inner(matches)?)?),
        "whoami" => FleetTask::Whoami,
        _ => return Err(unknown(word)),
    })
}

fn inner(matches: &ArgMatches) -> Result<(&str, &ArgMatches), Failure> {
    matches.subcommand().ok_or_else(|| unknown(""))
}

fn picked(noun: Noun, matches: &ArgMatches) -> Result<Vec<Selector>, Failure> {
    picked_of(&[noun], matches)
}

/// The selectors, each of one of `nouns`; the first is meant where none is written.
fn picked_of(nouns: &[Noun], matches: &ArgMatches) -> Result<Vec<Selector>, Failure> {
    picked_by("selector", nouns, matches)
}

/// The same by another option.
fn picked_by(name: &str, nouns: &[Noun], matches: &ArgMatches) -> Result<Vec<Selector>, Failure> {
    let texts = matches.get_many::<String>(name);
    texts
        .into_iter()
        .flatten()
        .map(|text| selector(nouns, text))
        .collect()
}

fn selector(nouns: &[Noun], text: &str) -> Result<Selector, Failure> {
    let noun = nouns.first().copied().unwrap_or(Noun::Vm);
    let selector = Selector::exact(noun, text);
    let selector = selector.map_err(|error| Failure::usage(NotASelector { text, error }))?;
    if !nouns.contains(&selector.noun()) {
        return Err(Failure::usage(OtherNoun { text, noun }));
    }
    Ok(selector)
}

fn vm_task((word, matches): (&str, &ArgMatches)) -> Result<VmTask, Failure> {
    if definition::WORDS.contains(&word) {
        return definition::task(word, matches).map(VmTask::Definition);
    }
    if word == "describe" {
        return card::describe_task(matches).map(VmTask::Describe);
    }
    let selectors = picked(Noun::Vm, matches)?;
    if word == "list" {
        return Ok(VmTask::List { selectors });
    }
    let verb = verb(word, matches).ok_or_else(|| unknown(word))?;
    let given = given(verb, matches)?;
    let change = verb.is_change();
    Ok(VmTask::Do(Deed {
        verb,
        given,
        selectors,
        plan_only: change && matches.get_flag("plan"),
        yes: if change {
            matches.get_one("yes").copied()
        } else {
            None
        },
    }))
}

/// The verb of a word; `clone --linked` is `clone-linked`.
fn verb(word: &str, matches: &ArgMatches) -> Option<&'static Verb> {
    let linked = matches.try_get_one::<bool>("linked");
    match linked {
        Ok(Some(true)) => Verb::by_id("vm.clone-linked"),
        _ => Verb::by_word(Noun::Vm, word),
    }
}

/// The values of the verb's own arguments, if they can be sent.
fn given(verb: &'static Verb, matches: &ArgMatches) -> Result<Vec<String>, Failure> {
    let own = verb.own_arguments();
    let values: Vec<String> = own
        .filter_map(|argument| matches.get_one::<String>(argument.name).cloned())
        .collect();
    let request = verb.wire.request(&values);
    request.map_err(Failure::usage)?;
    Ok(values)
}

fn hypervisor_task((word, matches): (&str, &ArgMatches)) -> Result<HypervisorTask, Failure> {
    if word == "list" {
        return Ok(HypervisorTask::List {
            selectors: picked(Noun::Hypervisor, matches)?,
        });
    }
    match word {
        "invite" => return invite_task(matches),
        "invitations" => return Ok(HypervisorTask::Invitations),
        "alloc" => {
            return card::alloc_task(matches)
                .map(Box::new)
                .map(HypervisorTask::Alloc);
        }
        _ => {}
    }
    let verb = Verb::by_word(Noun::Hypervisor, word).ok_or_else(|| unknown(word))?;
    Ok(HypervisorTask::Do(verb, host(word, matches)?))
}

fn host(word: &str, matches: &ArgMatches) -> Result<HostName, Failure> {
    let host = matches.get_one::<HostName>("host").cloned();
    host.ok_or_else(|| unknown(word))
}

fn invite_task(matches: &ArgMatches) -> Result<HypervisorTask, Failure> {
    let host = host("invite", matches)?;
    if matches.get_flag("revoke") {
        return Ok(HypervisorTask::Revoke(RevokeTask { host }));
    }
    let lasts = matches.get_one("expires").copied();
    let servers = matches.get_many("bus").into_iter().flatten();
    Ok(HypervisorTask::Invite(InviteTask {
        host,
        lasts: lasts.unwrap_or(SignedDuration::from_hours(24)),
        file: matches.get_one("file").cloned(),
        servers: servers.cloned().collect(),
        prepared: matches.get_flag("prepared"),
    }))
}

/// clap lets nothing through that is not in [`fn@command`].
fn unknown(word: &str) -> Failure {
    Failure::usage(format_args!(
        "there is no command `{word}`; see: archipel --help"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_config::ProfileName;
    use archipel_language::{ArgumentKind, verb::VERBS};

    use super::*;

    fn parsed(line: &str) -> Result<Task, clap::Error> {
        let matches = command().try_get_matches_from(line.split(' '))?;
        Ok(task(&matches).unwrap_or_else(|_| unreachable!("clap knows every command")))
    }

    fn deed(line: &str) -> Deed {
        match parsed(line) {
            Ok(Task::Fleet(FleetTask::Vm(VmTask::Do(deed)))) => deed,
            _ => unreachable!("{line}"),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_verb_and_alias_is_a_command() {
        for verb in VERBS.iter().filter(|verb| verb.noun == Noun::Vm) {
            for word in verb.aliases.iter().chain([&verb.word]) {
                let values: Vec<&str> = verb.arguments.iter().map(sample).collect();
                let deed = deed(&format!("archipel vm {word} {}", values.join(" ")));
                assert_eq!(deed.verb.id, verb.id, "{word}");
            }
        }
    }

    fn sample(argument: &archipel_language::Argument) -> &'static str {
        match argument.kind {
            ArgumentKind::Memory => "8GiB",
            ArgumentKind::Number => "2",
            ArgumentKind::Processors => "0-3",
            ArgumentKind::Selector(_) | ArgumentKind::Jid | ArgumentKind::Name => "web01",
        }
    }

    #[test]
    fn values_stand_where_the_table_says() {
        let memory = deed("archipel vm memory 8GiB web01 web02");
        assert_eq!(
            (memory.given, memory.selectors.len()),
            (vec!["8GiB".to_owned()], 2)
        );
        let rename = deed("archipel vm rename web01 web02");
        assert_eq!(
            (rename.given, rename.selectors.len()),
            (vec!["web02".to_owned()], 1)
        );
        assert!(parsed("archipel vm rename web01").is_err());
    }

    #[test]
    fn a_confirmation_may_carry_a_count() {
        assert_eq!(deed("archipel vm destroy a b").yes, None);
        assert_eq!(deed("archipel vm destroy --yes a").yes, Some(Yes::Any));
        let counted = deed("archipel vm destroy a --yes=3 --plan");
        assert_eq!(counted.yes, Some(Yes::Count(3)));
        assert!(counted.plan_only);
        assert!(parsed("archipel vm destroy a --yes=many").is_err());
    }

    #[test]
    fn an_invitation_lasts_a_day_or_as_long_as_is_said() {
        let invited = |line: &str| match parsed(line) {
            Ok(Task::Fleet(FleetTask::Hypervisor(HypervisorTask::Invite(task)))) => task,
            _ => unreachable!("{line}"),
        };
        let task = invited("archipel hypervisor invite hv01");
        assert_eq!(task.lasts, SignedDuration::from_hours(24));
        let line = "archipel hypervisor invite hv01 --expires 7d --bus a:1 --bus b:2 --prepared";
        let task = invited(line);
        assert_eq!(task.lasts, SignedDuration::from_hours(7 * 24));
        assert!(task.servers.len() == 2 && task.prepared);
        for bad in [
            "1m",
            "0h",
            "-1h",
            "24",
            "31d",
            "1w",
            "99999999999999999999d",
        ] {
            let line = format!("archipel hypervisor invite hv01 --expires={bad}");
            assert!(parsed(&line).is_err(), "{bad}");
        }
        assert!(parsed("archipel hypervisor invite --revoke hv01 --prepared").is_err());
        let revoked = parsed("archipel hypervisor invite --revoke hv01");
        let Ok(Task::Fleet(FleetTask::Hypervisor(HypervisorTask::Revoke(task)))) = revoked else {
            unreachable!("a revocation")
        };
        assert_eq!(task.host, "hv01".parse().unwrap());
        let removed = parsed("archipel hypervisor remove hv01");
        assert!(matches!(
            removed,
            Ok(Task::Fleet(FleetTask::Hypervisor(HypervisorTask::Do(..))))
        ));
        assert!(parsed("archipel hypervisor remove @").is_err());
    }

    #[test]
    fn global_options_stand_anywhere() {
        let matches = command().try_get_matches_from([
            "archipel",
            "vm",
            "list",
            "-o",
            "json",
            "--profile",
            "demo",
        ]);
        let matches = matches.unwrap();
        assert_eq!(matches.get_one::<Format>("output"), Some(&Format::Json));
        assert_eq!(
            matches.get_one::<ProfileName>("profile").unwrap().as_str(),
            "demo"
        );
    }
}
