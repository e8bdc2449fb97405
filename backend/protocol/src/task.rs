//! Tasks (`urn:archipel:task:1`): whatever takes more than a tenth of a second has an id, an owner, progress and an end, which outlive the
//! session of whoever asked for it.
//!
//! `<tasks/>` asks a hypervisor for its tasks and brings them, also unasked in a headline to watchers; `<cancel/>` asks for the end of
//! one. A task's id is the [operation](crate::operation) that began it. One stanza holds no more than [`LIMIT`](crate::feed::LIMIT) bytes:
//! [`Page::fill`] takes what fits.

use std::{fmt, str::FromStr};

use jid::BareJid;
use jiff::Timestamp;
use minidom::Element;

use crate::{
    failure::Failure,
    ids::{OperationId, VmId},
    ns,
    table::{Value, words},
    text::clean_line,
    xml::{Build, ParseError, child, expect, name, optional, required, text},
};

/// The most tasks in one answer.
pub const PAGE_LIMIT: u32 = 60;
/// The longest text of a task, in characters.
const TEXT_LIMIT: usize = 200;

words! {
    /// How a task stands.
    pub enum State, "a state of a task (waiting, running, done, failed, cancelled, interrupted)" {
        /// It has not begun.
        Waiting = "waiting",
        /// It goes on.
        Running = "running",
        /// It came to a good end.
        Done = "done",
        /// It came to a bad end.
        Failed = "failed",
        /// It was ended.
        Cancelled = "cancelled",
        /// The agent ended before it did: nobody can tell how far it came.
        Interrupted = "interrupted",
    }
}

impl State {
    /// Whether nothing follows.
    pub const fn is_end(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// How much of a task is done, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Progress(u16);

impl Progress {
    /// `done` of `all`; nothing where there is nothing to do.
    pub fn of(done: u64, all: u64) -> Option<Self> {
        let all = u128::from(all);
        let thousandths = (u128::from(done).min(all) * 1_000).checked_div(all)?;
        u16::try_from(thousandths).ok().map(Self)
    }

    /// In thousandths, at most 1000.
    pub const fn thousandths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Progress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let thousandths = u16::from_text(text)?;
        if thousandths > 1_000 {
            return Err("more than 1000 thousandths".to_owned());
        }
        Ok(Self(thousandths))
    }
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The operation that began it.
    pub id: OperationId,
    /// What it does: namespace and action are told by the verb of `language`.
    pub verb: String,
    /// The machine that it is about; absent: the hypervisor.
    pub vm: Option<VmId>,
    /// Who asked for it.
    pub owner: BareJid,
    /// How it stands.
    pub state: State,
    /// How much of it is done, where that can be told.
    pub progress: Option<Progress>,
    /// When it began (UTC).
    pub began: Timestamp,
    /// When it ended (UTC).
    pub ended: Option<Timestamp>,
    /// Whether it can be ended before its end.
    pub can_cancel: bool,
    /// What it does right now, for people.
    pub text: String,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl Task {
    /// As an element.
    pub fn to_element(&self) -> Element {
        let text = clean_line(&self.text, TEXT_LIMIT);
        let text = (!text.is_empty()).then(|| Build::new("text", ns::TASK).text(&text).done());
        Build::new("task", ns::TASK)
            .attr(name!("id"), &self.id)
            .attr(name!("verb"), &self.verb)
            .maybe(name!("vm"), self.vm)
            .attr(name!("owner"), &self.owner)
            .attr(name!("state"), self.state)
            .maybe(name!("progress"), self.progress)
            .attr(name!("began"), self.began)
            .maybe(name!("ended"), self.ended)
            .maybe(name!("cancel"), self.can_cancel.then_some("1"))
            .children(text)
            .children(self.failure.as_ref().map(Failure::to_outcome))
            .done()
    }

    /// Reads a task.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "task")?;
        let line = |element: &Element| clean_line(&element.text(), TEXT_LIMIT);
        Ok(Self {
            id: required(element, "id")?,
            verb: clean_line(&text(element, "verb"), 64),
            vm: optional(element, "vm")?,
            owner: required(element, "owner")?,
            state: required(element, "state")?,
            progress: optional(element, "progress")?,
            began: required(element, "began")?,
            ended: optional(element, "ended")?,
            can_cancel: element.attr("cancel").is_some(),
            text: child(element, "text").map(line).unwrap_or_default(),
            failure: child(element, "failure").map(Failure::from_outcome),
        })
    }
}

/// Asks for tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Tasks after this one; absent: from the beginning.
    pub after: Option<OperationId>,
    /// Whether those that have ended are wanted too.
    pub ended: bool,
    /// How many at most; the agent gives no more than [`PAGE_LIMIT`].
    pub limit: u32,
}

