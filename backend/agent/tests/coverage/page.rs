//! docs/coverage.md: what was seen, for people.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use crate::{
    Found,
    row::{Case, Combination, Of, Push, Row, Shows, Table, named},
};

const HEAD: &str = include_str!("head.md");

/// An action as the program lists it.
#[derive(Debug, serde::Deserialize)]
pub struct Action {
    namespace: String,
    #[serde(rename = "action")]
    word: String,
    permission: String,
}

impl Action {
    pub fn words(&self) -> (&str, &str) {
        (&self.namespace, &self.word)
    }
}

/// The page of what was found. A combination that was not run here neither proves nor disproves anything: its cases stand as they are
/// expected.
pub fn of(tables: &[&'static Table], actions: &[Action], found: &Found) -> String {
    let permissions: BTreeMap<(&str, &str), &str> = actions
        .iter()
        .map(|action| (action.words(), action.permission.as_str()))
        .collect();
    let mut page = HEAD.to_owned();
    for table in tables {
        let space = table.namespace;
        writeln!(
            page,
            "\n## `{space}`\n\n| action | permission | success | shows in | denial | bad input | push |\n| --- | --- | --- | --- | --- | --- | --- |"
        )
        .unwrap();
        for row in table.rows {
            let permission = permissions[&(space, row.action)];
            page += &Line { space, row, found }.text(permission);
        }
        page += &exceptions(table);
    }
    page
}

struct Line<'a> {
    space: &'static str,
    row: &'static Row,
    found: &'a Found,
}

impl Line<'_> {
    fn text(&self, permission: &str) -> String {
        let permission = match permission {
            "" => "none about oneself".to_owned(),
            name => format!("`{name}`"),
        };
        let shows: Vec<String> = self.row.shows.iter().map(told).collect();
        let push = self.row.push.as_ref().map(|push| {
            let seen = self.seen(Case::Push);
            format!("{seen} {}", pushed(push))
        });
        format!(
            "| `{}` | {permission} | {} | {} | {} | {} {} | {} |\n",
            self.row.action,
            self.seen(Case::Success),
            shows.join("; "),
            self.seen(Case::Denial),
            self.seen(Case::BadInput),
            bad(self.row),
            push.as_deref().unwrap_or("none"),
        )
    }

    /// Where a case was seen: on how many of all combinations.
    fn seen(&self, case: Case) -> String {
        let all = Combination::ALL.iter().enumerate();
        let seen = all.filter(|(number, on)| {
            let cell = (self.space, self.row.action, case);
            let found = self.found.get(number);
            let found = found.is_none_or(|findings| findings.seen.contains(&cell));
            found && self.row.exception(case, on.driver).is_none()
        });
        format!("{}/{}", seen.count(), Combination::ALL.len())
    }
}

fn bad(row: &Row) -> String {
    let gets = row.bad.gets;
    match gets.split_once(' ') {
        Some((word, field)) => format!("`{word}`: `{field}`"),
        None => format!("`{gets}`"),
    }
}

fn pushed(push: &Push) -> String {
    let whose = match push.of {
        Of::Host => "the hypervisor's",
        Of::Machine(_) => "its own",
    };
    format!("{whose} `{}`: `{}`", push.family, push.change)
}

fn told(shows: &Shows) -> String {
    match shows {
        Shows::Answer(text) => format!("the answer: `{text}`"),
        Shows::Virsh(command, text) => format!("`virsh {command}`: `{}`", text.trim()),
        Shows::Gone(command, text) => format!("`virsh {command}`: no `{text}`"),
        Shows::Boots => "the guest's serial line: it came up again".to_owned(),
        Shows::Feed(_, what, _) => format!("the feed: {what}"),
        Shows::Later(what) => (*what).to_owned(),
        Shows::Then(ask, gets) => format!("`{}` by `{}` then: `{gets}`", ask.action, ask.by),
    }
}

/// Why something is not to be seen everywhere.
fn exceptions(table: &Table) -> String {
    let all = table.rows.iter().flat_map(|row| {
        let all = row.except.iter();
        all.map(move |except| {
            let gets = match except.case {
                Case::Push => String::new(),
                _ => format!(" (answered `{}`)", except.gets),
            };
            let (case, driver) = (except.case, named(except.driver));
            let why = except.why;
            format!("- `{}`, {case}, not on {driver}{gets}: {why}\n", row.action)
        })
    });
    let text: String = all.collect();
    if text.is_empty() {
        text
    } else {
        format!("\n{text}")
    }
}

/// Compares the page with the one that is kept, or writes it where every combination was run.
pub fn fresh(wanted: &str, found: &Found) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/coverage.md");
    if std::env::var_os("UPDATE").is_some() && found.len() == Combination::ALL.len() {
        fs::write(&path, wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found, wanted,
        "coverage.md is stale: UPDATE=1 cargo test -p archipel-agent --test coverage"
    );
}
