//! Questions to an agent of the original, and what comes of them.

use archipel_bus::RequestError;
use archipel_protocol::{
    Answer as Told, Command, Epoch, Failure, FullJid, HypervisorId, Iq, IqKind, Reply, Request,
    VmId, VmState,
    answer::body,
    feed::Row,
    health,
    hypervisor_control::{self, RosterItem},
    vm_control,
};

use super::{Original, Question};
use crate::{
    engine::{
        Engine,
        work::{Answer, Done, Outgoing},
    },
    messages::{Misunderstood, NoList, NoListRefused},
};

/// The most questions on their way to one host: such an agent answers one after the other.
const FLYING: usize = 4;
/// What the agent answers when a server returns its answer of type `ignore` to it: ejabberd does.
const NO_REQUEST: &str = "-42";

impl Question {
    fn request(self) -> Request {
        match self {
            Self::Machines => Request::HypervisorControl(hypervisor_control::Action::RosterVm),
            Self::Health => Request::Health(health::Action::Info),
            Self::Machine(_) => Request::VmControl(vm_control::Action::Info),
        }
    }
}

impl Original {
    /// The next question and whom to ask.
    fn next(&mut self) -> Option<(Question, FullJid)> {
        while self.flying < FLYING {
            let question = self.waiting.pop_front()?;
            let to = match question {
                Question::Machines | Question::Health => Some(self.to.clone()),
                // It may have left since.
                Question::Machine(vm) => self.book.jid(vm).cloned(),
            };
            if let Some(to) = to {
                self.flying += 1;
                return Some((question, to));
            }
        }
        None
    }
}

impl Engine {
    pub(super) fn ask_waiting(&mut self, id: &HypervisorId) {
        while let Some((question, to)) = self.original_mut(id).and_then(Original::next) {
            let outgoing = self.plain_question(id, &to, question);
            let Some(epoch) = self.original(id).map(|original| original.epoch.clone()) else {
                return;
            };
            let (hypervisor, questions) = (id.clone(), self.questions.clone());
            self.start(async move {
                let _turn = questions.acquire_owned().await;
                let answer = outgoing.send().await;
                Done::Original {
                    asked: (hypervisor, epoch),
                    question,
                    answer,
                }
            });
        }
    }

    fn plain_question(&self, id: &HypervisorId, to: &FullJid, question: Question) -> Outgoing {
        let payload = Command::new(question.request()).to_element();
        let mut outgoing = self.outgoing(id, to.clone(), (IqKind::Get, payload));
        if matches!(question, Question::Machine(_)) {
            outgoing.deadline = self.settings.pace.machine;
        }
        outgoing
    }

    /// An answer; one of an earlier conversation is dropped.
    pub(in crate::engine) fn original_came(
        &mut self,
        (id, epoch): &(HypervisorId, Epoch),
        question: Question,
        answer: Answer,
    ) {
        let current = |original: &&mut Original| original.epoch == *epoch;
        let Some(original) = self.original_mut(id).filter(current) else {
            return;
        };
        original.flying -= 1;
        let reply = reply(&question.request(), answer);
        match question {
            Question::Machines => self.machines_came(id, reply),
            Question::Health => self.health_came(id, reply),
            Question::Machine(vm) => self.machine_came(id, vm, reply),
        }
        self.go_on(id);
    }

    fn machines_came(&mut self, id: &HypervisorId, reply: Result<Reply, String>) {
        match reply {
            Ok(Reply::HypervisorControl(hypervisor_control::Reply::Roster(items))) => {
                self.take_list(id, items);
            }
            Ok(_) => {}
            Err(why) => self.fail_original(id, why),
        }
    }

    fn take_list(&mut self, id: &HypervisorId, items: Vec<RosterItem>) {
        let Some(original) = self.original_mut(id) else {
            return;
        };
        original.listed = true;
        let gone = original.book.list(id, items);
        for vm in original.book.due(original.round) {
            original.want(Question::Machine(vm));
        }
        let all: Vec<(VmId, FullJid)> = original
            .book
            .jids()
            .map(|(vm, jid)| (vm, jid.clone()))
            .collect();
        self.recall_presence(id, &all);
        self.tell_listed(id, gone);
        self.listen(id);
    }

