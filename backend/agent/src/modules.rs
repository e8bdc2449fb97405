//! The capabilities of the agent. Each module is a folder; adding one means a folder and a line in [`MODULES`].
//!
//! A handler is called after the permission check, gets what was asked as types, and says how it is answered: at once from what the
//! agent knows, later from libvirt or the store, or by a change, which is journalled, carried out once and logged
//! ([`crate::host`]).

mod audit;
mod avatar;
mod fleet;
mod health;
mod hypervisor_control;
mod making;
mod permissions;
mod rights;
mod roster;
mod subscription;
mod tags;
mod vm_control;
mod vm_definition;

use std::borrow::Cow;

use archipel_hypervisor::{Domain, Driver, DriverError};
use archipel_language::{Permission, Risk, Verb, WireAction, verb::VERBS};
use archipel_protocol::{
    ActionRow, BareJid, Command, Element, Failure, FullJid, Jid, Request, VmId,
    machines::Action as Machines,
};
use futures::future::BoxFuture;

use crate::{
    access::{Policy, PolicyChange},
    card::Organisation,
    host::{Host, PictureWish, PolicyWish, TagsWish},
    messages::Refusal,
};

pub(crate) use making::Making;

/// One capability.
pub(crate) struct Module {
    /// Its name, for people.
    name: &'static str,
    /// What it adds to service discovery.
    features: &'static [&'static str],
    /// Its namespaces on the Archipel wire.
    families: &'static [Family],
    /// What it answers on the Archipel wire.
    actions: &'static [Action],
    /// What it answers on wires with elements of their own.
    questions: &'static [Question],
}

/// All modules.
static MODULES: &[Module] = &[
    hypervisor_control::MODULE,
    vm_control::MODULE,
    vm_definition::MODULE,
    health::MODULE,
    fleet::MODULE,
    permissions::MODULE,
    rights::MODULE,
    audit::MODULE,
    tags::MODULE,
    avatar::MODULE,
    subscription::MODULE,
    roster::MODULE,
];

/// A namespace of the Archipel wire.
pub(crate) struct Family {
    /// The namespace.
    pub(crate) namespace: &'static str,
    /// The permission for an action is this and the action's name, but for [`Family::own`].
    pub(crate) prefix: &'static str,
    /// Whether machines speak it.
    pub(crate) of_machines: bool,
    /// Actions on the hypervisor for which a right to any machine is enough to ask: their answers hold only what the requester may
    /// know, or the machines that they name ([`named`]) or make ([`crate::access::Planned`]) are looked at one by one.
    pub(crate) filtered: &'static [&'static str],
    /// Actions that need no permission, because they are about the requester.
    pub(crate) own: &'static [&'static str],
}

impl Family {
    /// The permission for an action.
    pub(crate) fn permission(&self, action: &str) -> Cow<'static, str> {
        if self.own.contains(&action) {
            return Permission::NONE.0.into();
        }
        row(self.namespace, action).map_or_else(
            || format!("{}{action}", self.prefix).into(),
            |row| row.permission.into(),
        )
    }
}

/// An action of the Archipel wire.
pub(crate) struct Action {
    /// The namespace.
    pub(crate) namespace: &'static str,
    /// The action.
    pub(crate) word: &'static str,
    /// Answers it.
    pub(crate) run: fn(&mut Host, &Call) -> Answer,
}

/// A request that is an element of its own.
pub(crate) struct Question {
    /// The element's namespace.
    pub(crate) namespace: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// What the requester must hold.
    pub(crate) permission: &'static str,
    /// Whether the answer holds only what the requester may know: a right to any machine is enough to ask.
    pub(crate) filtered: bool,
    /// Whether it changes something.
    pub(crate) is_change: bool,
    /// Answers it with one element.
    pub(crate) run: fn(&mut Host, &FullJid, &Element) -> Answer,
}

/// An allowed request.
#[derive(Debug)]
pub(crate) struct Call {
    /// What is asked; `vm` is the machine however it was addressed.
    pub(crate) command: Command,
    /// Who asks.
    pub(crate) who: BareJid,
    /// The resource from which they ask.
    pub(crate) resource: Option<String>,
}

impl Call {
    /// The machine that is addressed.
    pub(crate) fn vm(&self) -> Result<VmId, Failure> {
        Ok(self.command.vm.ok_or(Refusal::WhichMachine)?)
    }

    /// The machines that a request to the hypervisor is about, each once.
    pub(crate) fn machines(&self) -> Result<Vec<VmId>, Failure> {
        let mut all: Vec<VmId> = self.command.vm.into_iter().collect();
        for id in named(&self.command.request)? {
            if !all.contains(&id) {
                all.push(id);
            }
        }
        Ok(all)
    }

