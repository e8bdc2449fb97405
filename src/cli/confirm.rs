//! Whether a plan may be carried out.

use std::io;

use archipel_fleet::{Confirm, Plan};

use super::{
    arguments::Yes,
    console::{ask, is_interactive},
    failure::Failure,
    messages::{Asked, OtherCount, Unconfirmed},
};

/// What a person has to be asked.
#[derive(Debug)]
pub(super) struct Question {
    text: String,
    wanted: Vec<String>,
}

/// The question that `plan` still needs an answer to; none if it needs no confirmation or `--yes` gives it. Where nobody
/// can be asked it is refused.
pub(super) fn question(plan: &Plan, yes: Option<Yes>) -> Result<Option<Question>, Failure> {
    let ready = plan.ready().count();
    let needed = plan.confirmation();
    match (&needed, yes) {
        (_, Some(Yes::Count(given))) if given != ready => {
            let mut refused = plan.refused();
            let left_out = refused
                .next()
                .map(|(step, why)| format!("{}: {why}", step.name));
            Err(Failure::usage(OtherCount {
                given,
                ready,
                left_out,
            }))
        }
        (Confirm::None, _) | (_, Some(Yes::Count(_))) | (Confirm::Key(_), Some(Yes::Any)) => {
            Ok(None)
        }
        _ if is_interactive() => Ok(Some(Question::new(plan, &needed))),
        _ => {
            let count = matches!(needed, Confirm::TypeCount(_)).then_some(ready);
            Err(Failure::usage(Unconfirmed { plan, count }))
        }
    }
}

/// The same for what is no plan: several at once need a confirmation.
pub(super) fn several(
    count: usize,
    what: &str,
    yes: Option<Yes>,
) -> Result<Option<Question>, Failure> {
    match yes {
        Some(Yes::Count(given)) if given != count => Err(Failure::usage(OtherCount {
            given,
            ready: count,
            left_out: None,
        })),
        None if count > 1 && is_interactive() => Ok(Some(Question {
            text: format!("{what}\nGo on? [y/N] "),
            wanted: vec!["y".to_owned(), "yes".to_owned()],
        })),
        None if count > 1 => Err(Failure::usage(format_args!(
            "this needs a confirmation and nothing was sent. {what}\n  confirm with --yes, or look first with --plan"
        ))),
        _ => Ok(None),
    }
}

impl Question {
    fn new(plan: &Plan, needed: &Confirm) -> Self {
        let what = Asked(plan);
        match needed {
            Confirm::TypeCount(count) => Self {
                text: format!("{what}\nType {count} to go on: "),
                wanted: vec![count.to_string()],
            },
            _ => Self {
                text: format!("{what}\nGo on? [y/N] "),
                wanted: vec!["y".to_owned(), "yes".to_owned()],
            },
        }
    }

    /// Asks, on a thread that may wait for a person.
    pub(super) async fn ask(self) -> Result<(), Failure> {
        let asked = tokio::task::spawn_blocking(move || {
            let answer = ask(&self.text)?.to_lowercase();
            Ok::<bool, io::Error>(self.wanted.contains(&answer))
        });
        match asked.await {
            Ok(Ok(true)) => Ok(()),
            Ok(Err(error)) => Err(Failure::from(error)),
            Ok(Ok(false)) | Err(_) => Err(Failure::usage("not confirmed; nothing was sent")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_fleet::{Reason, Step, VmRef};
    use archipel_language::Verb;

    use super::*;

    fn plan(verb: &str, ready: usize) -> Plan {
        let step = |number: usize| Step {
            vm: VmRef {
                hypervisor: "hv01@dc.example".parse().unwrap(),
                vm: format!("7d0c0d4e-0b6e-4f0e-9d5c-{number:012}")
                    .parse()
                    .unwrap(),
            },
            name: format!("web{number:02}"),
            hypervisor: "hv01".to_owned(),
            verdict: if number <= ready {
                Ok(())
            } else {
                Err(Reason::NotConnected)
            },
        };
        Plan {
            verb: Verb::by_id(verb).unwrap(),
            given: Vec::new(),
            steps: (1..=ready + 1).map(step).collect(),
        }
    }

    // Tests run without a terminal: what would be asked for is refused.

    #[test]
    fn what_is_safe_for_one_needs_nothing() {
        assert!(question(&plan("vm.start", 1), None).unwrap().is_none());
        assert!(question(&plan("vm.destroy", 0), None).is_ok());
        assert!(question(&plan("vm.start", 2), None).is_err());
        assert!(question(&plan("vm.start", 2), Some(Yes::Any)).is_ok());
    }

    #[test]
    fn what_destroys_needs_the_count() {
        assert!(question(&plan("vm.destroy", 3), Some(Yes::Any)).is_err());
        assert!(question(&plan("vm.destroy", 3), Some(Yes::Count(4))).is_err());
        assert!(question(&plan("vm.destroy", 3), Some(Yes::Count(3))).is_ok());
        let refused = question(&plan("vm.destroy", 0), Some(Yes::Count(1))).unwrap_err();
        assert!(refused.text().contains("(web01: "), "{refused:?}");
        assert!(question(&plan("vm.start", 1), Some(Yes::Count(2))).is_err());
    }

    #[test]
    fn a_refusal_says_how_to_confirm() {
        let many = plan("vm.destroy", 20);
        let said = Unconfirmed {
            plan: &many,
            count: Some(20),
        }
        .to_string();
        assert!(
            said.contains("web01") && said.contains("and 8 more") && said.contains("--yes=20"),
            "{said}"
        );
    }
}
