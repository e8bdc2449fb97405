//! What a check is, and how checks are run.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};
use futures::future::{BoxFuture, join_all};
use tokio::time::timeout;

/// A check did not end in time.
pub static LATE: Fault = Fault {
    id: "late",
    severity: Severity::Warning,
    title: "A check did not end in time",
    why: "Whatever it looks at did not answer: it may be overloaded, or something on the way drops what is sent.",
    todo: "Run the check again alone, with its name after --only; look into the log of the server meanwhile.",
    prosody: "",
    ejabberd: "",
};

/// One check: a row of a table.
#[derive(Debug)]
pub struct Check<S: 'static> {
    /// Its name: what `--only` takes, and the first part of the ids of what it finds.
    pub id: &'static str,
    /// What it looks at, for the guide.
    pub about: &'static str,
    /// How long it may take.
    pub deadline: Duration,
    /// Whether it needs the line for itself: the others are over before it begins.
    pub alone: bool,
    /// What it can find.
    pub faults: &'static [&'static Fault],
    /// Does it.
    pub run: for<'a> fn(&'a S) -> BoxFuture<'a, Vec<Finding>>,
}

/// What is asked for: everything, or one check or fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Aim<'a>(pub Option<&'a str>);

impl Aim<'_> {
    /// Whether the check of this id has to run.
    pub fn wants(self, check: &str) -> bool {
        self.0
            .is_none_or(|wanted| wanted.split('.').next() == Some(check))
    }
}

/// Runs the checks that are asked for: together where they do not disturb each other. A check that does not end in time
/// becomes a finding.
pub async fn all<S: Sync>(checks: &[&'static Check<S>], subject: &S, aim: Aim<'_>) -> Vec<Finding> {
    let wanted = checks.iter().filter(|check| aim.wants(check.id));
    let (alone, together): (Vec<&&Check<S>>, _) = wanted.partition(|check| check.alone);
    let runs = together.into_iter().map(|check| check.once(subject));
    let mut findings = join_all(runs).await;
    for check in alone {
        findings.push(check.once(subject).await);
    }
    findings.into_iter().flatten().collect()
}

impl<S> Check<S> {
    async fn once(&self, subject: &S) -> Vec<Finding> {
        let run = timeout(self.deadline, (self.run)(subject)).await;
        run.unwrap_or_else(|_| {
            let seconds = self.deadline.as_secs();
            let seen = format!("no result after {seconds} s");
            vec![Finding::of(&LATE, self.id, seen)]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FAST: Check<()> = Check {
        id: "fast",
        about: "",
        deadline: Duration::from_mins(1),
        alone: false,
        faults: &[],
        run: |()| Box::pin(async { vec![Finding::ok("fast", "this", "")] }),
    };
    static NEVER: Check<()> = Check {
        id: "never",
        deadline: Duration::from_millis(1),
        alone: true,
        run: |()| Box::pin(std::future::pending()),
        ..FAST
    };

    #[tokio::test]
    async fn one_that_hangs_does_not_hold_up_the_others() {
        let found = all(&[&NEVER, &FAST], &(), Aim(None)).await;
        let told: Vec<_> = found
            .iter()
            .map(|finding| (finding.id, finding.on.as_str()))
            .collect();
        assert_eq!(told, [("fast", "this"), ("late", "never")]);
    }

    #[tokio::test]
    async fn only_what_is_asked_for_runs() {
        assert!(all(&[&FAST], &(), Aim(Some("fas"))).await.is_empty());
        assert_eq!(all(&[&FAST], &(), Aim(Some("fast.x"))).await.len(), 1);
    }
}
