//! `archipel audit verify`: whether the agents still have what this operator saw.

use std::fmt;

use archipel_fleet::Fleet;
use archipel_operator::{Anchors, OperatorError, Verified, Wanted};
use archipel_protocol::HypervisorId;

use super::{
    arguments::AuditTask,
    failure::Failure,
    hypervisor::picked,
    messages::NoMatch,
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};

const COLUMNS: &[Column] = &[
    Column::shown("name", "hypervisor"),
    Column::shown("state", "audit"),
    Column::shown("entries", "entries"),
    Column::shown("newest", "newest"),
    Column::shown("compared", "compared"),
    Column::shown("note", "note"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
    Column::hidden("head"),
];

/// What came of one hypervisor.
struct Checked {
    id: HypervisorId,
    /// How many ends that were seen it was compared with.
    compared: usize,
    result: Result<Verified, OperatorError>,
}

impl Checked {
    fn is_sound(&self) -> bool {
        matches!(self.result, Ok(Verified { broken: None, .. }))
    }

    fn row(&self, fleet: &Fleet) -> Vec<Cell> {
        let (state, note) = match &self.result {
            Ok(Verified {
                broken: Some(broken),
                ..
            }) => ("broken", Some(broken.to_string())),
            Ok(_) if self.compared == 0 => ("sound", Some("not seen before".to_owned())),
            Ok(_) => ("sound", None),
            Err(error) => ("unknown", Some(error.to_string())),
        };
        let verified = self.result.as_ref().ok();
        vec![
            Cell::maybe(fleet.hypervisor(&self.id), |host| Cell::text(&host.name)),
            Cell::text(state),
            Cell::maybe(verified, |verified| Cell::Count(verified.entries)),
            Cell::maybe(verified, |verified| Cell::Count(verified.reached.number)),
            Cell::Count(self.compared as u64),
            Cell::maybe(note, Cell::text),
            Cell::text(self.id.to_string()),
            Cell::text(self.id.to_string()),
            Cell::maybe(verified, |verified| {
                Cell::text(verified.reached.to_string())
            }),
        ]
    }
}

/// How many do not hold, and of how many nothing is known.
struct Bad {
    broken: usize,
    unknown: usize,
    all: usize,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            broken,
            unknown,
            all,
        } = self;
        write!(
            f,
            "of {all} audits {broken} are broken and {unknown} could not be read"
        )?;
        if *broken > 0 {
            f.write_str(
                ". Look at the host of each; once you know why, --accept lets what is there count from here on",
            )?;
        }
        Ok(())
    }
}

/// Reads all audits that are wanted, and compares.
pub(super) async fn verify(
    session: &mut Session,
    task: &AuditTask,
    format: Format,
) -> Result<(), Failure> {
    // Before the session keeps what is told now.
    let mut anchors = session.anchors().map_err(Failure::failed)?;
    session.sync(Wanted::All).await?;
    let hosts = picked(session.fleet(), &task.selectors);
    if let Some(selector) = task.selectors.first().filter(|_| hosts.is_empty()) {
        let noun = selector.noun();
        return Err(Failure::failed(NoMatch { noun, selector }));
    }
    let checked = check(session, hosts, &anchors, task.accept).await;
    keep(&mut anchors, &checked, task.accept).map_err(Failure::failed)?;
    let mut sheet = Sheet::new(COLUMNS);
    let fleet = session.fleet();
    sheet.rows = checked.iter().map(|checked| checked.row(fleet)).collect();
    sheet.print(format)?;
    let unknown = checked.iter().filter(|one| one.result.is_err()).count();
    let sound = checked.iter().filter(|one| one.is_sound()).count();
    let bad = Bad {
        broken: checked.len() - sound - unknown,
        unknown,
        all: checked.len(),
    };
    if sound == bad.all {
        return Ok(());
    }
    Err(Failure::failed(bad))
}

/// All at once: each audit is read page by page, and no host waits for another.
async fn check(
    session: &mut Session,
    hosts: Vec<HypervisorId>,
    anchors: &Anchors,
    accept: bool,
) -> Vec<Checked> {
    let handle = session.handle();
    let asked = hosts.into_iter().map(|id| {
        let seen = if accept { &[] } else { anchors.of(&id) };
        let (handle, seen) = (handle.clone(), seen.to_vec());
        async move {
            Checked {
                result: handle.verify_audit(&id, &seen).await,
                compared: seen.len(),
                id,
            }
        }
    });
    session.alongside(futures::future::join_all(asked)).await
}

/// What holds is what the next time is compared with.
fn keep(anchors: &mut Anchors, checked: &[Checked], accept: bool) -> std::io::Result<()> {
    for one in checked {
        let Ok(Verified {
            broken: None,
            reached,
            ..
        }) = one.result
        else {
            continue;
        };
        if accept {
            anchors.accept(one.id.clone(), reached)?;
        } else if reached.number > 0 {
            anchors.see([(one.id.clone(), reached)])?;
        }
    }
    Ok(())
}
