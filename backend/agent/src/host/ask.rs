//! From a request to its answer: who asks, may they, which module, what comes back.

use archipel_bus::{SendError, Session};
use archipel_protocol::{
    BareJid, Command, Element, Failure, FullJid, Iq, IqKind, Jid, ParseError, Request, Stanza,
    VmId,
    audit::Outcome,
    envelope::{self, Head},
    events::Severity,
    failure::{Asked, FailureKind},
    migration::{self, HostAction},
    ns,
    text::clean_line,
    vm_definition,
};

use super::{Done, Host, JOBS, Via, wish::Asker};
use crate::{
    access::Target,
    entity::{self, Kind},
    eventlog::Fact,
    messages::Refusal,
    modules::{self, Answer, Call, Family, Reply},
};

/// The longest request that a refusal repeats, in bytes.
const REPEATED: usize = 4 * 1024;
/// The longest name that a refusal repeats, in characters.
const SHOWN: usize = 60;
/// The code of a refusal that belongs to no action.
const NO_ACTION: i32 = -42;

/// The failure of a request that does not say what it should.
pub(crate) fn malformed(error: &ParseError) -> Failure {
    let field = match error {
        ParseError::Invalid { field, .. } => (*field).to_owned(),
        ParseError::MissingAttribute { attribute, .. } => (*attribute).to_owned(),
        ParseError::MissingChild { child, .. } => (*child).to_owned(),
        ParseError::WrongElement { .. } => "query".to_owned(),
        ParseError::Unknown { .. } => {
            return Failure::new(FailureKind::Unsupported, error.to_string());
        }
    };
    Failure::new(FailureKind::Invalid { field }, error.to_string())
}

/// How the payload of a success is sent, and what a refusal repeats.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// As a `<query/>` of the Archipel wire.
    Query(Box<Command>),
    /// As it is.
    Plain { namespace: String, name: String },
    /// The request was too malformed to tell.
    Nothing,
}

impl Shape {
    /// The payload of the answer, or its error.
    pub(super) fn element(&self, reply: Reply) -> Result<Option<Element>, Element> {
        match reply {
            Ok(payload) => Ok(self.success(payload)),
            Err(failure) => Err(self.failure(&failure)),
        }
    }

    fn success(&self, payload: Vec<Element>) -> Option<Element> {
        match self {
            Self::Query(command) => {
                let operation = command.operation.as_ref().map(|operation| &operation.id);
                Some(envelope::answer(&command.request, payload, operation))
            }
            Self::Plain { .. } | Self::Nothing => payload.into_iter().next(),
        }
    }

    fn failure(&self, failure: &Failure) -> Element {
        match self {
            Self::Query(command) => failure.to_element(Some(Asked {
                namespace: command.request.namespace(),
                action: command.request.action(),
                code: command.request.failure_code(),
            })),
            Self::Plain { namespace, name } => failure.to_element(Some(Asked {
                namespace,
                action: name,
                code: NO_ACTION,
            })),
            Self::Nothing => failure.to_element(None),
        }
    }
}

/// The answer to `iq`.
pub(super) fn answer(iq: &Iq, element: Result<Option<Element>, Element>) -> Iq {
    match element {
        Ok(payload) => iq.result(payload),
        Err(error) => refusal(iq, error),
    }
}

/// A refusal repeats its request (RFC 6120, 8.3.1), unless that is somebody's attempt to make it travel twice, or a password is in it.
fn refusal(iq: &Iq, error: Element) -> Iq {
    let unfit = |payload: &Element| {
        let text = String::from(payload);
        text.len() > REPEATED || migration::may_hold_account(&text)
    };
    if iq.payloads.iter().any(unfit) {
        let bare = Iq {
            payloads: Vec::new(),
            ..iq.clone()
        };
        return bare.refusal(error);
    }
    iq.refusal(error)
}

