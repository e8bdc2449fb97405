//! Definitions and their history, shown. Secrets are placeholders before they leave their host.

use archipel_fleet::VmRef;
use archipel_protocol::{
    definitions::{Version, Which},
    text::clean_block,
};

use crate::cli::{
    arguments::Shown,
    console::{print, remark},
    failure::Failure,
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};

const TEXT: &[Column] = &[
    Column::hidden("name"),
    Column::hidden("id"),
    Column::hidden("state"),
    Column::hidden("hypervisor"),
    Column::hidden("text"),
];

const HISTORY: &[Column] = &[
    Column::shown("number", "number"),
    Column::shown("at", "when"),
    Column::shown("by", "by"),
    Column::shown("verb", "verb"),
    Column::hidden("digest"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
];

pub(super) async fn text(
    session: &mut Session,
    vm: &VmRef,
    shown: Shown,
    format: Format,
) -> Result<(), Failure> {
    let handle = session.handle();
    let text = match shown {
        Shown::Whole(which) => session.alongside(handle.written(vm, which)).await?,
        Shown::Pending => session.alongside(handle.pending(vm)).await?,
        Shown::Since(number) => {
            let since = handle.difference(vm, Which::Version(number), Which::Next);
            session.alongside(since).await?
        }
    };
    let text = clean_block(&text);
    if format != Format::Table {
        return sheet(session, vm, &text).print(format);
    }
    if text.is_empty() {
        remark("no difference");
        return Ok(());
    }
    Ok(print(&text)?)
}

fn sheet(session: &Session, at: &VmRef, text: &str) -> Sheet {
    let vm = session.fleet().vm(at);
    let mut sheet = Sheet::new(TEXT);
    sheet.rows.push(vec![
        Cell::maybe(vm, |vm| Cell::text(&vm.name)),
        Cell::text(at.vm.to_string()),
        Cell::maybe(vm, |vm| Cell::text(vm.state.word())),
        Cell::text(at.hypervisor.to_string()),
        Cell::Text(text.to_owned()),
    ]);
    sheet
}

pub(super) async fn history(
    session: &mut Session,
    vm: &VmRef,
    format: Format,
) -> Result<(), Failure> {
    let handle = session.handle();
    let versions = session.alongside(handle.versions(vm)).await?;
    let mut sheet = Sheet::new(HISTORY);
    sheet.rows = versions.iter().map(|version| row(vm, version)).collect();
    sheet.print(format)
}

fn row(vm: &VmRef, version: &Version) -> Vec<Cell> {
    vec![
        Cell::Count(version.number),
        Cell::text(version.at.to_string()),
        Cell::text(
            version
                .by
                .as_ref()
                .map_or_else(|| "another tool".to_owned(), ToString::to_string),
        ),
        Cell::text(&version.verb),
        Cell::text(version.digest.to_string()),
        Cell::text(vm.vm.to_string()),
        Cell::text(vm.hypervisor.to_string()),
    ]
}
