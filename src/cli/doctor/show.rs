//! What was found, on standard output.

use std::io::{self, IsTerminal as _};

use archipel_config::finding::{Finding, Look, Report};
use archipel_operator::doctor::{Examined, LATE};

use super::super::{
    console,
    failure::Failure,
    sheet::{Cell, Column, Format, Sheet},
};

const COLUMNS: &[Column] = &[
    Column::shown("id", "finding"),
    Column::shown("severity", "severity"),
    Column::shown("on", "on"),
    Column::shown("title", "title"),
    Column::shown("seen", "seen"),
    Column::shown("why", "why"),
    Column::shown("todo", "todo"),
    Column::shown("prosody", "prosody"),
    Column::shown("ejabberd", "ejabberd"),
];

/// The widest a text is drawn: longer lines are hard to read.
const WIDEST: usize = 96;

/// What was asked for, the gravest first.
pub(super) fn report(examined: Examined, only: Option<&str>) -> Report {
    let asked =
        |finding: &Finding| only.is_none_or(|wanted| finding.is(wanted) || finding.id == LATE.id);
    let findings = examined.findings.into_iter().filter(asked).collect();
    let columns = crossterm::terminal::size().map(|(columns, _)| usize::from(columns));
    let columns = columns
        .ok()
        .filter(|columns| *columns > 0 && io::stdout().is_terminal());
    let width = columns.unwrap_or(80).clamp(40, WIDEST);
    let look = Look::of_process(width, examined.software);
    Report::new(findings, look)
}

pub(super) fn print(report: &Report, format: Format) -> Result<(), Failure> {
    if format == Format::Table {
        return Ok(console::print(&report.to_string())?);
    }
    let mut sheet = Sheet::new(COLUMNS);
    sheet.rows = report.findings().iter().map(row).collect();
    sheet.print(format)
}

fn row(finding: &Finding) -> Vec<Cell> {
    let advice = |text: fn(&archipel_config::finding::Fault) -> &'static str| {
        Cell::maybe(finding.fault.map(text), Cell::text)
    };
    let lines = |text: fn(&archipel_config::finding::Fault) -> &'static str| {
        Cell::list(finding.fault.map(text).unwrap_or_default().lines())
    };
    vec![
        Cell::text(finding.id),
        Cell::text(finding.severity.word()),
        Cell::text(&finding.on),
        advice(|fault| fault.title),
        Cell::text(&finding.seen),
        advice(|fault| fault.why),
        advice(|fault| fault.todo),
        lines(|fault| fault.prosody),
        lines(|fault| fault.ejabberd),
    ]
}
