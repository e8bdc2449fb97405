//! New machines, and what is said of machines besides their definitions.

use archipel_fleet::VmRef;
use archipel_protocol::{
    Document, HypervisorId, Jid, Reply, Request as Question,
    machines::{Action, Reply as Told},
};

use super::{Handle, definitions::odd};
use crate::error::OperatorError;

/// What a machine's card says of whose it is. What is not said stays as it is; an empty text takes away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// Organisation.
    pub organisation: Option<String>,
    /// Unit of the organisation.
    pub unit: Option<String>,
    /// Place.
    pub locality: Option<String>,
    /// Owner, a mail address as a rule.
    pub owner: Option<String>,
    /// Free words.
    pub categories: Option<String>,
}

/// A machine that is to be made. What is not given, the hypervisor chooses.
#[derive(Debug, Clone, Default)]
pub struct NewMachine {
    /// Its name.
    pub name: Option<String>,
    /// Whose it is.
    pub card: Card,
    /// Its definition; name and uuid in it are replaced.
    pub domain: Option<Document>,
    /// Under which of the maker's scopes; for those who may make machines under several.
    pub scope: Option<String>,
}

impl Handle {
    /// Makes a machine on a hypervisor; the answer is its address.
    pub async fn allocate(
        &self,
        hypervisor: &HypervisorId,
        new: NewMachine,
    ) -> Result<Jid, OperatorError> {
        self.make(
            hypervisor,
            Action::Alloc {
                name: new.name,
                organisation: new.card.organisation,
                unit: new.card.unit,
                locality: new.card.locality,
                owner: new.card.owner,
                categories: new.card.categories,
                domain: new.domain,
                scope: new.scope,
            },
        )
        .await
    }

    /// Changes what a machine's card says, and its name where another is given.
    pub async fn describe(
        &self,
        vm: &VmRef,
        name: Option<String>,
        card: Card,
    ) -> Result<(), OperatorError> {
        let action = Action::SetOrgInfo {
            target: vm.vm,
            name,
            organisation: card.organisation,
            unit: card.unit,
            locality: card.locality,
            owner: card.owner,
            categories: card.categories,
        };
        self.make(&vm.hypervisor, action).await.map(drop)
    }

    /// Asks for something whose answer is the machine that it was about.
    async fn make(&self, hypervisor: &HypervisorId, action: Action) -> Result<Jid, OperatorError> {
        let question = Question::Machines(action);
        match self.demand(hypervisor, None, question).await? {
            Reply::Machines(Told::Machine(machine)) => Ok(machine.jid),
            _ => Err(odd(hypervisor)),
        }
    }
}