impl Host {
    /// Answers a request that came in through any session of this agent.
    pub(super) fn asked(&mut self, via: Via, iq: Iq) {
        if !iq.kind.is_request() {
            return;
        }
        let Some(payload) = iq.payload().cloned() else {
            return self.reply(&via, &iq, &Shape::Nothing, Refusal::Empty.into_reply());
        };
        let kind = via.vm.map_or(Kind::Hypervisor, |_| Kind::Machine);
        if payload.is("command", ns::COMMANDS) {
            return self.ad_hoc(&via, &iq, &payload);
        }
        if let Some(reply) = self.usual_question(&via, &iq, &payload) {
            return self.reply(&via, &iq, &plain(&payload), reply);
        }
        if let Some(answered) = entity::answer(kind, &payload, self.state.clock.now()) {
            let reply = answered.map(|element| vec![element]);
            return self.reply(&via, &iq, &plain(&payload), reply);
        }
        if modules::family(&payload.ns()).is_some() {
            return self.command(via, iq, &payload);
        }
        self.question(&via, iq, &payload);
    }

    /// Refuses a request that nobody will look at any more.
    pub(super) fn refuse_late(&mut self, via: &Via, iq: &Iq) {
        if iq.kind.is_request() {
            self.reply(via, iq, &Shape::Nothing, Refusal::Stops.into_reply());
        }
    }

    /// A request of a wire with elements of its own: only the hypervisor answers those.
    fn question(&mut self, via: &Via, iq: Iq, payload: &Element) {
        let shape = plain(payload);
        let answer = match self.allowed_question(via, &iq, payload) {
            Ok((question, who)) => {
                let answer = (question.run)(self, &who, payload);
                self.denied_by(&answer, &who.to_bare(), question.name, None);
                answer
            }
            Err(failure) => Answer::Now(Err(failure)),
        };
        self.follow(via, iq, shape, answer);
    }

    fn allowed_question(
        &mut self,
        via: &Via,
        iq: &Iq,
        payload: &Element,
    ) -> Result<(&'static modules::Question, FullJid), Failure> {
        let question = modules::question(payload).filter(|_| via.vm.is_none());
        let question = question.ok_or_else(|| unknown(payload))?;
        let who = requester(iq);
        let target = if question.filtered {
            Target::Anything
        } else {
            Target::Host
        };
        let (access, now) = (&self.state.access, self.state.clock.now());
        let checked = access.check(
            who.as_ref(),
            question.permission,
            question.name,
            target,
            now,
        );
        self.denied(who.as_ref(), question.name, None, &checked);
        checked?;
        if question.is_change && iq.kind != IqKind::Set {
            return Err(Refusal::NotASet(question.name).into());
        }
        let full = iq.from.clone().map(Jid::try_into_full);
        let full = full.and_then(Result::ok).ok_or(Refusal::NoFullAddress)?;
        Ok((question, full))
    }

    /// A request of the Archipel wire.
    pub(super) fn command(&mut self, via: Via, iq: Iq, query: &Element) {
        match self.allowed(&via, &iq, query) {
            Ok(call) => {
                let shape = Shape::Query(Box::new(call.command.clone()));
                let answer = self.run_action(&iq, &call);
                let (action, vm) = (call.command.request.action(), call.command.vm);
                self.denied_by(&answer, &call.who, action, vm);
                match answer {
                    Answer::Change(change) => self.change(via, iq, call, *change),
                    Answer::Copy(change, copied) => self.copy(via, iq, call, (*change, copied)),
                    answer => self.follow(&via, iq, shape, answer),
                }
            }
            Err(refused) => self.reply(&via, &iq, &refused.shape, Err(refused.failure)),
        }
    }

    fn run_action(&mut self, iq: &Iq, call: &Call) -> Answer {
        let request = &call.command.request;
        if request.is_change() && iq.kind != IqKind::Set && !comes_as_get(request) {
            return Answer::Now(Refusal::NotASet(request.action()).into_reply());
        }
        match modules::action(request.namespace(), request.action()) {
            Some(action) => (action.run)(self, call),
            None => Answer::Now(Err(call.unknown())),
        }
    }

    /// Looks again at a change that waited for others: its requester may have lost the right meanwhile, or the machine may be protected.
    pub(super) fn again(&mut self, via: &Via, iq: &Iq) -> Result<(), Failure> {
        let query = iq.payload().cloned().ok_or(Refusal::Empty)?;
        let call = self.allowed(via, iq, &query);
        let call = call.map_err(|refused| refused.failure)?;
        match self.run_action(iq, &call) {
            Answer::Now(Err(failure)) => Err(failure),
            _ => Ok(()),
        }
    }

