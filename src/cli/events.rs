//! `archipel events`: what happened, from the agents' logs.

mod look_back;

use std::{collections::BTreeMap, io};

use archipel_fleet::Fleet;
use archipel_language::{Noun, Now, Selector};
use archipel_operator::{OperatorError, Wanted};
use archipel_protocol::{HypervisorId, events};
use jiff::tz::TimeZone;

use super::{
    arguments::EventsTask,
    console::remark,
    failure::Failure,
    hypervisor::picked,
    messages::{NoMatch, Silent},
    session::Session,
    sheet::{Cell, Column, Format, Writer},
};
use crate::wall;
use look_back::Question;

const EVENTS: &[Column] = &[
    Column::shown("local", "time"),
    Column::shown("hypervisor_name", "hypervisor"),
    Column::shown("name", "name"),
    Column::shown("what", "what"),
    Column::shown("by", "by"),
    Column::shown("text", "text"),
    Column::hidden("severity"),
    Column::hidden("verb"),
    Column::hidden("result"),
    Column::hidden("at"),
    Column::hidden("number"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
];

/// The number of the last event shown, by hypervisor.
type Shown = BTreeMap<HypervisorId, u64>;

/// Which events are wanted.
struct Wish<'a> {
    /// Those that any of these picks; all without one.
    selectors: Vec<&'a Selector>,
    now: Now,
}

impl Wish<'_> {
    fn holds(&self, fleet: &Fleet, host: &HypervisorId, event: &events::Event) -> bool {
        let picks = |selector: &&Selector| fleet.picks_event((selector, self.now), host, event);
        self.selectors.is_empty() || self.selectors.iter().any(picks)
    }

    /// The moment before which nothing is wanted, in seconds since 1970, where all selectors name one.
    fn since(&self) -> Option<f64> {
        let moments = self
            .selectors
            .iter()
            .map(|selector| selector.since(self.now));
        let moments: Option<Vec<f64>> = moments.collect();
        moments?.into_iter().min_by(f64::total_cmp)
    }
}

/// Prints events; with `--follow` until interrupted.
pub(super) async fn run(
    session: &mut Session,
    task: &EventsTask,
    format: Format,
) -> Result<(), Failure> {
    session.sync(Wanted::All).await?;
    let hosts = hosts(session.fleet(), &task.selectors)?;
    let of_events = |selector: &&Selector| selector.noun() == Noun::Event;
    let wish = Wish {
        selectors: task.selectors.iter().filter(of_events).collect(),
        now: wall::now(),
    };
    let question = wish
        .since()
        .map_or(Question::Newest(task.limit), Question::Since);
    let mut shown: Shown = hosts.iter().map(|host| (host.clone(), 0)).collect();
    let questions = hosts.into_iter().map(|host| (host, question)).collect();
    let mut writer = Writer::to_stdout(format, EVENTS);
    let (rows, silent) = fetch(session, questions, (&mut shown, &wish)).await;
    writer.write(&rows)?;
    if task.follow {
        return follow(session, (shown, wish), writer).await;
    }
    writer.end()?;
    match silent {
        0 => Ok(()),
        silent => Err(Failure::failed(Silent {
            silent,
            all: shown.len(),
        })),
    }
}

/// The hypervisors that are asked: those that a selector of hypervisors picks; without one all.
fn hosts(fleet: &Fleet, selectors: &[Selector]) -> Result<Vec<HypervisorId>, Failure> {
    let noun = Noun::Hypervisor;
    let of_hosts = selectors.iter().filter(|selector| selector.noun() == noun);
    let of_hosts: Vec<Selector> = of_hosts.cloned().collect();
    let hosts = picked(fleet, &of_hosts);
    match of_hosts.first() {
        Some(selector) if hosts.is_empty() => Err(Failure::failed(NoMatch { noun, selector })),
        _ => Ok(hosts),
    }
}

/// Prints what comes until the session ends.
async fn follow<W: io::Write>(
    session: &mut Session,
    (mut shown, wish): (Shown, Wish<'_>),
    mut writer: Writer<W>,
) -> Result<(), Failure> {
    loop {
        let questions = news(session, &shown).await?;
        let (rows, _) = fetch(session, questions, (&mut shown, &wish)).await;
        writer.write(&rows)?;
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
) -> Result<Vec<(HypervisorId, Question)>, Failure> {
    let unseen = |fleet: &Fleet| -> Vec<(HypervisorId, Question)> {
        let behind = |(host, number): (&HypervisorId, &u64)| {
            let newest = fleet.hypervisor(host)?.newest_event;
            (newest > *number).then(|| (host.clone(), Question::After(*number)))
        };
        shown.iter().filter_map(behind).collect()
    };
    session.until(|fleet| !unseen(fleet).is_empty()).await;
    let questions = unseen(session.fleet());
    if questions.is_empty() {
        return Err(Failure::not_connected("the session ended"));
    }
    Ok(questions)
}

/// Asks; the answer are the rows of what is wanted, in the order of time, and of how many logs nothing was had.
async fn fetch(
    session: &mut Session,
    questions: Vec<(HypervisorId, Question)>,
    (shown, wish): (&mut Shown, &Wish<'_>),
) -> (Vec<Vec<Cell>>, usize) {
    let handle = session.handle();
    let asked = questions.into_iter().map(|(host, question)| {
        let handle = handle.clone();
        async move {
            let found = look_back::ask(&handle, &host, question).await;
            (host, found)
        }
    });
    let answers = session.alongside(futures::future::join_all(asked)).await;
    let fleet = session.fleet();
    let (mut rows, mut silent) = (Vec::new(), 0);
    for (host, found) in answers {
        match found {
            Ok(found) => {
                shown.insert(host.clone(), found.reached);
                if found.cut {
                    remark(&format!("{host}: there is more; ask since a later moment"));
                }
                let wanted = found
                    .events
                    .into_iter()
                    .filter(|event| wish.holds(fleet, &host, event));
                rows.extend(wanted.map(|event| (event.at, row(fleet, &host, &event))));
            }
            Err(error) => {
                // Not asked again before there is something newer.
                let newest = fleet
                    .hypervisor(&host)
                    .map_or(u64::MAX, |host| host.newest_event);
                shown.insert(host.clone(), newest);
                remark(&format!("{host}: {error}"));
                // One that is not there is named, and that is normal; one that is there and has no answer is a failure.
                silent += usize::from(!matches!(error, OperatorError::Offline { .. }));
            }
        }
    }
    rows.sort_by_key(|(at, _)| *at);
    (rows.into_iter().map(|(_, row)| row).collect(), silent)
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
        Cell::text(event.severity.word()),
        Cell::maybe(event.verb.as_ref(), Cell::text),
        Cell::maybe(event.result, |result| Cell::text(result.word())),
        Cell::text(event.at.to_string()),
        Cell::Count(event.number),
        Cell::maybe(event.vm, |vm| Cell::text(vm.to_string())),
        Cell::text(host.to_string()),
    ]
}
