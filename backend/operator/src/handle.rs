//! Asking the engine for things.

mod definitions;
mod makers;
mod pictures;
mod rights;

pub use makers::{Card, NewMachine};
pub use pictures::Picture;

use std::time::Duration;

use archipel_bus::Session;
use archipel_fleet::{Look, Plan, Range, RunId, Stamped, VmRef};
use archipel_protocol::{
    BareJid, Command as Request, Element, FullJid, HypervisorId, Iq, IqKind, OperationId,
    ParseError, Reply, Request as Question, VmId, audit, events, operation::Operation, vm_control,
};
use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    command::{Ask, Command, Deed, Follow, Missing, Sync, TrustChange, Wanted},
    engine::{self, Mode},
    error::{OperatorError, StartError},
    settings::Settings,
};

/// What is asked of the engine and not taken yet. A person cannot fill it.
const COMMANDS: usize = 1_024;
/// How long a change that is asked for once stays valid.
const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Events that wait for the consumer inside the channel.
const EVENTS: usize = 1_024;

/// Who the operator is on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whoami {
    /// The profile.
    pub profile: String,
    /// The account.
    pub account: BareJid,
    /// The server that has the account.
    pub server: String,
    /// The full address, while there is a session.
    pub jid: Option<FullJid>,
}

/// A handle to the engine; clones speak to the same one. When the last is dropped the engine ends as by [`Handle::stop`].
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    session: Session,
    profile: String,
    account: BareJid,
}

/// Starts the engine for the screen: it fetches the roster, announces itself and watches all trusted hypervisors.
///
/// Must be called inside a tokio runtime. The receiver must be read: while it is full, the engine reads nothing from the bus.
pub fn start(settings: Settings) -> Result<(Handle, mpsc::Receiver<Stamped>), StartError> {
    start_in(settings, Mode::Screen)
}

pub(crate) fn start_in(
    settings: Settings,
    mode: Mode,
) -> Result<(Handle, mpsc::Receiver<Stamped>), StartError> {
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (sender, receiver) = mpsc::channel(EVENTS);
    let profile = settings.profile.name.to_string();
    let account = settings.profile.jid.clone();
    let session = engine::spawn(settings, mode, inbox, sender)?;
    let handle = Handle {
        commands,
        session,
        profile,
        account,
    };
    Ok((handle, receiver))
}

impl Handle {
    /// Carries out the steps of a plan that can be done. How they end arrives as events under the number returned.
    pub fn execute(&self, plan: Plan) -> Result<RunId, OperatorError> {
        let run = RunId(rand::random());
        self.tell(Command::Execute(run, plan))?;
        Ok(run)
    }

    /// Says what is looked at: of its machines the figures are wanted, of no others.
    pub fn look(&self, look: Look) {
        self.wish(Command::Look(look));
    }

    /// Asks for the past of all figures of a hypervisor; each arrives as an event.
    pub fn history(&self, hypervisor: HypervisorId, range: Range) {
        self.wish(Command::History(hypervisor, range));
    }

    /// Asks for the newest entries of a hypervisor's log; each arrives as an event.
    pub fn log(&self, hypervisor: HypervisorId) {
        self.wish(Command::Log(hypervisor));
    }

    /// Says whose new log entries are wanted.
    pub fn follow(&self, follow: Follow) {
        self.wish(Command::Follow(follow));
    }

    /// The definition of a machine, as libvirt's XML.
    pub async fn definition(&self, vm: &VmRef) -> Result<String, OperatorError> {
        let answer = self.ask_vm(vm, vm_control::Action::XmlDesc).await?;
        let text = read(&vm.hypervisor, &answer, vm_control::parse_definition)?;
        Ok(text.unwrap_or_default())
    }

    /// The state and figures of a machine; `None` where it has no definition.
    pub async fn info(&self, vm: &VmRef) -> Result<Option<vm_control::Info>, OperatorError> {
        let answer = self.ask_vm(vm, vm_control::Action::Info).await?;
        read(&vm.hypervisor, &answer, vm_control::Info::parse)
    }

    /// Entries of a hypervisor's log.
    pub async fn events(
        &self,
        hypervisor: &HypervisorId,
        query: events::Query,
    ) -> Result<events::Page, OperatorError> {
        let answer = self.ask(hypervisor, query.to_element()).await?;
        read(hypervisor, &answer, events::Page::parse)
    }

    /// Entries of a hypervisor's audit.
    pub async fn audit(
        &self,
        hypervisor: &HypervisorId,
        query: audit::Query,
    ) -> Result<audit::Page, OperatorError> {
        let answer = self.ask(hypervisor, query.to_element()).await?;
        read(hypervisor, &answer, audit::Page::parse)
    }

