//! What is measured together, because it needs the same things to be set up.

use std::pin::Pin;

use super::{Figures, Options, Row, Scale};

/// One run of a subject.
type Run = Pin<Box<dyn Future<Output = Vec<Figures>>>>;

/// Rows that come out of the same run.
pub(crate) struct Subject {
    pub(crate) rows: &'static [Row],
    pub(crate) measure: Box<dyn Fn() -> Run>,
    pub(crate) needs: &'static [&'static str],
    pub(crate) scale: Scale,
    runs: usize,
}

impl Subject {
    /// Rows and the function that measures them once.
    pub(crate) fn new<F>(rows: &'static [Row], measure: fn() -> F) -> Self
    where
        F: Future<Output = Vec<Figures>> + 'static,
    {
        Self {
            rows,
            measure: Box::new(move || Box::pin(measure())),
            needs: &[],
            scale: Scale::Small,
            runs: usize::MAX,
        }
    }

    /// Programs without which nothing is measured.
    pub(crate) fn needs(mut self, programs: &'static [&'static str]) -> Self {
        self.needs = programs;
        self
    }

    /// Measured from this scale on.
    pub(crate) fn from(mut self, scale: Scale) -> Self {
        self.scale = scale;
        self
    }

    /// Never measured more often: a run takes minutes, or holds its repetitions within.
    pub(crate) fn at_most(mut self, runs: usize) -> Self {
        self.runs = runs;
        self
    }

    pub(crate) fn runs(&self, options: &Options) -> usize {
        self.runs.min(options.runs)
    }

    pub(crate) fn is_wanted(&self, options: &Options) -> bool {
        self.scale <= options.scale && self.rows.iter().any(|row| options.wants(row.name))
    }
}
