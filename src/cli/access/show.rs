//! Rights, roles and explanations as tables.

use archipel_language::role::ROLES;
use archipel_operator::OperatorError;
use archipel_protocol::{
    BareJid, HypervisorId,
    rights::{Explained, Grant, Row},
};

use super::Place;
use crate::cli::{
    console::{print, remark},
    failure::{Code, Failure},
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};

const GRANTS: &[Column] = &[
    Column::shown("hypervisor_name", "hypervisor"),
    Column::shown("who", "who"),
    Column::shown("what", "what"),
    Column::shown("in", "in"),
    Column::shown("until", "until"),
    Column::hidden("hypervisor"),
];

const ROLE: &[Column] = &[
    Column::shown("role", "role"),
    Column::shown("hypervisor_name", "hypervisor"),
    Column::shown("permissions", "permissions"),
    Column::hidden("hypervisor"),
    Column::hidden("summary"),
];

const WHY: &[Column] = &[
    Column::shown("name", "name"),
    Column::shown("allowed", "allowed"),
    Column::shown("grounds", "grounds"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
];

/// What hypervisors told.
struct Told {
    rows: Vec<(HypervisorId, Vec<Row>)>,
    /// How many are there and did not answer.
    silent: usize,
}

impl Told {
    /// After what the others said: one that is not there was named, and that is normal; one that is there and has no answer is a failure.
    fn end(&self) -> Result<(), Failure> {
        if self.silent == 0 {
            return Ok(());
        }
        Err(Failure::new(Code::Failed, ""))
    }
}

/// The rows of those that tell them; the others are named. None of all is a failure.
async fn rows(
    session: &mut Session,
    hosts: &[HypervisorId],
    of: Option<&BareJid>,
) -> Result<Told, Failure> {
    let handle = session.handle();
    let one = async |id: HypervisorId| handle.rights(&id, of.cloned()).await;
    let answers = session.each(hosts.to_vec(), one).await;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for (id, answer) in hosts.iter().zip(answers) {
        match answer {
            Ok(own) => rows.push((id.clone(), own)),
            Err(error) => errors.push((id, error)),
        }
    }
    if rows.is_empty() && !errors.is_empty() {
        return Err(errors.swap_remove(0).1.into());
    }
    for (id, error) in &errors {
        remark(&format!("{id}: {error}"));
    }
    let is_there = |error: &OperatorError| !matches!(error, OperatorError::Offline { .. });
    let silent = errors.iter().filter(|(_, error)| is_there(error)).count();
    Ok(Told { rows, silent })
}

pub(super) async fn grants(
    session: &mut Session,
    hosts: &[HypervisorId],
    of: Option<&BareJid>,
    format: Format,
) -> Result<(), Failure> {
    let told = rows(session, hosts, of).await?;
    let mut sheet = Sheet::new(GRANTS);
    for (id, rows) in &told.rows {
        let grants = rows.iter().filter_map(|row| match row {
            Row::Grant(grant) => Some(grant),
            Row::Role(_) => None,
        });
        sheet
            .rows
            .extend(grants.map(|grant| self::grant(session, id, grant)));
    }
    sheet.print(format)?;
    told.end()
}

fn name(session: &Session, id: &HypervisorId) -> Cell {
    Cell::maybe(session.fleet().hypervisor(id), |own| Cell::text(&own.name))
}

fn grant(session: &Session, id: &HypervisorId, grant: &Grant) -> Vec<Cell> {
    vec![
        name(session, id),
        Cell::text(grant.who.to_string()),
        Cell::text(&grant.what),
        Cell::maybe(grant.scope.as_ref(), Cell::text),
        Cell::maybe(grant.until, |until| Cell::text(until.to_string())),
        Cell::text(id.to_string()),
    ]
}

pub(super) async fn roles(
    session: &mut Session,
    hosts: &[HypervisorId],
    format: Format,
) -> Result<(), Failure> {
    let told = rows(session, hosts, None).await?;
    let mut sheet = Sheet::new(ROLE);
    for role in ROLES {
        let names = role
            .permissions()
            .into_iter()
            .map(|permission| permission.0);
        let everywhere = Cell::text("every hypervisor");
        sheet.rows.push(vec![
            Cell::text(role.name),
            everywhere,
            Cell::list(names),
            Cell::None,
            Cell::text(role.summary),
        ]);
    }
    for (id, rows) in &told.rows {
        for (role, names) in own_roles(rows) {
            sheet.rows.push(vec![
                Cell::text(role),
                name(session, id),
                Cell::list(names),
                Cell::text(id.to_string()),
                Cell::None,
            ]);
        }
    }
    sheet.print(format)?;
    told.end()
}

/// The roles that a hypervisor has of its own, each with its permissions.
fn own_roles(rows: &[Row]) -> Vec<(&str, Vec<&str>)> {
    let mut roles: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in rows {
        let Row::Role(part) = row else { continue };
        match roles.iter_mut().find(|(role, _)| *role == part.role) {
            Some((_, names)) => names.push(&part.what),
            None => roles.push((&part.role, vec![&part.what])),
        }
    }
    roles
}

pub(super) fn explained(
    session: &Session,
    answers: &[(Place, Explained)],
    format: Format,
) -> Result<(), Failure> {
    if format == Format::Table {
        let lines: Vec<String> = answers
            .iter()
            .map(|answer| lines(session, answer))
            .collect();
        return Ok(print(&lines.join("\n"))?);
    }
    let mut sheet = Sheet::new(WHY);
    sheet.rows = answers.iter().map(|answer| row(session, answer)).collect();
    sheet.print(format)
}

fn lines(session: &Session, (place, told): &(Place, Explained)) -> String {
    let word = if told.allowed {
        "allowed"
    } else {
        "not allowed"
    };
    let grounds = told.grounds.iter().map(|ground| format!("\n  {ground}"));
    format!(
        "{}: {word}{}",
        place_name(session, place),
        grounds.collect::<String>()
    )
}

fn place_name(session: &Session, place: &Place) -> String {
    let fleet = session.fleet();
    let known = match place {
        Place::Host(id) => fleet.hypervisor(id).map(|own| own.name.clone()),
        Place::Machine(at) => fleet.vm(at).map(|vm| vm.name.to_string()),
    };
    known.unwrap_or_default()
}

fn row(session: &Session, (place, told): &(Place, Explained)) -> Vec<Cell> {
    let (id, host) = match place {
        Place::Host(id) => (id.to_string(), id),
        Place::Machine(at) => (at.vm.to_string(), &at.hypervisor),
    };
    vec![
        Cell::text(place_name(session, place)),
        Cell::Yes(told.allowed),
        Cell::list(&told.grounds),
        Cell::text(id),
        Cell::text(host.to_string()),
    ]
}
