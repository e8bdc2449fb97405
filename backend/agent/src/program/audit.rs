//! `audit`: the audit, read from the store beside an agent that may be at work.

use archipel_protocol::{
    audit::{Entry, Page, Query, Walk},
    text::clean_line,
};

use super::{At, Audit, Failed, Form, say};
use crate::{settings::Settings, store::Store};

/// The most entries that are asked for at once.
const PART: u32 = 1_000;

pub(super) fn run(wanted: &Audit) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Failed::of(&error))?;
    runtime.block_on(async {
        match wanted {
            Audit::Verify { seen, at } => verify(&open(at)?, Walk::new(seen.clone())).await,
            Audit::List { after, listing, at } => list(&open(at)?, *after, listing.output).await,
        }
    })
}

fn open(at: &At) -> Result<Store, Failed> {
    let settings = Settings::load(&at.config)?;
    Store::look(&settings.state_dir).map_err(|error| Failed::of(&error))
}

async fn part(store: &Store, after: u64) -> Result<Page, Failed> {
    let query = Query { after, limit: PART };
    let page = store.audit(query).await;
    page.map_err(|error| Failed::of(&error))
}

async fn verify(store: &Store, mut walk: Walk) -> Result<(), Failed> {
    let broken = |broken| Failed::new(format!("the audit is broken: {broken}"));
    loop {
        let page = part(store, walk.reached().number).await?;
        let stepped = page.entries.iter().try_for_each(|entry| walk.step(entry));
        stepped.map_err(broken)?;
        if page.entries.is_empty() {
            walk.end(page.head).map_err(broken)?;
            break;
        }
    }
    say(format_args!(
        "the audit is sound: {} entries, the last is {}",
        walk.held(),
        walk.reached()
    ));
    Ok(())
}

async fn list(store: &Store, mut after: u64, form: Form) -> Result<(), Failed> {
    let mut rows = Vec::new();
    loop {
        let page = part(store, after).await?;
        let Some(last) = page.entries.last() else {
            break;
        };
        after = last.number;
        match form {
            Form::Table => page.entries.iter().for_each(line),
            Form::Json => rows.extend(page.entries.iter().map(object)),
        }
    }
    if form == Form::Json {
        say(format_args!("{:#}", serde_json::Value::Array(rows)));
    }
    Ok(())
}

fn line(entry: &Entry) {
    let fact = &entry.fact;
    let shown = |text: &str| clean_line(text, 400);
    say(format_args!(
        "{} {:.0} {} {} {} {} {}",
        entry.number,
        fact.at,
        shown(&fact.who),
        shown(&fact.verb),
        fact.outcome,
        fact.vm
            .map_or_else(|| "-".to_owned(), |_| shown(&fact.name)),
        shown(&fact.text)
    ));
}

fn object(entry: &Entry) -> serde_json::Value {
    let fact = &entry.fact;
    serde_json::json!({
        "number": entry.number,
        "at": fact.at.to_string(),
        "who": fact.who,
        "verb": fact.verb,
        "outcome": fact.outcome.word(),
        "vm": fact.vm.map(|vm| vm.to_string()),
        "name": fact.name,
        "policy": fact.policy,
        "text": fact.text,
        "hash": entry.hash.to_string(),
    })
}
