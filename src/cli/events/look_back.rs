//! Questions to an agent's log.

use archipel_operator::{Handle, OperatorError};
use archipel_protocol::{
    HypervisorId,
    events::{Event, PAGE_LIMIT, Page, Query},
};

/// No more of a log is read back to find a moment; an agent keeps thirty days.
const LOOK_BACK: u64 = 6_000;

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
}

/// Asks the agent of `host`.
pub(super) async fn ask(
    handle: &Handle,
    host: &HypervisorId,
    question: Question,
) -> Result<Found, OperatorError> {
    let query = match question {
        Question::Since(moment) => return since(handle, host, moment).await,
        Question::Newest(limit) => Query { after: None, limit },
        Question::After(number) => after(number),
    };
    let page = handle.events(host, query).await?;
    Ok(Found {
        reached: reached(query, &page),
        events: page.events,
    })
}

const fn after(number: u64) -> Query {
    Query {
        after: Some(number),
        limit: PAGE_LIMIT,
    }
}

/// Goes back page by page until one begins before the moment.
async fn since(handle: &Handle, host: &HypervisorId, moment: f64) -> Result<Found, OperatorError> {
    let newest = Query {
        after: None,
        limit: 1,
    };
    let newest = handle.events(host, newest).await?.newest;
    let mut events = Vec::new();
    let mut end = newest;
    while end > newest.saturating_sub(LOOK_BACK) {
        let start = end.saturating_sub(u64::from(PAGE_LIMIT));
        let part = between(handle, host, (start, end)).await?;
        // Whole seconds of a few thousand years are exact.
        #[allow(clippy::cast_precision_loss)]
        let enough = part
            .first()
            .is_none_or(|event| (event.at.as_second() as f64) < moment);
        events.extend(part);
        if enough {
            break;
        }
        end = start;
    }
    let reached = newest;
    Ok(Found { events, reached })
}

/// The events after the number `start` up to `end`: more than one page where their texts are long.
async fn between(
    handle: &Handle,
    host: &HypervisorId,
    (start, end): (u64, u64),
) -> Result<Vec<Event>, OperatorError> {
    let mut events: Vec<Event> = Vec::new();
    let mut from = start;
    while from < end {
        let page = handle.events(host, after(from)).await?;
        let Some(last) = page.events.iter().map(|event| event.number).max() else {
            break;
        };
        from = last.max(from + 1);
        let wanted = |event: &Event| event.number <= end;
        events.extend(page.events.into_iter().filter(wanted));
    }
    Ok(events)
}

/// The number up to which everything asked for has been seen.
fn reached(query: Query, page: &Page) -> u64 {
    let last = page.events.iter().map(|event| event.number).max();
    // An answer to a question for the newest says how far the log goes even if it holds nothing.
    last.or_else(|| query.after.is_none().then_some(page.newest))
        .unwrap_or(page.newest)
}
