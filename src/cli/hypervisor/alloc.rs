//! `archipel hypervisor alloc`: a new machine.

use archipel_operator::{NewMachine, Wanted};
use archipel_protocol::{Document, Jid};

use crate::cli::{
    arguments::AllocTask,
    failure::Failure,
    files,
    hypervisor::picked,
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};

const MADE: &[Column] = &[
    Column::shown("id", "id"),
    Column::shown("hypervisor_name", "hypervisor"),
    Column::hidden("jid"),
    Column::hidden("hypervisor"),
];
/// The longest definition that a request carries: it has to fit into a stanza.
const LIMIT: usize = 12 << 10;

/// Makes the machine and says which one it is.
pub(super) async fn alloc(
    session: &mut Session,
    task: &AllocTask,
    format: Format,
) -> Result<(), Failure> {
    let domain = task.file.as_deref().map(files::text).transpose()?;
    let domain = domain.as_deref().map(document).transpose()?;
    session.sync(Wanted::All).await?;
    let hosts = picked(session.fleet(), std::slice::from_ref(&task.on));
    let [id] = hosts.as_slice() else {
        return Err(Failure::usage(format_args!(
            "`{}` names {} hypervisors; a machine is made on one",
            task.on,
            hosts.len()
        )));
    };
    let handle = session.handle();
    let new = NewMachine {
        name: task.name.clone(),
        card: task.card.clone(),
        domain,
        scope: task.scope.clone(),
    };
    let jid = session.alongside(handle.allocate(id, new)).await?;
    let mut sheet = Sheet::new(MADE);
    let host = session.fleet().hypervisor(id);
    sheet.rows.push(vec![
        Cell::text(machine(&jid)),
        Cell::maybe(host, |host| Cell::text(&host.name)),
        Cell::text(jid.to_string()),
        Cell::text(id.to_string()),
    ]);
    sheet.print(format)
}

fn document(text: &str) -> Result<Document, Failure> {
    if text.len() > LIMIT {
        return Err(Failure::usage(
            "the definition is too long for one request; make the machine without it, then: archipel vm define FILE NAME",
        ));
    }
    Document::from_text(text).map_err(Failure::usage)
}

fn machine(jid: &Jid) -> String {
    jid.node()
        .map_or_else(|| jid.to_string(), ToString::to_string)
}
