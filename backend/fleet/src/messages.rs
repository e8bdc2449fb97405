//! Texts for people that the model itself gives.

use std::fmt;

use archipel_language::Verb;

use crate::{host::MACHINES_LIMIT, run::Progress};

/// One uuid on several hypervisors.
pub(crate) struct Doubled<'a> {
    pub(crate) name: &'a str,
    pub(crate) hypervisors: Vec<&'a str>,
}

impl fmt::Display for Doubled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hypervisors = self.hypervisors.join(" and ");
        write!(
            f,
            "`{}` is on {hypervisors} at once, with one uuid: two that run on one disk destroy it. Make sure that only one runs, then \
             remove the other definition",
            self.name
        )
    }
}

/// An agent that describes more machines than are kept.
pub(crate) struct Overfull<'a>(pub(crate) &'a str);

impl fmt::Display for Overfull<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} describes more than {MACHINES_LIMIT} machines; the others are left out. Look at what its agent does",
            self.0
        )
    }
}

/// The end of a run.
pub(crate) struct Ended<'a> {
    pub(crate) verb: &'a Verb,
    pub(crate) progress: Progress,
    /// The name of the machine, where there was one alone, and why it failed.
    pub(crate) only: Option<(&'a str, Option<String>)>,
}

impl fmt::Display for Ended<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress { done, failed, .. } = self.progress;
        let machines = if done == 1 { "machine" } else { "machines" };
        match &self.only {
            Some((name, None)) => write!(f, "{name} {}", self.verb.done),
            Some((name, Some(why))) => write!(f, "could not {} `{name}`: {why}", self.verb.word),
            None if failed == 0 => write!(f, "{done} {machines} {}", self.verb.done),
            None => write!(
                f,
                "{done} {machines} {}, {failed} not. Open the tasks for the reasons",
                self.verb.done
            ),
        }
    }
}
