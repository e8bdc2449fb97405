//! What a line of the tables is before anything was measured, and what a run found for it.

/// Which table a row stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Table {
    /// The budgets of the house.
    Budgets,
    /// Beside the original agent, of which this figure is known.
    Original(&'static str),
    /// No budget: what the budgets are made of.
    Parts,
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    Seconds,
    Megabytes,
    Kilobytes,
    BytesPerSecond,
    PerSecond,
    PercentOfACore,
    Draws,
    Commands,
}

impl Unit {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Megabytes => "MB",
            Self::Kilobytes => "kB",
            Self::BytesPerSecond => "B/s",
            Self::PerSecond => "/s",
            Self::PercentOfACore => "% of a core",
            Self::Draws => "draws",
            Self::Commands => "commands",
        }
    }
}

/// What a row shall be. All but [`Goal::AtLeast`] are upper bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// The median.
    Median(f64),
    /// The 99th percentile.
    P99(f64),
    /// Both.
    Both { median: f64, p99: f64 },
    /// The median is not below this.
    AtLeast(f64),
    /// The median is not above what the same run measured elsewhere; the text says how it is computed.
    Computed(&'static str),
    /// Nothing: a figure to know.
    None,
}

/// A line of a table.
#[derive(Debug)]
pub(crate) struct Row {
    /// By which `ONLY` picks it.
    pub(crate) name: &'static str,
    /// The first cell; unique, a kept line is found by it.
    pub(crate) what: &'static str,
    pub(crate) goal: Goal,
    pub(crate) unit: Unit,
    /// The server and its profile, or what stands in for them.
    pub(crate) place: &'static str,
    pub(crate) table: Table,
}

/// What one run found for a row.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) row: &'static Row,
    /// At least one.
    pub(crate) values: Vec<f64>,
    /// The bound of [`Goal::Computed`].
    pub(crate) bound: Option<f64>,
    /// What somebody else needs for the same, or what the figure hangs on, measured in the same run.
    pub(crate) beside: Option<Beside>,
}

/// A figure beside a row's own.
#[derive(Debug, Clone)]
pub(crate) struct Beside {
    /// Of whom, of what.
    pub(crate) whose: &'static str,
    pub(crate) unit: Unit,
    pub(crate) values: Vec<f64>,
}

impl Row {
    /// Many values of one run.
    pub(crate) fn values(&'static self, values: Vec<f64>) -> Figures {
        Figures {
            row: self,
            values,
            bound: None,
            beside: None,
        }
    }

    /// The one value of a run.
    pub(crate) fn value(&'static self, value: f64) -> Figures {
        self.values(vec![value])
    }
}

impl Figures {
    /// With the bound of [`Goal::Computed`].
    pub(crate) fn bound(mut self, bound: f64) -> Self {
        self.bound = Some(bound);
        self
    }

    /// With a figure beside its own.
    pub(crate) fn beside(mut self, whose: &'static str, unit: Unit, values: Vec<f64>) -> Self {
        self.beside = Some(Beside {
            whose,
            unit,
            values,
        });
        self
    }
}
