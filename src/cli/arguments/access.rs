//! `archipel access` and `archipel tag` on the command line.

use archipel_language::{Noun, Selector, selector::Scope};
use archipel_protocol::{
    BareJid,
    rights::{Change, Grant, RolePart},
    tags::Tags,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use jiff::{SignedDuration, Timestamp};

use super::{
    Yes,
    command::{change_flags, selectors, span},
    picked, picked_by, unknown,
};
use crate::cli::failure::Failure;

/// What is to be done about rights.
pub(in crate::cli) enum AccessTask {
    /// Who holds what.
    List {
        of: Option<BareJid>,
        on: Vec<Selector>,
    },
    /// Which roles there are.
    Roles { on: Vec<Selector> },
    /// All of these, or none, on each hypervisor.
    Change(ChangeTask),
    /// Why something is allowed or not.
    Why(WhyTask),
}

/// Changes of rights.
pub(in crate::cli) struct ChangeTask {
    pub(in crate::cli) changes: Vec<Change>,
    /// For people.
    pub(in crate::cli) summary: String,
    pub(in crate::cli) on: Vec<Selector>,
    pub(in crate::cli) plan_only: bool,
    pub(in crate::cli) yes: Option<Yes>,
}

/// A decision to be explained.
pub(in crate::cli) struct WhyTask {
    pub(in crate::cli) what: String,
    /// Oneself where it is absent.
    pub(in crate::cli) who: Option<BareJid>,
    /// Of machines; of hypervisors where there are none.
    pub(in crate::cli) vms: Vec<Selector>,
    pub(in crate::cli) on: Vec<Selector>,
}

/// What is to be done with tags.
pub(in crate::cli) enum TagTask {
    /// Which there are.
    List,
    /// Added or removed.
    Change(TagChange),
}

/// Tags that machines get or lose.
pub(in crate::cli) struct TagChange {
    pub(in crate::cli) add: bool,
    pub(in crate::cli) tags: Tags,
    pub(in crate::cli) selectors: Vec<Selector>,
    pub(in crate::cli) plan_only: bool,
    pub(in crate::cli) yes: Option<Yes>,
}

pub(super) fn command() -> Command {
    Command::new("access")
        .about("Rights: who may do what on which hypervisor")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            Command::new("list")
                .visible_alias("ls")
                .about("List who holds what")
                .args([of(), on()]),
            Command::new("roles")
                .about("List the roles: those that ship, and those of hypervisors")
                .arg(on()),
            grant("give", "Give somebody a permission or a role").arg(until()),
            grant("take", "Take a permission or a role from somebody"),
            role(
                "add-to-role",
                "Let a role of a hypervisor hold permissions from now on",
            ),
            role(
                "drop-from-role",
                "Let a role of a hypervisor hold permissions no more",
            ),
            why(),
        ])
}

fn on() -> Arg {
    Arg::new("on")
        .long("on")
        .value_name("SELECTOR")
        .action(ArgAction::Append)
        .help("Which hypervisors; all without it")
}

fn account(name: &'static str, help: &'static str) -> Arg {
    let parser = |text: &str| BareJid::new(text).map_err(|error| error.to_string());
    Arg::new(name)
        .value_name("JID")
        .value_parser(parser)
        .help(help)
}

fn of() -> Arg {
    account("of", "One account; everybody without it").long("of")
}

fn until() -> Arg {
    Arg::new("until")
        .long("until")
        .value_name("TIME")
        .value_parser(end)
        .help("When it ends by itself: a span such as 8h or 7d, or a time such as 2026-12-01T08:00:00Z")
}

fn end(text: &str) -> Result<Timestamp, String> {
    let after = |span: SignedDuration| Timestamp::now().checked_add(span);
    match span(text) {
        Ok(span) => after(span).map_err(|error| error.to_string()),
        Err(_) => text.parse().map_err(|_| {
            format!("`{text}` is no span such as 8h and no time such as 2026-12-01T08:00:00Z")
        }),
    }
}