    /// The refusal of an action that has no handler.
    pub(crate) fn unknown(&self) -> Failure {
        Refusal::UnknownAction(self.command.request.action().to_owned()).into()
    }
}

/// The payload of a success.
pub(crate) type Reply = Result<Vec<Element>, Failure>;

/// How a request is answered.
pub(crate) enum Answer {
    /// With this.
    Now(Reply),
    /// When this is done.
    Later(BoxFuture<'static, Reply>),
    /// By changing something.
    Change(Box<Change>),
    /// By a change that may take as long as a disk is large.
    Copy(Box<Change>, Copied),
    /// By changing who may do what.
    Policy(Box<PolicyWish>),
    /// By setting tags.
    Tags(Box<TagsWish>),
    /// By showing a picture.
    Picture(Box<PictureWish>),
}

/// A machine whose disks are copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) of: VmId,
    /// What its copy is called.
    pub(crate) name: String,
}

impl Answer {
    /// A change, or the refusal of it.
    pub(crate) fn change(change: Result<Change, Failure>) -> Self {
        match change {
            Ok(change) => Self::Change(Box::new(change)),
            Err(failure) => Self::Now(Err(failure)),
        }
    }
}

/// What is to be done with the driver.
pub(crate) type Act = Box<dyn FnOnce(&dyn Driver) -> Result<Outcome, Stop> + Send>;

/// What came of a change.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The payload of the answer.
    pub(crate) payload: Vec<Element>,
    /// What the agent is to know from now on.
    pub(crate) notes: Vec<Note>,
}

impl Outcome {
    /// An answer of elements.
    pub(crate) fn of(payload: Vec<Element>) -> Self {
        Self {
            payload,
            notes: Vec::new(),
        }
    }

    /// An empty answer, and something to know.
    pub(crate) fn noted(note: Note) -> Self {
        Self {
            payload: Vec::new(),
            notes: vec![note],
        }
    }
}

/// What the agent knows from the end of a change on. The store knows it already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// Whether the machine is protected.
    Protected(VmId, bool),
    /// The machine's name.
    Named(VmId, String),
    /// The agent looks after the machine, under this name.
    Managed(VmId, String),
    /// The agent no longer looks after it.
    Released(VmId),
    /// It is gone for good.
    Freed(VmId),
    /// Its tags.
    Tagged(VmId, Vec<String>),
    /// What its card says.
    Described(VmId, Organisation),
    /// The first one's disks build on those of the second.
    Linked(VmId, VmId),
    /// Who may do what, after these changes.
    Granted(Box<Policy>, Vec<PolicyChange>),
    /// The original's clients are told of the host: family and change.
    Push(&'static str, &'static str),
    /// They are told of the machine.
    PushOf(VmId, &'static str, &'static str),
    /// Something more for the event log.
    Remark(String),
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The driver refused, or failed.
    Driver(DriverError),
    /// The agent did.
    Refused(Failure),
}

impl From<DriverError> for Stop {
    fn from(error: DriverError) -> Self {
        Self::Driver(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

/// A change of a machine.
pub(crate) struct Change {
    /// Which machine.
    pub(crate) vm: VmId,
    /// What is done to it, for people: `start`.
    pub(crate) verb: &'static str,
    /// Does it.
    pub(crate) act: Act,
    /// What would have been answered, if the machine is as the change would have left it; `None` where that cannot be told. Decides
    /// about an operation that was begun and whose end is not known.
    pub(crate) settled: fn(&Domain) -> Option<Vec<Element>>,
}

/// The namespaces of all modules.
pub(crate) fn features() -> impl Iterator<Item = &'static str> {
    MODULES
        .iter()
        .flat_map(|module| module.features.iter().copied())
}

/// The namespaces that machines answer to.
pub(crate) fn features_of_machines() -> impl Iterator<Item = &'static str> {
    let families = MODULES.iter().flat_map(|module| module.families);
    families
        .filter(|family| family.of_machines)
        .map(|family| family.namespace)
}

/// The family of a namespace.
pub(crate) fn family(namespace: &str) -> Option<&'static Family> {
    let mut all = MODULES.iter().flat_map(|module| module.families);
    all.find(|family| family.namespace == namespace)
}

/// The handler of an action.
pub(crate) fn action(namespace: &str, word: &str) -> Option<&'static Action> {
    let mut all = MODULES.iter().flat_map(|module| module.actions);
    all.find(|action| action.namespace == namespace && action.word == word)
}

/// An action as it stands in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Listed {
    pub(crate) namespace: &'static str,
    pub(crate) action: &'static str,
    /// What answers it: `hypervisor` or `vm`.
    pub(crate) entity: &'static str,
    /// Empty where everybody may ask about themselves.
    pub(crate) permission: &'static str,
    pub(crate) module: &'static str,
    /// `safe`, `disruptive` or `destructive`.
    pub(crate) risk: &'static str,
}

