//! What came of a change that is asked of each machine, or each hypervisor, by itself.

use archipel_fleet::{Fleet, VmRef};
use archipel_protocol::HypervisorId;

use super::{
    console::remark,
    failure::{Code, Failure},
    sheet::{Cell, Column, Format, Sheet},
};

const MACHINES: &[Column] = &[
    Column::shown("name", "name"),
    Column::shown("hypervisor_name", "hypervisor"),
    Column::shown("state", "state"),
    Column::shown("result", "result"),
    Column::shown("reason", "why"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
];

const HYPERVISORS: &[Column] = &[
    Column::shown("name", "hypervisor"),
    Column::shown("result", "result"),
    Column::shown("reason", "why"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
];

/// How it went: a word, or why not.
pub(super) type Ended = Result<String, Failure>;

/// A line for each machine or hypervisor.
pub(super) struct Outcomes {
    sheet: Sheet,
    failures: Vec<Code>,
}

impl Outcomes {
    pub(super) fn of_machines() -> Self {
        Self {
            sheet: Sheet::new(MACHINES),
            failures: Vec::new(),
        }
    }

    pub(super) fn of_hypervisors() -> Self {
        Self {
            sheet: Sheet::new(HYPERVISORS),
            failures: Vec::new(),
        }
    }

    pub(super) fn machine(&mut self, fleet: &Fleet, at: &VmRef, ended: Ended) {
        let vm = fleet.vm(at);
        let host = fleet.hypervisor(&at.hypervisor);
        let [word, why] = self.told(ended);
        self.sheet.rows.push(vec![
            Cell::maybe(vm, |vm| Cell::text(&vm.name)),
            Cell::maybe(host, |host| Cell::text(&host.name)),
            Cell::maybe(vm, |vm| Cell::text(vm.state.word())),
            word,
            why,
            Cell::text(at.vm.to_string()),
            Cell::text(at.hypervisor.to_string()),
        ]);
    }

    pub(super) fn hypervisor(&mut self, fleet: &Fleet, id: &HypervisorId, ended: Ended) {
        let host = fleet.hypervisor(id);
        let [word, why] = self.told(ended);
        self.sheet.rows.push(vec![
            Cell::maybe(host, |host| Cell::text(&host.name)),
            word,
            why,
            Cell::text(id.to_string()),
            Cell::text(id.to_string()),
        ]);
    }

    fn told(&mut self, ended: Ended) -> [Cell; 2] {
        match ended {
            Ok(word) => [Cell::text(word), Cell::None],
            Err(failure) => {
                self.failures.push(failure.code());
                [Cell::text("failed"), Cell::text(failure.text())]
            }
        }
    }

    /// Prints it all; what failed decides how the program ends.
    pub(super) fn end(self, format: Format) -> Result<(), Failure> {
        let (all, failed) = (self.sheet.rows.len(), self.failures.len());
        self.sheet.print(format)?;
        if failed == 0 {
            return Ok(());
        }
        remark(&format!("{} of {all} done", all - failed));
        let forbidden = self.failures.iter().all(|code| *code == Code::Forbidden);
        let code = if forbidden {
            Code::Forbidden
        } else {
            Code::Failed
        };
        Err(Failure::new(code, ""))
    }
}
