//! What the caller asked for, in variables: `make bench` hands them on.

/// How large the fleets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scale {
    /// What one libvirt daemon and one agent give; minutes.
    Small,
    /// Simulated fleets of a thousand hypervisors.
    Large,
    /// 2,500 hypervisors, 40,000 machines, and everything that is repeated ten times.
    Full,
}

/// What the caller asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// `ONLY`: rows whose name holds one of these, separated by commas.
    only: Vec<String>,
    /// `RUNS`: how often each is measured.
    pub(crate) runs: usize,
    /// `SCALE`: `small`, `large` or `full`.
    pub(crate) scale: Scale,
    /// `KEEP`: the tables of `docs/budgets.md` take the new lines.
    pub(crate) keep: bool,
}

impl Options {
    pub(crate) fn read() -> Self {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let only = variable("ONLY");
        Self {
            only: only
                .split(',')
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect(),
            runs: variable("RUNS").parse().unwrap_or(5).max(1),
            scale: match variable("SCALE").as_str() {
                "full" => Scale::Full,
                "large" => Scale::Large,
                _ => Scale::Small,
            },
            keep: !matches!(variable("KEEP").as_str(), "" | "0"),
        }
    }

    /// Whether a row of this name is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part))
    }
}
