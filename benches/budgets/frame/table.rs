//! Lines of the tables, as Markdown.

use super::{Goal, Measured, Row, Table, Unit, row::Beside, statistics::median};

/// A figure with three digits that count.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        large if large >= 1_000.0 => grouped(value),
        many if many >= 100.0 => format!("{value:.0}"),
        some if some >= 10.0 => format!("{value:.1}"),
        one if one >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// `12,345`.
fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn with_unit(value: f64, unit: Unit) -> String {
    format!("{} {}", figure(value), unit.word())
}

fn goal(row: &Row, bound: Option<f64>) -> String {
    let unit = row.unit;
    match (row.goal, bound) {
        (Goal::Median(goal), _) => with_unit(goal, unit),
        (Goal::P99(goal), _) => format!("p99 {}", with_unit(goal, unit)),
        (Goal::Both { median, p99 }, _) => {
            format!("{}, p99 {}", with_unit(median, unit), with_unit(p99, unit))
        }
        (Goal::AtLeast(goal), _) => format!("at least {}", with_unit(goal, unit)),
        (Goal::Computed(how), Some(bound)) => format!("{how} = {}", with_unit(bound, unit)),
        (Goal::Computed(how), None) => how.to_owned(),
        (Goal::None, _) => "–".to_owned(),
    }
}

fn beside(beside: Option<&Beside>) -> String {
    beside.map_or_else(String::new, |beside| {
        format!(
            "{} {}",
            beside.whose,
            with_unit(median(&beside.values), beside.unit)
        )
    })
}

impl Table {
    /// All tables.
    pub(crate) const TITLES: [&'static str; 3] = [
        "The budgets",
        "Beside the original agent",
        "What they are made of",
    ];

    /// The title that it stands under.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Budgets => Self::TITLES[0],
            Self::Original(_) => Self::TITLES[1],
            Self::Parts => Self::TITLES[2],
        }
    }
}

/// The first two lines of a table.
pub(crate) const HEAD: &str = "| what | goal | median | p99 or worst | of the goal | noise | beside it | where | measured | |\n\
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

/// The first cell; by it a kept line is found.
pub(crate) fn key(row: &Row) -> String {
    match row.table {
        Table::Original(figure) => format!("| {} (original: {figure}) |", row.what),
        _ => format!("| {} |", row.what),
    }
}

/// The line of a measured row. `date`: when.
pub(crate) fn line(measured: &Measured, date: &str) -> String {
    let row = measured.row;
    let share = |share: Option<f64>| {
        share.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0))
    };
    let verdict = match measured.is_met() {
        Some(true) => "met",
        Some(false) => "not met",
        None => "",
    };
    format!(
        "{} {} | {} | {} | {} | {} | {} | {} | {date} | {verdict} |",
        key(row),
        goal(row, measured.bound),
        with_unit(measured.median, row.unit),
        with_unit(measured.p99, row.unit),
        share(measured.ratio()),
        share(measured.noise),
        beside(measured.beside.as_ref()),
        row.place,
    )
}

/// The line of a row that nobody measured, or that could not be: `why`.
pub(crate) fn unmeasured(row: &Row, why: &str) -> String {
    let why = why.replace(['|', '\n'], " ");
    let short: String = why.chars().take(160).collect();
    let verdict = if matches!(row.goal, Goal::None) {
        ""
    } else {
        "not met"
    };
    format!(
        "{} {} | – | – | – | – | {short} | {} | – | {verdict} |",
        key(row),
        goal(row, None),
        row.place,
    )
}
