//! `archipel config`: the settings, and where they come from.

use archipel_config::{Flags, write_private};

use super::{
    arguments::ConfigTask,
    failure::Failure,
    sheet::{Cell, Column, Format, Sheet},
};
use crate::setup;

const SHOW: &[Column] = &[
    Column::shown("key", "key"),
    Column::shown("value", "value"),
    Column::shown("origin", "origin"),
];

/// The annotated file that `init` writes.
const ANNOTATED: &str = include_str!("../../conf/operator.toml");

/// Prints the settings, or writes a file to begin with.
pub(super) fn run(task: &ConfigTask, flags: &Flags, format: Format) -> Result<(), Failure> {
    match task {
        ConfigTask::Show => show(flags, format),
        ConfigTask::Init => init(),
    }
}

fn show(flags: &Flags, format: Format) -> Result<(), Failure> {
    let mut sheet = Sheet::new(SHOW);
    for row in setup::load(flags)?.profile.rows() {
        let origin = row.origin.to_string();
        sheet.rows.push(vec![
            Cell::text(row.key),
            Cell::text(row.value),
            Cell::text(origin),
        ]);
    }
    sheet.print(format)
}

fn init() -> Result<(), Failure> {
    let path = setup::paths()?.operator_file();
    let shown = path.display();
    if path.exists() {
        return Err(Failure::failed(format_args!(
            "{shown} is there already and was left as it is"
        )));
    }
    write_private(&path, ANNOTATED.as_bytes())
        .map_err(|error| Failure::failed(format_args!("{shown} cannot be written: {error}")))?;
    let next = format!("{shown} is written. Put your account in it, then try: archipel whoami");
    super::console::print(&next)?;
    Ok(())
}