/// Every action that this build answers.
pub(crate) fn listed() -> Vec<Listed> {
    let list = |module: &'static Module| {
        let all = module.actions.iter();
        all.filter_map(move |action| listed_one(module, action))
    };
    MODULES.iter().flat_map(list).collect()
}

fn listed_one(module: &'static Module, action: &Action) -> Option<Listed> {
    let row = row(action.namespace, action.word)?;
    let family = family(action.namespace)?;
    let is_own = family.own.contains(&action.word);
    let verb = VERBS
        .iter()
        .find(|verb| verb.wire.words() == Some((action.namespace, action.word)));
    let risk = match verb.map(|verb| verb.risk) {
        Some(Risk::Destructive) => "destructive",
        Some(Risk::Disruptive) => "disruptive",
        None if row.is_change => "disruptive",
        Some(Risk::Safe) | None => "safe",
    };
    Some(Listed {
        namespace: action.namespace,
        action: action.word,
        entity: if family.of_machines {
            "vm"
        } else {
            "hypervisor"
        },
        permission: if is_own { "" } else { row.permission },
        module: module.name,
        risk,
    })
}

/// The id of the verb that means a request, where there is one.
pub(crate) fn verb_of(request: &Request) -> Option<String> {
    let mut all = VERBS.iter();
    let exact = all.find(|verb| match (verb.wire, request) {
        (WireAction::Vm(action), Request::VmControl(asked)) => action == *asked,
        _ => false,
    });
    let exact = exact.map(|verb| verb.id.0.to_owned());
    exact.or_else(|| verb_of_action(request.action()))
}

/// The id of the first verb that is said with this action.
pub(crate) fn verb_of_action(action: &str) -> Option<String> {
    let said = |verb: &&Verb| verb.wire.words().is_some_and(|(_, word)| word == action);
    VERBS.iter().find(said).map(|verb| verb.id.0.to_owned())
}

/// The action as the wire's table has it.
fn row(namespace: &str, word: &str) -> Option<&'static ActionRow> {
    let known = Request::TABLE
        .iter()
        .filter(|known| known.namespace == namespace);
    let mut rows = known.flat_map(|known| known.actions);
    rows.find(|row| row.word == word)
}

/// The machines that a request to the hypervisor names besides the one that it is for: the requester needs the right to each.
pub(crate) fn named(request: &Request) -> Result<Vec<VmId>, Failure> {
    let Request::Machines(action) = request else {
        return Ok(Vec::new());
    };
    match action {
        Machines::Alloc { .. } | Machines::Clone { jid: None, .. } => Ok(Vec::new()),
        Machines::Free { jid, .. } | Machines::Clone { jid: Some(jid), .. } => {
            machine_of(jid).map(|id| vec![id])
        }
        Machines::Manage { machines } | Machines::Unmanage { machines } => machines
            .iter()
            .map(|target| machine_of(&target.jid))
            .collect(),
        Machines::SetOrgInfo { target, .. } => Ok(vec![*target]),
    }
}

/// Only the part before `@` counts.
fn machine_of(jid: &Jid) -> Result<VmId, Failure> {
    let node = jid.node().and_then(|node| node.as_str().parse().ok());
    Ok(node.ok_or_else(|| Refusal::NoMachineAddress(jid.to_string()))?)
}

/// The handler of an element.
pub(crate) fn question(element: &Element) -> Option<&'static Question> {
    let mut all = MODULES.iter().flat_map(|module| module.questions);
    all.find(|question| element.is(question.name, question.namespace))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use archipel_language::permission;

    use super::*;

    #[test]
    fn every_action_has_a_family_and_a_permission_in_the_table() {
        for action in MODULES.iter().flat_map(|module| module.actions) {
            let family = family(action.namespace);
            let name = family.unwrap().permission(action.word);
            let known = name.is_empty() || permission::find(&name).is_some();
            assert!(known, "{}", action.word);
        }
        for question in MODULES.iter().flat_map(|module| module.questions) {
            let name = question.permission;
            assert!(
                name.is_empty() || permission::find(name).is_some(),
                "{}",
                question.name
            );
        }
    }

    #[test]
    fn every_action_is_listed() {
        let answered: usize = MODULES.iter().map(|module| module.actions.len()).sum();
        assert_eq!(listed().len(), answered);
    }

    #[test]
    fn every_verb_that_is_said_on_the_wire_is_answered() {
        for (namespace, word) in VERBS.iter().filter_map(|verb| verb.wire.words()) {
            assert!(action(namespace, word).is_some(), "{word}");
        }
    }
}
