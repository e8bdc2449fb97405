//! Whether every command was carried out once: what the operator was told, beside what the drivers were asked.

use std::collections::HashMap;
use std::fmt;

use archipel_fleet::{Run, RunId, StepState};
use archipel_hypervisor::{Power, simulated::Call};
use archipel_protocol::{HypervisorId, VmId};

use super::SimHost;

/// How many findings a text shows.
const SHOWN: usize = 20;

/// What was done to a machine, by whatever operations.
type Deed = (HypervisorId, VmId, Power);

/// A command that was not carried out exactly as often as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The operations that asked for it; none where nobody did.
    pub operations: Vec<String>,
    /// Where.
    pub host: HypervisorId,
    /// To which machine.
    pub vm: VmId,
    /// What.
    pub power: Power,
    /// How often operators were told that it was done.
    pub told: usize,
    /// How often the driver was asked to do it.
    pub calls: usize,
}

/// What the operator was told beside what the drivers were asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Commands that were reported as done.
    pub done: usize,
    /// Commands that were answered otherwise, or not at all.
    pub failed: usize,
    /// Commands that have no result.
    pub open: usize,
    /// Reported as done, and the driver was never asked.
    pub lost: Vec<Finding>,
    /// The driver was asked more often than operators asked.
    pub doubled: Vec<Finding>,
}

/// What was asked for and what was done, per deed.
#[derive(Debug, Default)]
struct Ledger {
    audit: Audit,
    accounts: HashMap<Deed, Account>,
}

#[derive(Debug, Default)]
struct Account {
    operations: Vec<String>,
    told: usize,
    /// Those that may have been done.
    doubtful: usize,
    calls: usize,
}

impl Audit {
    /// Whether each command has a result, none was lost and none was doubled.
    pub fn is_clean(&self) -> bool {
        self.open == 0 && self.lost.is_empty() && self.doubled.is_empty()
    }

    pub(crate) fn of(hosts: &[SimHost], runs: &[Run]) -> Audit {
        let mut ledger = Ledger::default();
        for run in runs {
            ledger.run(run);
        }
        for host in hosts {
            ledger.calls(host);
        }
        let mut audit = ledger.audit;
        let mut accounts: Vec<(Deed, Account)> = ledger.accounts.into_iter().collect();
        accounts.sort_by(|(one, _), (other, _)| (&one.0, one.1).cmp(&(&other.0, other.1)));
        for (deed, account) in accounts {
            audit.judge(deed, account);
        }
        audit
    }

    fn judge(&mut self, (host, vm, power): Deed, account: Account) {
        let (lost, doubled) = (
            account.calls < account.told,
            account.calls > account.told + account.doubtful,
        );
        let finding = Finding {
            operations: account.operations,
            host,
            vm,
            power,
            told: account.told,
            calls: account.calls,
        };
        if lost {
            self.lost.push(finding);
        } else if doubled {
            self.doubled.push(finding);
        }
    }
}

impl Ledger {
    /// What an operator asked for, and was told.
    fn run(&mut self, run: &Run) {
        let Some(power) = power(run.verb.id.0) else {
            return;
        };
        for step in &run.steps {
            let (told, count) = match &step.state {
                StepState::Refused(_) => continue,
                StepState::Done => (true, &mut self.audit.done),
                StepState::Failed(_) => (false, &mut self.audit.failed),
                StepState::Waiting | StepState::Sent => (false, &mut self.audit.open),
            };
            *count += 1;
            let deed = (step.vm.hypervisor.clone(), step.vm.vm, power);
            let account = self.accounts.entry(deed).or_default();
            account.operations.push(operation(run.id, step.vm.vm));
            account.told += usize::from(told);
            account.doubtful += usize::from(!told);
        }
    }

    /// What a driver was asked.
    fn calls(&mut self, host: &SimHost) {
        for call in host.driver().calls() {
            if let Call::Power(vm, power) = call {
                self.accounts
                    .entry((host.id(), vm, power))
                    .or_default()
                    .calls += 1;
            }
        }
    }
}

/// The id of the operation, as the operator's engine makes it.
fn operation(run: RunId, vm: VmId) -> String {
    format!("{run}-{vm}")
}

/// What the driver is asked for a verb.
fn power(verb: &str) -> Option<Power> {
    Some(match verb {
        "vm.start" => Power::Start,
        "vm.shutdown" => Power::Shutdown,
        "vm.reboot" => Power::Reboot,
        "vm.pause" => Power::Suspend,
        "vm.resume" => Power::Resume,
        "vm.destroy" => Power::Destroy,
        _ => return None,
    })
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding {
            host,
            vm,
            power,
            told,
            calls,
            operations,
        } = self;
        let by = if operations.is_empty() {
            "nobody".to_owned()
        } else {
            operations.join(", ")
        };
        write!(
            f,
            "{host}: {power:?} of {vm}, asked for by {by}: reported as done {told} times, done {calls} times"
        )
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Audit {
            done,
            failed,
            open,
            lost,
            doubled,
        } = self;
        write!(
            f,
            "{done} commands done, {failed} failed, {open} without a result; {} lost, {} doubled",
            lost.len(),
            doubled.len()
        )?;
        let findings = lost.iter().chain(doubled);
        findings
            .take(SHOWN)
            .try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}