    /// Trusts a hypervisor, puts it on the roster and asks to see its presence.
    pub async fn add(&self, hypervisor: HypervisorId) -> Result<(), OperatorError> {
        self.change(hypervisor, Deed::Add).await
    }

    /// Trusts a contact as a hypervisor.
    pub async fn trust(&self, hypervisor: HypervisorId) -> Result<(), OperatorError> {
        self.change(hypervisor, Deed::Trust).await
    }

    /// Trusts a hypervisor no longer and takes it off the roster.
    pub async fn remove(&self, hypervisor: HypervisorId) -> Result<(), OperatorError> {
        self.change(hypervisor, Deed::Remove).await
    }

    /// Who the operator is on the bus.
    pub fn whoami(&self) -> Whoami {
        Whoami {
            profile: self.profile.clone(),
            account: self.account.clone(),
            server: self.account.domain().to_string(),
            jid: self.session.bound_jid(),
        }
    }

    /// The session, for what concerns no hypervisor that is there.
    pub(crate) fn bus(&self) -> &Session {
        &self.session
    }

    /// Saves the cache and ends the session. Resolves when both are done.
    pub async fn stop(self) {
        let (reply, done) = oneshot::channel();
        if self.commands.send(Command::Stop(reply)).await.is_ok() {
            // An engine that ended before it answered has stopped too.
            let _ = done.await;
        }
    }

    /// Waits until the states of the hypervisors wanted are current; those that did not make it until `deadline` come back with
    /// the reason.
    pub async fn sync(
        &self,
        wanted: Wanted,
        deadline: Duration,
    ) -> Result<Vec<Missing>, OperatorError> {
        let (reply, answer) = oneshot::channel();
        let until = Instant::now() + deadline;
        self.tell(Command::Sync(Sync {
            wanted,
            until,
            reply,
        }))?;
        answer.await.map_err(|_| OperatorError::Over)?
    }

    async fn change(&self, hypervisor: HypervisorId, deed: Deed) -> Result<(), OperatorError> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Trust(TrustChange {
            hypervisor,
            deed,
            reply,
        }))?;
        answer.await.map_err(|_| OperatorError::Over)?
    }

    async fn ask_vm(&self, vm: &VmRef, action: vm_control::Action) -> Result<Iq, OperatorError> {
        let request = Request::new(Question::VmControl(action)).for_vm(vm.vm);
        self.ask(&vm.hypervisor, request.to_element()).await
    }

    /// Asks a hypervisor something, or a machine through it. A change is an operation that is sent once; where its answer is lost, the
    /// error says so.
    async fn demand(
        &self,
        hypervisor: &HypervisorId,
        vm: Option<VmId>,
        question: Question,
    ) -> Result<Reply, OperatorError> {
        let mut request = Request::new(question);
        request.vm = vm;
        let kind = if request.request.is_change() {
            let id = OperationId::from_random(rand::random());
            request = request.with_operation(Operation::new(id, Timestamp::now(), LIFE));
            IqKind::Set
        } else {
            IqKind::Get
        };
        let payload = request.to_element();
        let answer = self.send(hypervisor, kind, payload).await?;
        read(hypervisor, &answer, |body| {
            request.request.parse_reply(body)
        })
    }

    pub(crate) async fn ask(
        &self,
        hypervisor: &HypervisorId,
        payload: Element,
    ) -> Result<Iq, OperatorError> {
        self.send(hypervisor, IqKind::Get, payload).await
    }

    async fn send(
        &self,
        hypervisor: &HypervisorId,
        kind: IqKind,
        payload: Element,
    ) -> Result<Iq, OperatorError> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Ask(Ask {
            hypervisor: hypervisor.clone(),
            kind,
            payload,
            reply,
        }))?;
        answer.await.map_err(|_| OperatorError::Over)?
    }

    fn tell(&self, command: Command) -> Result<(), OperatorError> {
        self.commands
            .try_send(command)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => OperatorError::Busy,
                mpsc::error::TrySendError::Closed(_) => OperatorError::Over,
            })
    }

    /// A wish without an answer: what cannot be queued would be superseded by the next wish anyway.
    fn wish(&self, command: Command) {
        if let Err(error) = self.tell(command) {
            tracing::debug!(%error, "wish dropped");
        }
    }
}

fn read<T>(
    from: &HypervisorId,
    answer: &Iq,
    parse: impl FnOnce(&Element) -> Result<T, ParseError>,
) -> Result<T, OperatorError> {
    let missing = ParseError::MissingChild {
        parent: "iq",
        child: "query",
    };
    let payload = answer.payload().ok_or(missing);
    payload
        .and_then(parse)
        .map_err(|why| OperatorError::Malformed {
            from: from.to_string(),
            why,
        })
}
