//! Commands that wait for their turn: so many at a time, and so many per hypervisor.

use std::collections::{HashMap, VecDeque};

use archipel_fleet::{RunId, VmRef};
use archipel_protocol::{Command, HypervisorId, OperationId, Request, operation::Operation};
use jiff::{SignedDuration, Timestamp};

/// Commands on their way at the same time.
pub(super) const ALL: usize = 256;
/// Commands on their way to one hypervisor at the same time: libvirt does not do more of them faster.
pub(super) const PER_HOST: usize = 8;

/// One step of a run.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) run: RunId,
    pub(super) vm: VmRef,
    command: Command,
    /// Whether it was sent and its answer lost: it may have been done.
    pub(super) in_doubt: bool,
    /// Whether it was sent to an agent without a journal, which would do it twice.
    pub(super) plain: bool,
}

impl Job {
    pub(super) fn new(run: RunId, vm: VmRef, command: Command) -> Self {
        Self {
            run,
            vm,
            command,
            in_doubt: false,
            plain: false,
        }
    }

    /// What is to be done.
    pub(super) fn request(&self) -> &Request {
        &self.command.request
    }

    /// The command to send. It becomes an operation when it is sent first; sent again it is the same one, which the agent answers
    /// from its journal.
    pub(super) fn command(&mut self, life: SignedDuration) -> &Command {
        if self.command.operation.is_none() && self.command.request.is_change() {
            let id = operation_id(self.run, &self.vm);
            self.command.operation = id.map(|id| Operation::new(id, Timestamp::now(), life));
        }
        &self.command
    }
}

/// The id of the one operation that a run does to a machine.
fn operation_id(run: RunId, vm: &VmRef) -> Option<OperationId> {
    // Sixteen and thirty-six characters of hexadecimal digits and dashes make a sound id.
    format!("{run}-{}", vm.vm).parse().ok()
}

/// The commands for one hypervisor.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Job>,
    flying: usize,
    /// Whether it stands in the order.
    listed: bool,
}

/// All commands that are not done.
#[derive(Debug, Default)]
pub(super) struct Runs {
    queues: HashMap<HypervisorId, Queue>,
    /// The hypervisors that may have a turn.
    order: VecDeque<HypervisorId>,
    flying: usize,
}

impl Runs {
    pub(super) fn push(&mut self, job: Job) {
        let id = job.vm.hypervisor.clone();
        self.queues
            .entry(id.clone())
            .or_default()
            .waiting
            .push_back(job);
        self.list(&id);
    }

    /// Gives a hypervisor a turn again.
    pub(super) fn list(&mut self, id: &HypervisorId) {
        if let Some(queue) = self.queues.get_mut(id)
            && !queue.listed
            && !queue.waiting.is_empty()
        {
            queue.listed = true;
            self.order.push_back(id.clone());
        }
    }

    /// Gives everybody a turn again.
    pub(super) fn list_all(&mut self) {
        let ids: Vec<HypervisorId> = self.queues.keys().cloned().collect();
        for id in ids {
            self.list(&id);
        }
    }

    /// The next hypervisor whose turn it is, while the limit of all is not reached.
    pub(super) fn next_host(&mut self) -> Option<HypervisorId> {
        if self.flying >= ALL {
            return None;
        }
        let id = self.order.pop_front()?;
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.listed = false;
        }
        Some(id)
    }

    /// Its next command, while its own limit is not reached.
    pub(super) fn take(&mut self, id: &HypervisorId) -> Option<Job> {
        let queue = self
            .queues
            .get_mut(id)
            .filter(|queue| queue.flying < PER_HOST)?;
        let job = queue.waiting.pop_front()?;
        queue.flying += 1;
        self.flying += 1;
        self.list(id);
        Some(job)
    }

    /// A command is no longer on its way.
    pub(super) fn landed(&mut self, id: &HypervisorId) {
        self.flying = self.flying.saturating_sub(1);
        if let Some(queue) = self.queues.get_mut(id) {
            queue.flying = queue.flying.saturating_sub(1);
            if queue.flying == 0 && queue.waiting.is_empty() {
                self.queues.remove(id);
            }
        }
        self.list(id);
    }

    /// Back to the head of its queue.
    pub(super) fn put_back(&mut self, job: Job) {
        let queue = self.queues.entry(job.vm.hypervisor.clone()).or_default();
        queue.waiting.push_front(job);
    }

    /// Takes out the commands for a hypervisor that `which` picks.
    pub(super) fn withdraw(&mut self, id: &HypervisorId, which: impl Fn(&Job) -> bool) -> Vec<Job> {
        let Some(queue) = self.queues.get_mut(id) else {
            return Vec::new();
        };
        let (out, left) = std::mem::take(&mut queue.waiting)
            .into_iter()
            .partition(|job| which(job));
        queue.waiting = left;
        Vec::from_iter::<VecDeque<Job>>(out)
    }

    /// Whether commands wait for this hypervisor.
    pub(super) fn has_waiting(&self, id: &HypervisorId) -> bool {
        self.queues
            .get(id)
            .is_some_and(|queue| !queue.waiting.is_empty())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_protocol::{VmId, vm_control::Action};

    use super::*;

    fn job(host: usize, vm: u8) -> Job {
        let vm = VmRef {
            hypervisor: format!("hv{host}@dc.example").parse().unwrap(),
            vm: VmId::from_bytes([vm; 16]),
        };
        let command = Command::new(Request::VmControl(Action::Create)).for_vm(vm.vm);
        Job::new(RunId(7), vm, command)
    }

    fn take_all(runs: &mut Runs) -> Vec<Job> {
        let mut taken = Vec::new();
        while let Some(id) = runs.next_host() {
            taken.extend(runs.take(&id));
        }
        taken
    }

    #[test]
    fn limits_hold_per_host_and_in_all() {
        let mut runs = Runs::default();
        (0..20).for_each(|vm| runs.push(job(1, vm)));
        assert_eq!(take_all(&mut runs).len(), PER_HOST);
        runs.landed(&job(1, 0).vm.hypervisor);
        assert_eq!(take_all(&mut runs).len(), 1);

        let mut runs = Runs::default();
        (0..600).for_each(|number| runs.push(job(number % 100, 0)));
        assert_eq!(take_all(&mut runs).len(), ALL);
    }

    #[test]
    fn hosts_take_turns() {
        let mut runs = Runs::default();
        (0..3).for_each(|vm| runs.push(job(1, vm)));
        runs.push(job(2, 9));
        let hosts: Vec<_> = take_all(&mut runs)
            .iter()
            .map(|job| job.vm.hypervisor.to_string())
            .collect();
        assert_eq!(hosts[1], "hv2@dc.example");
    }

    #[test]
    fn a_command_sent_again_is_the_same_operation() {
        let mut job = job(1, 1);
        let life = SignedDuration::from_mins(5);
        let first = job.command(life).clone();
        assert_eq!(*job.command(life), first);
        let id = first.operation.unwrap().id;
        assert_eq!(
            id.as_str(),
            "0000000000000007-01010101-0101-0101-0101-010101010101"
        );
    }

    #[test]
    fn what_is_put_back_comes_first() {
        let mut runs = Runs::default();
        (0..2).for_each(|vm| runs.push(job(1, vm)));
        let id = runs.next_host().unwrap();
        let job = runs.take(&id).unwrap();
        let vm = job.vm.clone();
        runs.landed(&id);
        runs.put_back(job);
        runs.list(&id);
        let id = runs.next_host().unwrap();
        assert_eq!(runs.take(&id).unwrap().vm, vm);
    }
}
