//! The frame of the bench: rows, runs, statistics, tables. It knows nothing of what is measured.

mod machine;
mod measured;
mod options;
mod report;
mod row;
mod run;
mod statistics;
mod subject;
mod table;

pub(crate) use measured::Measured;
pub(crate) use options::{Options, Scale};
pub(crate) use row::{Figures, Goal, Row, Table, Unit};
pub(crate) use run::run;
pub(crate) use subject::Subject;