fn grant(word: &'static str, about: &'static str) -> Command {
    let what = Arg::new("what")
        .value_name("PERMISSION")
        .required(true)
        .help("A permission, such as create, or role/NAME");
    let scope = Arg::new("in")
        .long("in")
        .value_name("SCOPE")
        .help("On which machines, such as 'tag = web'; the whole hypervisor without it");
    Command::new(word)
        .about(about)
        .args([account("who", "Whom").required(true), what, scope, on()])
        .args(change_flags())
}

fn role(word: &'static str, about: &'static str) -> Command {
    let name = Arg::new("role")
        .value_name("ROLE")
        .required(true)
        .help("Its name");
    let what = Arg::new("what")
        .value_name("PERMISSION")
        .required(true)
        .num_args(1..)
        .help("Permissions, such as create");
    Command::new(word)
        .about(about)
        .args([name, what, on()])
        .args(change_flags())
}

fn why() -> Command {
    let what = Arg::new("what")
        .value_name("PERMISSION")
        .required(true)
        .help("A permission, such as create");
    Command::new("why")
        .about("Explain why somebody may do something, or may not")
        .args([
            what,
            selectors("On which machines; on the hypervisors without one"),
            account("who", "Who; you without it").long("who"),
            on(),
        ])
}

pub(super) fn tags() -> Command {
    let change = |word, about| {
        let tags = Arg::new("tags")
            .value_name("TAG")
            .required(true)
            .help("A tag, or several with commas between");
        Command::new(word)
            .about(about)
            .args([
                tags,
                selectors("Which machines").num_args(1..).required(true),
            ])
            .args(change_flags())
    };
    Command::new("tag")
        .about("Tags of machines")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            Command::new("list")
                .visible_alias("ls")
                .about("List the tags and how many machines have each"),
            change("add", "Give machines tags"),
            change("remove", "Take tags from machines"),
        ])
}

pub(super) fn task((word, matches): (&str, &ArgMatches)) -> Result<AccessTask, Failure> {
    let on = picked_by("on", &[Noun::Hypervisor], matches)?;
    Ok(match word {
        "list" => AccessTask::List {
            of: matches.get_one("of").cloned(),
            on,
        },
        "roles" => AccessTask::Roles { on },
        "why" => AccessTask::Why(WhyTask {
            what: text(matches, "what")?,
            who: matches.get_one("who").cloned(),
            vms: picked(Noun::Vm, matches)?,
            on,
        }),
        _ => {
            let changes = changes(word, matches)?;
            AccessTask::Change(ChangeTask {
                summary: summary(word, &changes),
                changes,
                on,
                plan_only: matches.get_flag("plan"),
                yes: matches.get_one("yes").copied(),
            })
        }
    })
}

fn text(matches: &ArgMatches, name: &str) -> Result<String, Failure> {
    matches.get_one(name).cloned().ok_or_else(|| unknown(name))
}

fn changes(word: &str, matches: &ArgMatches) -> Result<Vec<Change>, Failure> {
    if word == "give" || word == "take" {
        let grant = Grant {
            who: matches
                .get_one("who")
                .cloned()
                .ok_or_else(|| unknown(word))?,
            what: text(matches, "what")?,
            scope: scope(matches)?,
            until: (word == "give")
                .then(|| matches.get_one("until").copied())
                .flatten(),
        };
        let change = if word == "give" {
            Change::Give
        } else {
            Change::Take
        };
        return Ok(vec![change(grant)]);
    }
    let role = text(matches, "role")?;
    let all = matches.get_many::<String>("what").into_iter().flatten();
    let change = if word == "add-to-role" {
        Change::Add
    } else {
        Change::Drop
    };
    let part = |what: &String| {
        change(RolePart {
            role: role.clone(),
            what: what.clone(),
        })
    };
    Ok(all.map(part).collect())
}

