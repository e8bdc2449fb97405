//! Plans being carried out.

use archipel_bus::RequestError;
use archipel_fleet::{Event, Plan, Reach, RunId, VmRef};
use archipel_language::Risk;
use archipel_protocol::{
    Command, Failure, FullJid, HypervisorId, Iq, IqKind, failure::FailureKind, ns,
};
use jiff::SignedDuration;

use super::{
    Engine, from_now,
    runs::Job,
    timers::Timer,
    work::{Answer, Done, Outgoing},
};
use crate::messages::{
    NEVER_SENT, NO_SESSION, NOT_SENT_TO_MACHINES, OUTCOME_UNKNOWN, READ_ONLY, WENT_AWAY,
};

impl Engine {
    pub(super) fn execute(&mut self, run: RunId, plan: Plan) {
        let verb = plan.verb;
        let given = plan.given.clone();
        let targets: Vec<VmRef> = plan.ready().map(|step| step.vm.clone()).collect();
        self.emit(Event::Started { run, plan });
        let forbidden = self.settings.profile.read_only && verb.risk != Risk::Safe;
        for vm in targets {
            match verb.wire.request(&given) {
                _ if forbidden => self.fail(run, vm, FailureKind::Forbidden, READ_ONLY),
                Err(why) => {
                    let field = verb.word.to_owned();
                    self.fail(run, vm, FailureKind::Invalid { field }, &why.to_string());
                }
                Ok(None) => self.fail(run, vm, FailureKind::Unsupported, NOT_SENT_TO_MACHINES),
                Ok(Some(request)) => {
                    let command = Command::new(request).for_vm(vm.vm);
                    self.runs.push(Job::new(run, vm, command));
                }
            }
        }
        self.pump();
    }

    /// Sends what may be sent.
    fn pump(&mut self) {
        while let Some(id) = self.runs.next_host() {
            if !self.is_ready(&id) {
                self.block(&id);
            } else if let Some(job) = self.runs.take(&id) {
                self.dispatch(job);
            }
        }
    }

    pub(super) fn pump_all(&mut self) {
        self.runs.list_all();
        self.pump();
    }

    /// To the hypervisor as an operation; to an original's machine as it knows it.
    fn dispatch(&mut self, mut job: Job) {
        if self.original(&job.vm.hypervisor).is_some() {
            return self.dispatch_plainly(job);
        }
        let life =
            SignedDuration::try_from(self.settings.pace.patience).unwrap_or(SignedDuration::MAX);
        let command = job.command(life).clone();
        if let Some(to) = self.target(&job.vm.hypervisor) {
            self.send(job, to, &command);
        }
    }

    fn dispatch_plainly(&mut self, mut job: Job) {
        let Some((to, command)) = self.plainly(&job) else {
            self.runs.landed(&job.vm.hypervisor);
            return self.fail(job.run, job.vm, FailureKind::NotFound, NO_SESSION);
        };
        job.plain = true;
        self.send(job, to, &command);
    }

    fn send(&mut self, job: Job, to: FullJid, command: &Command) {
        let kind = if command.request.is_change() {
            IqKind::Set
        } else {
            IqKind::Get
        };
        let payload = command.to_element();
        let (run, vm) = (job.run, job.vm.clone());
        let outgoing = Outgoing {
            deadline: self.settings.pace.command,
            ..self.outgoing(&vm.hypervisor, to, (kind, payload))
        };
        self.emit(Event::StepSent { run, vm });
        self.start(async move {
            let answer = outgoing.send().await;
            let job = Box::new(job);
            Done::Command { job, answer }
        });
    }

    /// The answer to a command came, or will not come.
    pub(super) fn land(&mut self, mut job: Job, answer: Answer) {
        let id = job.vm.hypervisor.clone();
        self.runs.landed(&id);
        match answer {
            Err(RequestError::Lost) if !job.plain => {
                job.in_doubt = true;
                self.wait_again(job);
            }
            Err(RequestError::NotConnected) => self.wait_again(job),
            answer => {
                let result = result(answer);
                if job.plain && result.is_ok() {
                    self.look_after(&job);
                }
                self.finish(job.run, job.vm, result);
            }
        }
        self.pump();
    }

    /// Asked again under the same operation id when the hypervisor is in reach again, which is news that has yet to come.
    fn wait_again(&mut self, job: Job) {
        let id = job.vm.hypervisor.clone();
        self.runs.put_back(job);
        self.block(&id);
    }

    /// Its commands wait, for a while.
    fn block(&mut self, id: &HypervisorId) {
        let Some(own) = self.fleet.hypervisor(id) else {
            return self.block_due(id);
        };
        if matches!(own.reach, Reach::Offline { .. }) {
            self.fail_unsent(id);
        }
        let at = from_now(self.settings.pace.patience);
        self.timers.set_at_most(Timer::Blocked(id.clone()), at);
    }

    /// A hypervisor can be asked again.
    pub(super) fn in_reach(&mut self, id: &HypervisorId) {
        self.timers.clear(&Timer::Blocked(id.clone()));
        self.runs.list(id);
        self.pump();
    }

    /// A hypervisor left. What was never sent has failed; what may have been done is asked about when it is back.
    pub(super) fn out_of_reach(&mut self, id: &HypervisorId) {
        self.fail_unsent(id);
        if self.runs.has_waiting(id) {
            self.block(id);
        }
    }

    fn fail_unsent(&mut self, id: &HypervisorId) {
        for job in self.runs.withdraw(id, |job| !job.in_doubt) {
            self.fail(job.run, job.vm, FailureKind::Other, WENT_AWAY);
        }
    }

    /// Commands have waited long enough.
    pub(super) fn block_due(&mut self, id: &HypervisorId) {
        for job in self.runs.withdraw(id, |_| true) {
            let (kind, text) = if job.in_doubt {
                (FailureKind::Interrupted, OUTCOME_UNKNOWN)
            } else {
                (FailureKind::Expired, NEVER_SENT)
            };
            self.fail(job.run, job.vm, kind, text);
        }
    }

    fn fail(&mut self, run: RunId, vm: VmRef, kind: FailureKind, text: &str) {
        self.finish(run, vm, Err(Failure::new(kind, text)));
    }

    fn finish(&mut self, run: RunId, vm: VmRef, result: Result<(), Failure>) {
        self.emit(Event::Step { run, vm, result });
    }
}

fn result(answer: Answer) -> Result<(), Failure> {
    match answer {
        Ok(_) => Ok(()),
        Err(RequestError::Refused(iq)) => Err(refused(&iq)),
        Err(RequestError::Ignored) => {
            let text = "the agent did not understand the command";
            Err(Failure::new(FailureKind::Unsupported, text))
        }
        Err(_) => Err(Failure::new(FailureKind::Interrupted, OUTCOME_UNKNOWN)),
    }
}

/// A server that finds nobody at the address says so in the agent's place.
fn refused(iq: &Iq) -> Failure {
    let of_server = iq.error().is_some_and(|error| {
        let unavailable = |child: &&archipel_protocol::Element| {
            child.is("service-unavailable", ns::STANZA_ERRORS)
        };
        error.get_child("failure", ns::TASK).is_none()
            && error.children().any(|child| unavailable(&child))
    });
    if of_server {
        return Failure::new(FailureKind::Other, WENT_AWAY);
    }
    Failure::parse(iq)
}