impl Query {
    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("tasks", ns::TASK)
            .maybe(name!("after"), self.after.as_ref())
            .maybe(name!("ended"), self.ended.then_some("1"))
            .attr(name!("limit"), self.limit)
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "tasks")?;
        Ok(Self {
            after: optional(element, "after")?,
            ended: element.attr("ended").is_some(),
            limit: optional(element, "limit")?
                .unwrap_or(PAGE_LIMIT)
                .min(PAGE_LIMIT),
        })
    }
}

/// Tasks in the order of their beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Whether there are more after the last one.
    pub more: bool,
    /// The tasks.
    pub tasks: Vec<Task>,
}

impl Page {
    /// Takes from `tasks` as many as one stanza of our wire holds.
    pub fn fill(tasks: impl IntoIterator<Item = Task>) -> Self {
        let mut room = crate::feed::LIMIT - 1_024;
        let mut page = Self::default();
        for task in tasks {
            let size = crate::feed::wire_size(&task.to_element());
            if size > room {
                page.more = true;
                break;
            }
            room -= size;
            page.tasks.push(task);
        }
        page
    }

    /// As an element: the answer to [`Query`], and the payload of a headline.
    pub fn to_element(&self) -> Element {
        Build::new("tasks", ns::TASK)
            .maybe(name!("more"), self.more.then_some("1"))
            .children(self.tasks.iter().map(Task::to_element))
            .done()
    }

    /// Reads an answer.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "tasks")?;
        let tasks = element.children().filter(|child| child.name() == "task");
        Ok(Self {
            more: element.attr("more").is_some(),
            tasks: tasks.map(Task::parse).collect::<Result<_, _>>()?,
        })
    }
}

/// Asks for the end of a task.
pub fn cancel(id: &OperationId) -> Element {
    Build::new("cancel", ns::TASK).attr(name!("id"), id).done()
}

/// Reads the request for the end of a task.
pub fn parse_cancel(element: &Element) -> Result<OperationId, ParseError> {
    expect(element, "cancel")?;
    required(element, "id")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::failure::FailureKind;

    fn task() -> Task {
        let field = "value".to_owned();
        Task {
            id: OperationId::from_random([7; 16]),
            verb: "vm.migrate".into(),
            vm: Some("7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01".parse().unwrap()),
            owner: "olga@dc.example".parse().unwrap(),
            state: State::Failed,
            progress: Progress::of(1, 3),
            began: "2026-11-20T10:00:00Z".parse().unwrap(),
            ended: Some("2026-11-20T10:05:00Z".parse().unwrap()),
            can_cancel: true,
            text: "copying memory".into(),
            failure: Some(Failure::new(FailureKind::Invalid { field }, "no such host")),
        }
    }

    #[test]
    fn tasks_and_questions_come_back() {
        let bare = Task {
            vm: None,
            progress: None,
            ended: None,
            can_cancel: false,
            text: String::new(),
            failure: None,
            state: State::Running,
            ..task()
        };
        let page = Page {
            more: true,
            tasks: vec![task(), bare],
        };
        assert_eq!(Page::parse(&page.to_element()).unwrap(), page);
        let query = Query {
            after: Some(task().id),
            ended: true,
            limit: 7,
        };
        assert_eq!(Query::parse(&query.to_element()).unwrap(), query);
        assert_eq!(parse_cancel(&cancel(&task().id)).unwrap(), task().id);
    }

    #[test]
    fn a_full_page_stays_under_the_bound() {
        let long = Task {
            text: "t".repeat(500),
            ..task()
        };
        let page = Page::fill(vec![long; 500]);
        let size = String::from(&page.to_element()).len();
        assert!(
            page.more && page.tasks.len() > 10 && size < crate::feed::LIMIT,
            "{size}"
        );
        assert!(!Page::fill([task()]).more);
    }

    #[test]
    fn nonsense_is_refused() {
        let sound = String::from(&task().to_element());
        for (from, to) in [
            ("failed", "asleep"),
            ("progress='333'", "progress='1001'"),
            ("owner='olga@dc.example'", "owner='@@'"),
            ("2026-11-20T10:00:00Z", "noon"),
        ] {
            assert!(sound.contains(from), "{sound}");
            let bad: Element = sound.replace(from, to).parse().unwrap();
            assert!(Task::parse(&bad).is_err(), "{to}");
        }
        let query: Element = "<tasks xmlns='x' limit='100000'/>".parse().unwrap();
        assert_eq!(Query::parse(&query).unwrap().limit, PAGE_LIMIT);
    }

    proptest::proptest! {
        #[test]
        fn progress_is_never_more_than_all(done: u64, all: u64) {
            let progress = Progress::of(done, all);
            proptest::prop_assert_eq!(progress.is_none(), all == 0);
            proptest::prop_assert!(progress.unwrap_or_default().thousandths() <= 1_000);
        }
    }
}
