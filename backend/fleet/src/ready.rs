//! Whether a verb can be done to a machine now, and if not, why.

use archipel_language::{Ask, Field, Noun, Record, Value, Verb, WireAction};
use archipel_protocol::{VmState, vm_control::Action};

use crate::{
    event::{WatchState, Wire},
    fleet::Fleet,
    hypervisor::Hypervisor,
    vm::{Vm, VmRef},
};

/// Why a verb cannot be done to a machine now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The verb acts on something else.
    #[error("`{0}` does not act on machines")]
    NotForMachines(&'static str),
    /// The machine is not in the model.
    #[error("no such machine any more")]
    Gone,
    /// The operator's own session is down.
    #[error("not connected to the bus")]
    NotConnected,
    /// The agent is not there.
    #[error("the agent of {hypervisor} is offline")]
    Offline {
        /// Its hypervisor.
        hypervisor: String,
    },
    /// What is known may be out of date.
    #[error("the state is not current: {why}")]
    NotCurrent {
        /// How the watch stands.
        why: String,
    },
    /// The agent has lost its libvirt.
    #[error("{hypervisor} cannot reach its libvirt: {why}")]
    LibvirtLost {
        /// Its hypervisor.
        hypervisor: String,
        /// What the agent says.
        why: String,
    },
    /// The operator may not.
    #[error("you lack the permission `{permission}` on {hypervisor}")]
    Forbidden {
        /// What the agent will ask for.
        permission: &'static str,
        /// Where.
        hypervisor: String,
    },
    /// Another hypervisor claims the same uuid.
    #[error("{others} claims the same uuid")]
    Duplicate {
        /// The other claimants.
        others: String,
    },
    /// The agent only shows the machine.
    #[error("the agent only shows it and does not manage it")]
    Unmanaged,
    /// Its agent does not know such a request.
    #[error("{hypervisor} has an original agent, which does not know `{verb}`")]
    UnknownToOriginal {
        /// Its hypervisor.
        hypervisor: String,
        /// The verb's word.
        verb: &'static str,
    },
    /// Its agent does it already.
    #[error("the agent looks after it already")]
    Managed,
    /// Its state does not allow it.
    #[error("it is {state}, and `{verb}` needs {wanted}")]
    WrongState {
        /// What it does now.
        state: VmState,
        /// The verb's word.
        verb: &'static str,
        /// The states that allow it, in words.
        wanted: &'static str,
    },
    /// It is guarded against that.
    #[error("it is protected: take the protection away first")]
    Protected,
    /// Nothing of its memory is kept.
    #[error("no memory of it is saved")]
    NotSaved,
    /// It has no definition that could be changed.
    #[error("it is transient: nothing of it remains when it stops")]
    Transient,
}

/// Whether `verb` can be done to `vm` now.
pub fn ready(fleet: &Fleet, verb: &Verb, vm: &VmRef) -> Result<(), Reason> {
    if verb.noun != Noun::Vm {
        return Err(Reason::NotForMachines(verb.id.0));
    }
    let row = fleet.vm(vm).ok_or(Reason::Gone)?;
    let hypervisor = fleet.hypervisor(&vm.hypervisor).ok_or(Reason::Gone)?;
    reachable(fleet, hypervisor)?;
    known_to_agent(hypervisor, verb)?;
    permitted(hypervisor, row, verb)?;
    if verb.is_change() {
        unambiguous(fleet, row)?;
        cared_for(row, verb)?;
    }
    allowed_by_state(row, verb)
}

fn reachable(fleet: &Fleet, hypervisor: &Hypervisor) -> Result<(), Reason> {
    if !fleet.link().is_online() {
        return Err(Reason::NotConnected);
    }
    if !hypervisor.reach.is_online() {
        let hypervisor = hypervisor.name.clone();
        return Err(Reason::Offline { hypervisor });
    }
    if !hypervisor.fresh.is_live() {
        let why = not_current(&hypervisor.watch);
        return Err(Reason::NotCurrent { why });
    }
    Ok(())
}

fn not_current(watch: &WatchState) -> String {
    match watch {
        WatchState::Failed(why) => why.clone(),
        _ => "the answer of its hypervisor is awaited".to_owned(),
    }
}

fn permitted(hypervisor: &Hypervisor, vm: &Vm, verb: &Verb) -> Result<(), Reason> {
    let name = || hypervisor.name.clone();
    let Some(row) = &hypervisor.row else {
        let why = not_current(&hypervisor.watch);
        return Err(Reason::NotCurrent { why });
    };
    if let Some(why) = &row.libvirt_lost {
        return Err(Reason::LibvirtLost {
            hypervisor: name(),
            why: why.clone(),
        });
    }
    let permission = verb.permission.0;
    if permission.is_empty()
        || row.rights.allow(permission)
        || allowed_by_scope(hypervisor, vm, permission)
    {
        return Ok(());
    }
    Err(Reason::Forbidden {
        permission,
        hypervisor: name(),
    })
}

fn known_to_agent(hypervisor: &Hypervisor, verb: &Verb) -> Result<(), Reason> {
    if hypervisor.wire == Wire::Fleet || known_to_originals(verb.wire) {
        return Ok(());
    }
    Err(Reason::UnknownToOriginal {
        hypervisor: hypervisor.name.clone(),
        verb: verb.word,
    })
}

