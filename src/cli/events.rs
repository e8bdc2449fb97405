//! `archipel events`: what happened, from the agents' logs.

use std::{collections::BTreeMap, io};

use archipel_fleet::Fleet;
use archipel_operator::Wanted;
use archipel_protocol::{HypervisorId, events};
use jiff::tz::TimeZone;

use super::{
    arguments::EventsTask,
    console::remark,
    failure::Failure,
    hypervisor::pick,
    session::Session,
    sheet::{Cell, Column, Format, Writer},
};

const EVENTS: &[Column] = &[
    Column::shown("local", "time"),
    Column::shown("hypervisor_name", "hypervisor"),
    Column::shown("name", "name"),
    Column::shown("what", "what"),
    Column::shown("by", "by"),
    Column::shown("text", "text"),
    Column::hidden("at"),
    Column::hidden("number"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
];

/// The number of the last event shown, by hypervisor.
type Shown = BTreeMap<HypervisorId, u64>;

/// Prints events; with `--follow` until interrupted.
pub(super) async fn run(
    session: &mut Session,
    task: &EventsTask,
    format: Format,
) -> Result<(), Failure> {
    session.sync(Wanted::All).await?;
    let hosts = pick(session, &task.selectors)?;
    let mut shown: Shown = hosts.into_iter().map(|host| (host, 0)).collect();
    let mut writer = Writer::to_stdout(format, EVENTS);
    let newest = |host: &HypervisorId, _| {
        (
            host.clone(),
            events::Query {
                after: None,
                limit: task.limit,
            },
        )
    };
    let queries = shown
        .iter()
        .map(|(host, number)| newest(host, number))
        .collect();
    fetch(session, queries, &mut shown, &mut writer).await?;
    if task.follow {
        return follow(session, shown, writer).await;
    }
    Ok(writer.end()?)
}

/// Prints what comes until the session ends.
async fn follow<W: io::Write>(
    session: &mut Session,
    mut shown: Shown,
    mut writer: Writer<W>,
) -> Result<(), Failure> {
    loop {
        let queries = news(session, &shown).await?;
        fetch(session, queries, &mut shown, &mut writer).await?;
    }
}

/// Whether `task` can be written as `format`.
pub(super) fn permit(task: &EventsTask, format: Format) -> Result<(), Failure> {
    if task.follow && format == Format::Json {
        return Err(Failure::usage(
            "a list that is followed has no end; use -o jsonl",
        ));
    }
    Ok(())
}

/// Waits until a hypervisor announces an event that was not shown.
async fn news(
    session: &mut Session,
    shown: &Shown,
) -> Result<Vec<(HypervisorId, events::Query)>, Failure> {
    let unseen = |fleet: &Fleet| -> Vec<(HypervisorId, events::Query)> {
        let behind = |(host, number): (&HypervisorId, &u64)| {
            let newest = fleet.hypervisor(host)?.newest_event;
            let after = Some(*number);
            let query = events::Query {
                after,
                limit: events::PAGE_LIMIT,
            };
            (newest > *number).then(|| (host.clone(), query))
        };
        shown.iter().filter_map(behind).collect()
    };
    session.until(|fleet| !unseen(fleet).is_empty()).await;
    let queries = unseen(session.fleet());
    if queries.is_empty() {
        return Err(Failure::not_connected("the session ended"));
    }
    Ok(queries)
}

/// Asks, and writes what comes in the order of time.
async fn fetch<W: io::Write>(
    session: &mut Session,
    queries: Vec<(HypervisorId, events::Query)>,
    shown: &mut Shown,
    writer: &mut Writer<W>,
) -> Result<(), Failure> {
    let handle = session.handle();
    let asked = queries.into_iter().map(|(host, query)| {
        let handle = handle.clone();
        async move {
            let page = handle.events(&host, query).await;
            (host, query, page)
        }
    });
    let pages = session.alongside(futures::future::join_all(asked)).await;
    let mut rows = Vec::new();
    for (host, query, page) in pages {
        match page {
            Ok(page) => {
                shown.insert(host.clone(), reached(query, &page));
                rows.extend(
                    page.events
                        .into_iter()
                        .map(|event| (event.at, row(session.fleet(), &host, &event))),
                );
            }
            Err(error) => {
                // Not asked again before there is something newer.
                let newest = session
                    .fleet()
                    .hypervisor(&host)
                    .map_or(u64::MAX, |host| host.newest_event);
                shown.insert(host.clone(), newest);
                remark(&format!("{host}: {error}"));
            }
        }
    }
    rows.sort_by_key(|(at, _)| *at);
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(|(_, row)| row).collect();
    writer.write(&rows)?;
    Ok(())
}

/// The number up to which everything asked for has been seen.
fn reached(query: events::Query, page: &events::Page) -> u64 {
    let last = page.events.iter().map(|event| event.number).max();
    // An answer to a question for the newest says how far the log goes even if it holds nothing.
    last.or_else(|| query.after.is_none().then_some(page.newest))
        .unwrap_or(page.newest)
}

fn row(fleet: &Fleet, host: &HypervisorId, event: &events::Event) -> Vec<Cell> {
    let local = event.at.to_zoned(TimeZone::system());
    let by = event.by.as_ref();
    vec![
        Cell::text(local.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        Cell::maybe(fleet.hypervisor(host), |host| Cell::text(&host.name)),
        Cell::text(&event.name),
        Cell::text(&event.what),
        Cell::maybe(by, |by| Cell::text(by.to_string())),
        Cell::text(&event.text),
        Cell::text(event.at.to_string()),
        Cell::Count(event.number),
        Cell::maybe(event.vm, |vm| Cell::text(vm.to_string())),
        Cell::text(host.to_string()),
    ]
}