fn scope(matches: &ArgMatches) -> Result<Option<String>, Failure> {
    let Some(text) = matches.get_one::<String>("in") else {
        return Ok(None);
    };
    let scope = Scope::parse(text).map_err(|error| {
        let pointed = error.pointed(text).replace('\n', "\n  ");
        Failure::usage(format_args!("this is no scope\n  {pointed}"))
    })?;
    Ok(Some(scope.to_string()))
}

fn summary(word: &str, changes: &[Change]) -> String {
    let one = |change: &Change| match change {
        Change::Give(grant) | Change::Take(grant) => {
            let scope = grant.scope.as_ref().map(|scope| format!(" in {scope}"));
            let end = grant.until.map(|end| format!(" until {end}"));
            let (scope, end) = (scope.unwrap_or_default(), end.unwrap_or_default());
            format!("{} {}{scope}{end}", grant.who, grant.what)
        }
        Change::Add(part) | Change::Drop(part) => format!("{} {}", part.role, part.what),
    };
    let all: Vec<String> = changes.iter().map(one).collect();
    format!("{word} {}", all.join(", "))
}

pub(super) fn tag_task((word, matches): (&str, &ArgMatches)) -> Result<TagTask, Failure> {
    if word == "list" {
        return Ok(TagTask::List);
    }
    let texts = text(matches, "tags")?;
    let tags = Tags::new(texts.split(','));
    if tags.is_empty() {
        return Err(Failure::usage("no tag is given"));
    }
    Ok(TagTask::Change(TagChange {
        add: word == "add",
        tags,
        selectors: picked(Noun::Vm, matches)?,
        plan_only: matches.get_flag("plan"),
        yes: matches.get_one("yes").copied(),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(words: &[&str]) -> Result<AccessTask, String> {
        let command = crate::cli::arguments::command();
        let matches = command.try_get_matches_from(["archipel", "access"].iter().chain(words));
        let matches = matches.map_err(|error| error.to_string())?;
        let (_, access) = matches.subcommand().unwrap();
        task(access.subcommand().unwrap()).map_err(|failure| failure.text().to_owned())
    }

    fn change(words: &[&str]) -> ChangeTask {
        match parsed(words) {
            Ok(AccessTask::Change(task)) => task,
            Ok(_) => unreachable!("no change"),
            Err(error) => unreachable!("{error}"),
        }
    }

    #[test]
    fn a_grant_has_a_scope_and_an_end() {
        let words = [
            "give",
            "bob@dc.example",
            "role/operator",
            "--in",
            "tag=web",
            "--until",
            "8h",
            "--on",
            "hv0*",
        ];
        let task = change(&words);
        let Change::Give(grant) = &task.changes[0] else {
            unreachable!("{}", task.summary)
        };
        assert_eq!(
            grant.scope.as_deref(),
            Some("tag = web"),
            "as the language writes it"
        );
        assert!(grant.until.unwrap() > Timestamp::now() && task.on.len() == 1);
        assert!(
            task.summary
                .starts_with("give bob@dc.example role/operator in tag = web until")
        );
    }

    #[test]
    fn what_is_no_scope_and_no_time_is_refused() {
        assert!(parsed(&["give", "bob@dc.example", "create", "--in", "name = x"]).is_err());
        assert!(parsed(&["give", "bob@dc.example", "create", "--until", "soon"]).is_err());
        assert!(parsed(&["take", "bob@dc.example", "create", "--until", "8h"]).is_err());
        assert!(parsed(&["give", "@@", "create"]).is_err());
    }

    #[test]
    fn a_role_takes_several_permissions() {
        let task = change(&["add-to-role", "night", "create", "shutdown"]);
        assert_eq!(task.changes.len(), 2);
        let task = change(&["take", "bob@dc.example", "create"]);
        assert!(matches!(task.changes[0], Change::Take(_)));
    }
}