/// Whether the original has such a request.
fn known_to_originals(wire: WireAction) -> bool {
    match wire {
        WireAction::Vm(action) => !matches!(
            action,
            Action::Reset
                | Action::Save
                | Action::Restore
                | Action::Discard
                | Action::Protect { .. }
        ),
        WireAction::Ask(ask) => matches!(ask, Ask::Memory | Ask::Vcpus | Ask::Undefine),
        WireAction::Roster => false,
    }
}

/// The agent decides; this is what it will say, as far as its row tells.
fn allowed_by_scope(hypervisor: &Hypervisor, vm: &Vm, permission: &str) -> bool {
    let machine = Scoped {
        hypervisor,
        id: vm.at.vm.to_string(),
        tags: &vm.tags,
    };
    let mut scopes = hypervisor.scopes.iter();
    scopes.any(|(scope, rights)| rights.allow(permission) && scope.holds(&machine))
}

/// A machine as scopes see it.
struct Scoped<'a> {
    hypervisor: &'a Hypervisor,
    id: String,
    tags: &'a [String],
}

impl Record for Scoped<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        match field {
            Field::Id => Value::Text(&self.id),
            Field::Hypervisor => {
                // As its agent knows itself; the roster's name is the operator's affair.
                let names = [self.hypervisor.node(), self.hypervisor.id.jid().as_str()];
                Value::Texts(Box::new(names.into_iter()))
            }
            Field::Tag => Value::Texts(Box::new(self.tags.iter().map(String::as_str))),
            _ => Value::Missing,
        }
    }
}

/// A change must hit the one machine that is meant.
fn unambiguous(fleet: &Fleet, row: &Vm) -> Result<(), Reason> {
    if fleet.is_duplicate(&row.at) {
        let others = fleet.other_claimants(&row.at).join(" and ");
        return Err(Reason::Duplicate { others });
    }
    Ok(())
}

/// A change is made to what the agent looks after, or it is that the agent is to do so.
fn cared_for(row: &Vm, verb: &Verb) -> Result<(), Reason> {
    let is_to_be = verb.wire == WireAction::Ask(Ask::Manage);
    match (row.flags.managed, is_to_be) {
        (true, true) => Err(Reason::Managed),
        (false, false) => Err(Reason::Unmanaged),
        (true, false) | (false, true) => Ok(()),
    }
}

fn allowed_by_state(row: &Vm, verb: &Verb) -> Result<(), Reason> {
    let (allowed, wanted) = match verb.wire {
        WireAction::Vm(action) => {
            allowed_by_flags(row, action)?;
            requirement(action)
        }
        WireAction::Ask(ask) => {
            if row.flags.protected && matches!(ask, Ask::Undefine | Ask::Free(_)) {
                return Err(Reason::Protected);
            }
            asked(ask)
        }
        WireAction::Roster => return Err(Reason::NotForMachines(verb.id.0)),
    };
    if allowed(row.state) {
        return Ok(());
    }
    Err(Reason::WrongState {
        state: row.state,
        verb: verb.word,
        wanted,
    })
}

fn allowed_by_flags(row: &Vm, action: Action) -> Result<(), Reason> {
    let flags = row.flags;
    if flags.transient && matches!(action, Action::Autostart { .. } | Action::Save) {
        return Err(Reason::Transient);
    }
    if flags.protected && matches!(action, Action::Destroy | Action::Reset | Action::Discard) {
        return Err(Reason::Protected);
    }
    if !flags.saved && matches!(action, Action::Restore | Action::Discard) {
        return Err(Reason::NotSaved);
    }
    Ok(())
}

/// States that allow something, as a test and in words.
type Requirement = (fn(VmState) -> bool, &'static str);

/// Which states allow a request that needs something said.
fn asked(ask: Ask) -> Requirement {
    match ask {
        Ask::Memory | Ask::Vcpus | Ask::Pin | Ask::Undefine | Ask::Pending => (
            |state| !matches!(state, VmState::Undefined | VmState::Unknown),
            "a definition",
        ),
        Ask::Rename => (
            |state| matches!(state, VmState::Off | VmState::Crashed | VmState::Undefined),
            "a machine that is off",
        ),
        Ask::Clone(_) => (
            |state| matches!(state, VmState::Off | VmState::Crashed),
            "a machine that is off",
        ),
        Ask::Picture => (VmState::is_active, "a machine that is on"),
        Ask::Undo | Ask::Manage | Ask::Unmanage | Ask::Free(_) => (|_| true, "nothing"),
    }
}

/// Which states allow an action, as a test and in words. The agent decides; this spares the operator a round trip.
fn requirement(action: Action) -> Requirement {
    use VmState::{Crashed, Off, Paused, Running, Suspended, Undefined, Unknown};
    match action {
        Action::Create | Action::Restore => {
            (|state| matches!(state, Off | Crashed), "off or crashed")
        }
        Action::Shutdown | Action::Reboot | Action::Suspend => {
            (|state| state == Running, "running")
        }
        Action::Resume => (
            |state| matches!(state, Paused | Suspended),
            "paused or suspended",
        ),
        // What crashed may still hold its memory.
        Action::Destroy | Action::Reset | Action::Save => (
            |state| state.is_active() || state == Crashed,
            "a machine that is on",
        ),
        Action::Autostart { .. } | Action::XmlDesc | Action::Discard => (
            |state| !matches!(state, Undefined | Unknown),
            "a definition",
        ),
        Action::Info | Action::Protect { .. } => (|_| true, "nothing"),
    }
}
