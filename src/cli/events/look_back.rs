//! Questions to an agent's log.

use archipel_operator::{Handle, OperatorError};
use archipel_protocol::{
    HypervisorId,
    events::{Event, Page, Query},
};
use jiff::Timestamp;

/// No more events of one hypervisor are fetched at once.
const MOST: usize = 20_000;

/// Which part of the log.
#[derive(Debug, Clone, Copy)]
pub(super) enum Question {
    /// So many of the newest.
    Newest(u32),
    /// What has a greater number; one page of it.
    After(u64),
    /// All from a moment on, in seconds since 1970 UTC.
    Since(f64),
}

/// A part of the log.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) events: Vec<Event>,
    /// The number up to which everything asked for is in it.
    pub(super) reached: u64,
    /// Whether there is more than is fetched at once.
    pub(super) cut: bool,
}

/// Asks the agent of `host`.
pub(super) async fn ask(
    handle: &Handle,
    host: &HypervisorId,
    question: Question,
) -> Result<Found, OperatorError> {
    let query = match question {
        Question::Since(moment) => return since(handle, host, moment).await,
        Question::Newest(limit) => Query {
            limit,
            ..Query::default()
        },
        Question::After(number) => after(number),
    };
    let page = handle.events(host, query).await?;
    Ok(Found {
        reached: reached(query, &page),
        events: page.events,
        cut: false,
    })
}

fn after(number: u64) -> Query {
    Query {
        after: Some(number),
        ..Query::default()
    }
}

/// Page by page from the first event of that moment on. An agent of an earlier version gives what is older, too.
async fn since(handle: &Handle, host: &HypervisorId, moment: f64) -> Result<Found, OperatorError> {
    // Whole seconds of a few thousand years are exact, and a moment outside them is none of a log.
    #[allow(clippy::cast_possible_truncation)]
    let since = Timestamp::from_second(moment.floor() as i64).ok();
    let mut found = Found::default();
    loop {
        let query = Query {
            since,
            ..after(found.reached)
        };
        let page = handle.events(host, query).await?;
        let last = page.events.iter().map(|event| event.number).max();
        found.reached = last.unwrap_or(page.newest).max(found.reached);
        let is_over = last.is_none() || found.reached >= page.newest;
        found.events.extend(page.events);
        found.cut = !is_over && found.events.len() >= MOST;
        if is_over || found.cut {
            return Ok(found);
        }
    }
}

/// The number up to which everything asked for has been seen.
fn reached(query: Query, page: &Page) -> u64 {
    let last = page.events.iter().map(|event| event.number).max();
    // An answer to a question for the newest says how far the log goes even if it holds nothing.
    last.or_else(|| query.after.is_none().then_some(page.newest))
        .unwrap_or(page.newest)
}
