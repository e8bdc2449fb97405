//! Results as rows and columns, written as a table, as JSON or as CSV.

mod print;

use archipel_protocol::text::clean_line;
use serde_json::Value;

pub(crate) use print::Writer;

const UPRIGHT: &[Column] = &[Column::shown("key", "key"), Column::shown("value", "value")];

/// The longest text of a cell, in characters.
const TEXT_LIMIT: usize = 200;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Format {
    /// For people: a table on a terminal, plain columns in a pipe.
    #[default]
    Table,
    /// One list of objects.
    Json,
    /// An object per line.
    JsonLines,
    /// RFC 4180, with a line of names.
    Csv,
}

impl Format {
    pub(crate) const ALL: [Self; 4] = [Self::Table, Self::Json, Self::JsonLines, Self::Csv];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// A column: its key in JSON and CSV, and its place in the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) key: &'static str,
    /// The title in the table; none: not shown there.
    pub(crate) title: Option<&'static str>,
}

impl Column {
    pub(crate) const fn shown(key: &'static str, title: &'static str) -> Self {
        Self {
            key,
            title: Some(title),
        }
    }

    pub(crate) const fn hidden(key: &'static str) -> Self {
        Self { key, title: None }
    }
}

/// A value. Texts are free of control characters from the moment they are put in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    None,
    Text(String),
    Count(u64),
    /// KiB.
    Memory(u64),
    /// Percent.
    Percent(f64),
    /// An age in seconds.
    Age(u64),
    Yes(bool),
    List(Vec<String>),
}

impl Cell {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(clean_line(text.as_ref(), TEXT_LIMIT))
    }

    pub(crate) fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let clean = |text: T| clean_line(text.as_ref(), TEXT_LIMIT);
        Self::List(texts.into_iter().map(clean).collect())
    }

    /// `None` becomes an empty cell.
    pub(crate) fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::None, cell)
    }

    /// A number of what there must be one of; 0 is not known.
    pub(crate) fn count(count: u32) -> Self {
        Self::maybe(Some(count).filter(|count| *count > 0), |count| {
            Self::Count(u64::from(count))
        })
    }

    /// Memory of which there must be some; 0 is not known.
    pub(crate) fn memory(kib: u64) -> Self {
        Self::maybe(Some(kib).filter(|kib| *kib > 0), Self::Memory)
    }

    fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Count(_) | Self::Memory(_) | Self::Percent(_) | Self::Age(_)
        )
    }

    /// For people.
    fn shown(&self) -> String {
        match self {
            Self::None => "-".to_owned(),
            Self::Text(text) if text.is_empty() => "-".to_owned(),
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Memory(kib) => memory(*kib),
            Self::Percent(percent) => format!("{percent:.0}%"),
            Self::Age(seconds) => age(*seconds),
            Self::Yes(true) => "yes".to_owned(),
            Self::Yes(false) => "no".to_owned(),
            Self::List(texts) if texts.is_empty() => "-".to_owned(),
            Self::List(texts) => texts.join(","),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Text(text) => Value::from(text.as_str()),
            Self::Count(number) | Self::Memory(number) | Self::Age(number) => Value::from(*number),
            Self::Percent(percent) => Value::from(*percent),
            Self::Yes(yes) => Value::from(*yes),
            Self::List(texts) => Value::from(texts.as_slice()),
        }
    }

    /// As in JSON, without quotes; a list is joined by blanks.
    fn csv(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(texts) => texts.join(" "),
            Self::None => String::new(),
            number => number.json().to_string(),
        }
    }
}

/// KiB as a person reads it, without a blank: columns in a pipe are told apart by blanks.
fn memory(kib: u64) -> String {
    const MIB: u64 = 1 << 10;
    const GIB: u64 = 1 << 20;
    match kib {
        GIB.. => format!("{}.{}GiB", kib / GIB, kib % GIB * 10 / GIB),
        MIB.. => format!("{}MiB", kib / MIB),
        _ => format!("{kib}KiB"),
    }
}

/// Seconds as a person reads them.
fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Rows of one kind.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) columns: &'static [Column],
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// An empty one.
    pub(crate) fn new(columns: &'static [Column]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Writes all of it to standard output.
    pub(crate) fn print(self, format: Format) -> Result<(), super::Failure> {
        let mut writer = Writer::to_stdout(format, self.columns);
        writer.write(&self.rows)?;
        Ok(writer.end()?)
    }

    /// Like [`Sheet::print`] for a single thing: as a table each value has a line of its own.
    pub(crate) fn print_one(self, format: Format) -> Result<(), super::Failure> {
        if format != Format::Table {
            return self.print(format);
        }
        let line = |(column, cell): (&Column, Cell)| {
            Some(vec![Cell::text(column.title?), Cell::text(cell.shown())])
        };
        let row = self.rows.into_iter().flatten();
        let lines: Vec<Vec<Cell>> = self.columns.iter().zip(row).filter_map(line).collect();
        Writer::untitled(UPRIGHT).write(&lines).map_err(Into::into)
    }
}

#[cfg(test)]
mod tests;
