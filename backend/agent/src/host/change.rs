//! Changes: journalled before they begin, begun once, logged with who and result.

mod journal;

use archipel_hypervisor::DriverError;
use archipel_protocol::{
    BareJid, Element, Failure, Iq, OperationId, VmId, audit, events::Severity, failure::FailureKind,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot};

use self::journal::Verdict;
use super::{
    Done, Host, JOBS, Tools, Via,
    ask::{self, Shape, answer},
};
use crate::{
    agent::Order,
    calls::{CallError, Running},
    clock::Clock,
    eventlog::Fact,
    messages::Refusal,
    modules::verb_of,
    modules::{Act, Call, Change, Copied, Note, Outcome, Reply, Stop},
    push::push,
    store::Entry,
};

/// The verb after which a machine is stopping, until there is news of it.
const STOPS: &str = "shut down";

/// How a change ended.
pub(crate) struct Ended {
    /// What it was to the requester, if it was an operation.
    key: Option<(BareJid, OperationId)>,
    pub(super) vm: VmId,
    pub(super) verb: &'static str,
    /// The verb that was asked for.
    asked: Option<String>,
    pub(super) by: Option<BareJid>,
    /// Whose disks were copied.
    copied: Option<VmId>,
    /// Whether others are told, besides the one who asked.
    pub(super) aloud: bool,
    via: Via,
    end: End,
}

/// What came of a change.
struct End {
    /// What the requester is to hear; `None`: they heard that it takes longer.
    answer: Option<Iq>,
    /// What is to be known from now on; `None`: nothing was begun.
    result: Option<Result<Vec<Note>, Failure>>,
}

/// A change on its way.
struct Job {
    via: Via,
    iq: Iq,
    shape: Shape,
    entry: Option<Entry>,
    tools: Tools,
    orders: mpsc::Sender<Order>,
    clock: Clock,
    vm: VmId,
    /// For example: start `web01`.
    what: String,
    /// Whether it takes as long as a disk is large: then whoever asked hears that it was accepted.
    is_long: bool,
    settled: fn(&archipel_hypervisor::Domain) -> Option<Vec<Element>>,
}

impl Host {
    /// Carries a change out. The requester is answered when libvirt has answered or its deadline has passed.
    pub(super) fn change(&mut self, via: Via, iq: Iq, call: Call, change: Change) {
        self.perform(via, iq, call, change, None);
    }

    /// Copies the disks of a machine, which nothing changes meanwhile.
    pub(super) fn copy(
        &mut self,
        via: Via,
        iq: Iq,
        call: Call,
        (change, copied): (Change, Copied),
    ) {
        self.perform(via, iq, call, change, Some(copied));
    }

    fn perform(&mut self, via: Via, iq: Iq, call: Call, change: Change, copied: Option<Copied>) {
        self.begun += 1;
        let is_aloud = !via.is_in_words();
        let by = ask::requester(&iq);
        let entry = entry(by.as_ref(), &call);
        let key = entry
            .as_ref()
            .map(|entry| (entry.requester.clone(), entry.id.clone()));
        let asked = verb_of(&call.command.request);
        let shape = Shape::Query(Box::new(call.command));
        if self.is_overloaded() {
            return self.reply(&via, &iq, &shape, Refusal::Overloaded(JOBS).into_reply());
        }
        let held = copied.as_ref().map_or(change.vm, |copied| copied.of);
        if self.copied.contains_key(&held) {
            let refusal = Refusal::IsCopied(self.state.name(held));
            return self.reply(&via, &iq, &shape, refusal.into_reply());
        }
        if key
            .as_ref()
            .is_some_and(|key| !self.running.insert(key.clone()))
        {
            return self.reply(&via, &iq, &shape, Refusal::UnderWay.into_reply());
        }
        let job = Job {
            what: format!("{} `{}`", change.verb, self.state.name(change.vm)),
            via,
            iq,
            shape,
            entry,
            tools: self.tools.clone(),
            orders: self.sessions.orders(),
            clock: self.state.clock.clone(),
            vm: change.vm,
            is_long: copied.is_some(),
            settled: change.settled,
        };
        let copied = copied.map(|copied| self.copying(copied));
        let (vm, verb, aloud) = (change.vm, change.verb, is_aloud);
        self.sessions.change_begins(vm);
        let via = job.via.clone();
        self.jobs.spawn(async move {
            let end = job.run(change.act).await;
            Done::Changed(Box::new(Ended {
                key,
                vm,
                verb,
                asked,
                by,
                copied,
                aloud,
                via,
                end,
            }))
        });
    }