    /// What a machine said before its hypervisor named it counts from now on.
    fn recall_presence(&mut self, id: &HypervisorId, all: &[(VmId, FullJid)]) {
        for (vm, jid) in all {
            if let Some(state) = self.said.remove(jid)
                && let Some(original) = self.original_mut(id)
            {
                original.book.said(*vm, state);
            }
        }
    }

    fn tell_listed(&mut self, id: &HypervisorId, gone: Vec<VmId>) {
        let Some(original) = self.original_mut(id).filter(|original| original.told) else {
            return;
        };
        let mut rows: Vec<Row> = gone.into_iter().map(Row::Gone).collect();
        let names: Vec<VmId> = original.book.ids().collect();
        rows.extend(names.into_iter().flat_map(|vm| original.rows_of(vm)));
        self.tell_rows(id, rows);
    }

    fn health_came(&mut self, id: &HypervisorId, reply: Result<Reply, String>) {
        match reply {
            Ok(Reply::Health(health::Reply::Info(info))) => {
                let Some(original) = self.original_mut(id) else {
                    return;
                };
                original.facts.set_health(*info);
                let rows = original.facts.rows();
                self.tell_rows(id, rows);
            }
            Ok(_) => {}
            // Its figures stay unknown; its machines do not depend on them.
            Err(why) => tracing::debug!(hypervisor = %id, %why, "no health"),
        }
    }

    fn machine_came(&mut self, id: &HypervisorId, vm: VmId, reply: Result<Reply, String>) {
        let Some(original) = self.original_mut(id) else {
            return;
        };
        match reply {
            Ok(Reply::VmControl(vm_control::Reply::Info(info))) => original.book.answered(vm, info),
            Ok(_) => {}
            Err(why) => {
                tracing::debug!(hypervisor = %id, %vm, %why, "no answer of a machine");
                original.book.missed(vm);
            }
        }
        let rows = original.rows_of(vm);
        self.tell_rows(id, rows);
    }

    /// A machine says by itself what it does.
    pub(super) fn machine_said(&mut self, id: &HypervisorId, vm: VmId, state: VmState) {
        let Some(original) = self.original_mut(id) else {
            return;
        };
        original.book.said(vm, state);
        let rows = original.rows_of(vm);
        self.tell_rows(id, rows);
    }

    /// Something says that a question is worth asking now.
    pub(in crate::engine) fn ask_sooner(&mut self, id: &HypervisorId, question: Question) {
        if let Some(original) = self.original_mut(id) {
            original.want(question);
            self.go_on(id);
        }
    }
}

fn reply(request: &Request, answer: Answer) -> Result<Reply, String> {
    let iq = sound(request, answer).map_err(|error| match error {
        RequestError::Refused(iq) => NoListRefused(&Failure::parse(&iq)).to_string(),
        error => NoList(&error).to_string(),
    })?;
    match Told::parse(request, &iq) {
        Ok(Told::Done(reply)) => Ok(reply),
        Ok(Told::Refused(failure)) => Err(NoListRefused(&failure).to_string()),
        Err(why) => Err(Misunderstood(&why).to_string()),
    }
}

/// The answer in the form that it should have had: an answer of type `ignore` is an empty one, also where the server returned it to
/// the agent, which then refuses its own answer; two `<query/>` become one.
pub(super) fn sound(request: &Request, answer: Answer) -> Answer {
    let empty = || {
        let query = archipel_protocol::envelope::answer(request, Vec::new(), None);
        Iq {
            kind: IqKind::Result,
            ..Iq::request(IqKind::Get, None, query)
        }
    };
    let is_info = *request == Request::VmControl(vm_control::Action::Info);
    match answer {
        Ok(iq) => Ok(Iq {
            payloads: vec![body(&iq)],
            ..iq
        }),
        Err(RequestError::Ignored) => Ok(empty()),
        Err(RequestError::Refused(iq)) if is_info && code(&iq) == Some(NO_REQUEST) => Ok(empty()),
        Err(error) => Err(error),
    }
}

fn code(iq: &Iq) -> Option<&str> {
    iq.error()?.attr("code")
}