    /// The permission is checked before anything else is looked at: a stranger learns nothing from what is wrong with a request.
    fn allowed(&mut self, via: &Via, iq: &Iq, query: &Element) -> Result<Call, Refused> {
        let head =
            Head::parse(query).map_err(|error| Refused::new(Shape::Nothing, malformed(&error)))?;
        let shape = Shape::Plain {
            namespace: head.namespace.clone(),
            name: head.action.clone(),
        };
        let refuse = |failure: Failure| Refused::new(shape.clone(), failure);
        let family =
            modules::family(&head.namespace).ok_or_else(|| refuse(unknown(query).into()))?;
        let who = requester(iq);
        let checked = self.check(family, &head, who.as_ref(), via);
        self.denied(who.as_ref(), &head.action, via.vm.or(head.vm), &checked);
        checked.map_err(refuse)?;
        let mut command = Command::parse(query).map_err(|error| refuse(malformed(&error)))?;
        command.vm = address(via, family, &command).map_err(|why| refuse(why.into()))?;
        // Whoever was let in has an address, but for what everybody may ask.
        let who = who.ok_or_else(|| refuse(Refusal::NoFullAddress.into()))?;
        for id in modules::named(&command.request).map_err(&refuse)? {
            let checked = self.check_named(family, &head, &who, id);
            self.denied(Some(&who), &head.action, Some(id), &checked);
            checked.map_err(&refuse)?;
        }
        let from = iq.from.as_ref();
        let resource = from.and_then(|from| from.resource().map(ToString::to_string));
        Ok(Call {
            command,
            who,
            resource,
        })
    }

    /// A right to some machine let the request in: it must be one to each that it names.
    fn check_named(
        &self,
        family: &Family,
        head: &Head,
        who: &BareJid,
        id: VmId,
    ) -> Result<(), Failure> {
        let permission = family.permission(&head.action);
        let target = self.state.target(Some(id));
        let (access, now) = (&self.state.access, self.state.clock.now());
        access.check(Some(who), &permission, &head.action, target, now)
    }

    fn check(
        &self,
        family: &Family,
        head: &Head,
        who: Option<&BareJid>,
        via: &Via,
    ) -> Result<(), Failure> {
        let permission = family.permission(&head.action);
        let permission = permission.as_ref();
        let target = match via.vm.or(head.vm) {
            None if family.filtered.contains(&head.action.as_str()) => Target::Anything,
            vm => self.state.target(vm),
        };
        let (access, now) = (&self.state.access, self.state.clock.now());
        access.check(who, permission, &head.action, target, now)
    }

    /// Denials are part of the log and of the audit.
    pub(super) fn denied(
        &mut self,
        who: Option<&BareJid>,
        action: &str,
        vm: Option<VmId>,
        checked: &Result<(), Failure>,
    ) {
        if checked.is_ok() {
            return;
        }
        let vm = vm.filter(|id| self.state.machines.get(*id).is_some());
        let fact = Fact {
            vm,
            name: vm.map(|id| self.state.name(id)).unwrap_or_default(),
            what: "denied",
            by: who.cloned(),
            text: clean_line(action, SHOWN),
            severity: Severity::Warning,
            verb: modules::verb_of_action(action),
            audited: Some((clean_line(action, SHOWN), Outcome::Denied)),
        };
        self.note_denial(fact);
    }

    /// What a module itself refuses by right: a guarded tag, rights that are not the giver's own.
    fn denied_by(&mut self, answer: &Answer, who: &BareJid, action: &str, vm: Option<VmId>) {
        if let Answer::Now(Err(failure)) = answer
            && failure.kind == FailureKind::Forbidden
        {
            self.denied(Some(who), action, vm, &Err(failure.clone()));
        }
    }