    /// Whose disks are copied is seen by the original's clients.
    fn copying(&mut self, copied: Copied) -> VmId {
        self.copied.insert(copied.of, copied.name);
        self.follow_machine(copied.of);
        copied.of
    }

    /// A change ended: it is logged, and the machine looked at, for not every driver tells of every change. Only then the requester is
    /// answered: whatever they ask next is answered by an agent that knows of the change.
    pub(super) fn changed(&mut self, mut ended: Ended) {
        if let Some(key) = &ended.key {
            self.running.remove(key);
        }
        if let Some(of) = ended.copied {
            self.copied.remove(&of);
            self.follow_machine(of);
        }
        let (vm, via) = (ended.vm, ended.via.clone());
        let answer = ended.end.answer.take();
        if let Some(result) = ended.end.result.take() {
            self.take_result(ended, result);
        }
        if let Some(answer) = answer {
            self.answer_through(&via, answer);
        }
        self.sessions.change_ended(vm);
        // One that is gone leaves the bus now that whoever asked it was answered.
        self.follow_machine(vm);
    }

    fn take_result(&mut self, ended: Ended, result: Result<Vec<Note>, Failure>) {
        log(&ended, &result);
        let text = match &result {
            Ok(notes) => format!("{}: done{}", ended.verb, remarks(notes)),
            Err(failure) => format!("{}: {failure}", ended.verb),
        };
        let (outcome, severity) = outcome(&result);
        if result.is_ok() && ended.verb == STOPS {
            self.stopping.insert(ended.vm);
        }
        let shout = self.shout_of(&ended).filter(|_| result.is_ok());
        // One that is new has no name before its notes are taken, one that is freed none afterwards.
        let was_known = self.state.machines.get(ended.vm).is_some();
        let before = self.state.name(ended.vm);
        for note in result.unwrap_or_default() {
            self.take_note(note, ended.by.as_ref());
        }
        let name = if was_known {
            before
        } else {
            self.state.name(ended.vm)
        };
        if let Some(shout) = shout {
            self.shout(shout, &name);
        }
        let fact = Fact {
            vm: Some(ended.vm),
            name,
            what: "command",
            by: ended.by,
            text,
            severity,
            verb: ended.asked,
            audited: Some((ended.verb.to_owned(), outcome)),
        };
        self.note(fact);
        self.refresh_vm(ended.vm);
    }

    /// The store knows it already.
    fn take_note(&mut self, note: Note, by: Option<&BareJid>) {
        let machines = &mut self.state.machines;
        match note {
            Note::Protected(id, on) => {
                machines.protect(id, on);
                self.show(id);
            }
            Note::Named(id, name) => {
                machines.name(id, name);
                self.show(id);
            }
            Note::Managed(id, name) => {
                self.kept.insert(id, name.clone());
                machines.manage(id, name);
                self.show(id);
                self.refresh_vm(id);
                if let Some(maker) = by {
                    self.note_maker(id, maker);
                }
            }
            Note::Released(id) => {
                self.kept.remove(&id);
                self.made.remove(&id);
                machines.release(id);
                self.unlabel(id);
                self.leave(id);
            }
            Note::Freed(id) => {
                self.kept.remove(&id);
                self.made.remove(&id);
                machines.forget(id);
                self.leave(id);
            }
            Note::Tagged(id, tags) => self.take_tags(Some(id), tags),
            Note::Described(id, what) => {
                machines.describe(id, what);
                self.show(id);
            }
            Note::Linked(copy, base) => machines.link(copy, base),
            Note::Granted(policy, changes) => {
                self.take_policy(*policy);
                self.note_changes(by, &changes);
            }
            Note::Push(family, change) => {
                let now = self.state.clock.now();
                self.pusher.push(push(family, change, now));
            }
            Note::PushOf(id, family, change) => {
                let now = self.state.clock.now();
                self.sessions.push(id, push(family, change, now));
            }
            Note::Remark(_) => {}
        }
    }

    fn show(&mut self, id: VmId) {
        self.feed.vm_changed(id);
        self.follow_machine(id);
        self.keep_managed();
    }

    /// The machine's account on the bus goes with it.
    fn leave(&mut self, id: VmId) {
        self.feed.vm_changed(id);
        self.idle.forget(id);
        self.retract_tags(id);
        self.part_for_good(id);
    }
}

