//! Rows to text.

use std::io::{self, IsTerminal, Write};

use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::{Cell, Column, Format};

/// Writes rows, at once or as they come.
pub(crate) struct Writer<W> {
    out: W,
    format: Format,
    columns: &'static [Column],
    /// Whether titles stand above a table.
    titles: bool,
    started: bool,
}

impl Writer<io::BufWriter<io::Stdout>> {
    pub(crate) fn to_stdout(format: Format, columns: &'static [Column]) -> Self {
        let out = io::stdout();
        let titles = out.is_terminal();
        Self::new(io::BufWriter::new(out), format, columns, titles)
    }

    /// A table without titles.
    pub(super) fn untitled(columns: &'static [Column]) -> Self {
        Self::new(
            io::BufWriter::new(io::stdout()),
            Format::Table,
            columns,
            false,
        )
    }
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, format: Format, columns: &'static [Column], titles: bool) -> Self {
        Self {
            out,
            format,
            columns,
            titles,
            started: false,
        }
    }

    /// Writes `rows` and lets them be seen. The columns of a table are as wide as the rows of one call need.
    pub(crate) fn write(&mut self, rows: &[Vec<Cell>]) -> io::Result<()> {
        match self.format {
            Format::Table => self.table(rows)?,
            Format::Json => self.json(rows)?,
            Format::JsonLines => self.json_lines(rows)?,
            Format::Csv => self.csv(rows)?,
        }
        self.started = true;
        self.out.flush()
    }

    /// Closes what is open.
    pub(crate) fn end(mut self) -> io::Result<()> {
        if self.format == Format::Json {
            self.out
                .write_all(if self.started { b"\n]\n" } else { b"[]\n" })?;
        }
        self.out.flush()
    }

    fn json(&mut self, rows: &[Vec<Cell>]) -> io::Result<()> {
        for row in rows {
            let lead = if std::mem::replace(&mut self.started, true) {
                ",\n  "
            } else {
                "[\n  "
            };
            write!(self.out, "{lead}{}", self.object(row))?;
        }
        if rows.is_empty() && !self.started {
            self.out.write_all(b"[")?;
        }
        Ok(())
    }

    fn json_lines(&mut self, rows: &[Vec<Cell>]) -> io::Result<()> {
        for row in rows {
            writeln!(self.out, "{}", self.object(row))?;
        }
        Ok(())
    }

    fn object(&self, row: &[Cell]) -> Value {
        let pairs = self.columns.iter().zip(row);
        let object: Map<String, Value> = pairs
            .map(|(column, cell)| (column.key.to_owned(), cell.json()))
            .collect();
        Value::Object(object)
    }

    fn csv(&mut self, rows: &[Vec<Cell>]) -> io::Result<()> {
        if !self.started {
            let keys: Vec<&str> = self.columns.iter().map(|column| column.key).collect();
            write!(self.out, "{}\r\n", keys.join(","))?;
        }
        for row in rows {
            let fields: Vec<String> = row.iter().map(|cell| field(cell.csv())).collect();
            write!(self.out, "{}\r\n", fields.join(","))?;
        }
        Ok(())
    }

    fn table(&mut self, rows: &[Vec<Cell>]) -> io::Result<()> {
        let mut lines: Vec<Vec<String>> = rows.iter().map(|row| self.shown(row)).collect();
        if self.titles && !self.started {
            let titles = self.columns.iter().filter_map(|column| column.title);
            lines.insert(0, titles.map(str::to_uppercase).collect());
        }
        let widths = widths(&lines);
        let right = self.right_aligned(rows);
        for line in &lines {
            writeln!(self.out, "{}", aligned(line, &widths, &right))?;
        }
        Ok(())
    }

    fn shown(&self, row: &[Cell]) -> Vec<String> {
        let pairs = self.columns.iter().zip(row);
        pairs
            .filter(|(column, _)| column.title.is_some())
            .map(|(_, cell)| cell.shown())
            .collect()
    }

    /// Columns that hold numbers.
    fn right_aligned(&self, rows: &[Vec<Cell>]) -> Vec<bool> {
        let shown = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.title.is_some());
        let numeric = |at: usize| {
            rows.iter()
                .any(|row| row.get(at).is_some_and(Cell::is_number))
        };
        shown.map(|(at, _)| numeric(at)).collect()
    }
}

/// The width of the widest cell of each column.
fn widths(lines: &[Vec<String>]) -> Vec<usize> {
    let width = |at: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(at))
            .map(|text| text.width())
            .max()
    };
    (0..).map_while(width).collect()
}

fn aligned(line: &[String], widths: &[usize], right: &[bool]) -> String {
    let mut text = String::new();
    for ((cell, width), right) in line.iter().zip(widths).zip(right) {
        let gap = " ".repeat(width.saturating_sub(cell.width()));
        let padded = if *right {
            gap + cell
        } else {
            cell.clone() + &gap
        };
        text.push_str(&padded);
        text.push_str("  ");
    }
    text.truncate(text.trim_end().len());
    text
}

/// A field of RFC 4180. One that a spreadsheet would take for a formula is made a text by a leading quote mark.
fn field(text: String) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err();
    let text = if formula { format!("'{text}") } else { text };
    if !text.contains([',', '"', '\r', '\n']) {
        return text;
    }
    format!("\"{}\"", text.replace('"', "\"\""))
}