    /// Brings an answer on its way; changes are [`Host::change`]'s.
    fn follow(&mut self, via: &Via, iq: Iq, shape: Shape, answer: Answer) {
        match answer {
            Answer::Now(reply) => self.reply(via, &iq, &shape, reply),
            Answer::Later(_) if self.is_overloaded() => {
                self.reply(via, &iq, &shape, Refusal::Overloaded(JOBS).into_reply());
            }
            Answer::Later(later) => {
                let via = via.clone();
                self.jobs.spawn(async move {
                    let reply = later.await;
                    via.answer(self::answer(&iq, shape.element(reply))).await;
                    Done::Answered
                });
            }
            Answer::Policy(wish) => self.change_policy(Asker::new(via, iq, shape), *wish),
            Answer::Tags(wish) => self.change_tags(Asker::new(via, iq, shape), *wish),
            Answer::Picture(wish) => self.change_picture(Asker::new(via, iq, shape), *wish),
            Answer::Change(_) | Answer::Copy(..) => {}
        }
    }

    pub(super) fn is_overloaded(&self) -> bool {
        self.jobs.len() >= JOBS
    }

    /// Sends a stanza, where the way is full as soon as it is not.
    pub(super) fn deliver(&mut self, session: &Session, stanza: impl Into<Stanza>) {
        let stanza = stanza.into();
        if session.try_send(stanza.clone()) != Err(SendError::Full) {
            return;
        }
        if self.is_overloaded() {
            tracing::warn!("a stanza was dropped: the bus takes them too slowly");
            return;
        }
        let session = session.clone();
        self.jobs.spawn(async move {
            // A session that is over says so itself.
            let _ = session.send(stanza).await;
            Done::Answered
        });
    }

    pub(super) fn reply(&mut self, via: &Via, iq: &Iq, shape: &Shape, reply: Reply) {
        self.answer_through(via, answer(iq, shape.element(reply)));
    }

    /// Answers, where the way is full as soon as it is not.
    pub(super) fn answer_through(&mut self, via: &Via, answer: Iq) {
        let Some(answer) = via.try_answer(answer) else {
            return;
        };
        if self.is_overloaded() {
            tracing::warn!("an answer was dropped: the bus takes stanzas too slowly");
            return;
        }
        let via = via.clone();
        self.jobs.spawn(async move {
            via.answer(answer).await;
            Done::Answered
        });
    }
}

/// A request that is not carried out.
struct Refused {
    shape: Shape,
    failure: Failure,
}

impl Refused {
    fn new(shape: Shape, failure: Failure) -> Self {
        Self { shape, failure }
    }
}

/// The original's client, and of machines that arrive the original's agent, send these changes as `get`.
fn comes_as_get(request: &Request) -> bool {
    matches!(
        request,
        Request::VmDefinition(
            vm_definition::Action::Define { .. } | vm_definition::Action::Undefine
        ) | Request::MigrationTarget(HostAction::Accept { .. })
    )
}

/// Who asks: the resource does not matter.
pub(super) fn requester(iq: &Iq) -> Option<BareJid> {
    iq.from.as_ref().map(Jid::to_bare)
}

pub(super) fn plain(payload: &Element) -> Shape {
    Shape::Plain {
        namespace: payload.ns(),
        name: payload.name().to_owned(),
    }
}

fn unknown(payload: &Element) -> Refusal {
    let shown = |text: &str| clean_line(text, SHOWN);
    Refusal::UnknownElement {
        name: shown(payload.name()),
        namespace: shown(&payload.ns()),
    }
}

/// Whether a request to the hypervisor is about this machine and no other, so that the machine may be asked as well.
fn is_about(command: &Command, vm: VmId) -> bool {
    let is_of_machines = matches!(command.request, Request::Machines(_));
    let names_others = !matches!(modules::named(&command.request).as_deref(), Ok([]));
    is_of_machines && command.vm == Some(vm) && !names_others
}

/// The machine that a request is for: that of the session through which it came, or the one it names.
fn address(via: &Via, family: &Family, command: &Command) -> Result<Option<VmId>, Refusal> {
    match (via.vm, command.vm) {
        (Some(own), _) if !family.of_machines && !is_about(command, own) => {
            Err(Refusal::AskHypervisor)
        }
        (Some(own), Some(named)) if own != named => Err(Refusal::OtherMachine),
        (own, named) => Ok(own.or(named)),
    }
}