/// What the audit says of a result, and how much it matters.
fn outcome(result: &Result<Vec<Note>, Failure>) -> (audit::Outcome, Severity) {
    match result {
        Ok(_) => (audit::Outcome::Done, Severity::Info),
        Err(failure) if failure.kind == FailureKind::Forbidden => {
            (audit::Outcome::Denied, Severity::Warning)
        }
        Err(_) => (audit::Outcome::Failed, Severity::Error),
    }
}

/// What is to be said besides that it is done.
fn remarks(notes: &[Note]) -> String {
    let said = notes.iter().filter_map(|note| match note {
        Note::Remark(text) => Some(format!("; {text}")),
        _ => None,
    });
    said.collect()
}

fn log(ended: &Ended, result: &Result<Vec<Note>, Failure>) {
    let by = ended.by.as_ref().map(ToString::to_string);
    let (vm, verb) = (ended.vm, ended.verb);
    match result {
        Ok(_) => tracing::info!(%vm, by, verb, "done"),
        Err(failure) => tracing::warn!(%vm, by, verb, %failure, "not done"),
    }
}

/// The same request has the same hash whether it came to the machine or through its hypervisor.
fn entry(by: Option<&BareJid>, call: &Call) -> Option<Entry> {
    let operation = call.command.operation.as_ref()?;
    Some(Entry {
        requester: by?.clone(),
        id: operation.id.clone(),
        body: Sha256::digest(call.command.body()).into(),
        expires: operation.expires,
    })
}

impl Job {
    async fn run(self, act: Act) -> End {
        match self.look().await {
            Verdict::Act => {}
            Verdict::Answer(element) => return self.not_begun(element),
        }
        let turn = match self.tools.calls.change_turn().await {
            Ok(turn) => turn,
            Err(error) => {
                let failure = error.into_failure(&self.what);
                return self.not_begun(self.shape.element(Err(failure)));
            }
        };
        if turn.waited
            && let Err(failure) = self.still_allowed().await
        {
            return self.not_begun(self.shape.element(Err(failure)));
        }
        match self.begin().await {
            Verdict::Act => {}
            Verdict::Answer(element) => return self.not_begun(element),
        }
        let mut running = self
            .tools
            .calls
            .change(turn, move |driver| judged(act(driver)));
        match running.answer().await {
            Err(CallError::Silent(seconds)) => self.late(running, seconds).await,
            result => {
                let (reply, notes) = self.split(result);
                let element = self.record(reply).await;
                End {
                    answer: Some(answer(&self.iq, element)),
                    result: Some(notes),
                }
            }
        }
    }

    /// The requester hears that it takes longer; the result is recorded when it comes.
    async fn late(&self, running: Running<Judged>, seconds: u64) -> End {
        let early = if self.is_long {
            Ok(Vec::new())
        } else {
            Err(CallError::Silent(seconds).into_failure(&self.what))
        };
        let early = answer(&self.iq, self.shape.element(early));
        self.via.answer(early).await;
        let (reply, notes) = self.split(running.end().await);
        // The requester was answered; a repetition gets what is recorded now.
        let _ = self.record(reply).await;
        End {
            answer: None,
            result: Some(notes),
        }
    }

    /// What is answered, and what the agent is to know.
    fn split(&self, result: Result<Judged, CallError>) -> (Reply, Result<Vec<Note>, Failure>) {
        let judged = result.map_err(|error| error.into_failure(&self.what));
        match judged.and_then(|judged| judged) {
            Ok(outcome) => (Ok(outcome.payload), Ok(outcome.notes)),
            Err(failure) => (Err(failure.clone()), Err(failure)),
        }
    }

    fn not_begun(&self, element: Result<Option<Element>, Element>) -> End {
        End {
            answer: Some(answer(&self.iq, element)),
            result: None,
        }
    }

    /// Whether the hypervisor's task would let it in now.
    async fn still_allowed(&self) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        let again = Order::Again(self.via.clone(), Box::new(self.iq.clone()), reply);
        let stopped = || Failure::from(Refusal::Stopping(self.what.clone()));
        self.orders.send(again).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

/// What the agent itself made of a change that the driver was asked for.
type Judged = Result<Outcome, Failure>;

/// A refusal of the agent's is no failure of the driver's call.
fn judged(result: Result<Outcome, Stop>) -> Result<Judged, DriverError> {
    match result {
        Ok(outcome) => Ok(Ok(outcome)),
        Err(Stop::Refused(failure)) => Ok(Err(failure)),
        Err(Stop::Driver(error)) => Err(error),
    }
}
