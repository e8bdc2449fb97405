//! What is written about machines: definitions, their history, changes of them; tags.

use archipel_fleet::VmRef;
use archipel_protocol::{
    HypervisorId, ParseError, Reply, Request as Question,
    chunks::{Assembly, Chunk, Digest},
    definitions::{Action, Reply as Told, Version, Which, Written},
    tags,
};

use super::Handle;
use crate::error::OperatorError;

/// The most versions that are fetched of one machine: an agent keeps no more for long.
const VERSIONS: usize = 1_000;

impl Handle {
    /// One of a machine's definitions as text, secrets as placeholders.
    pub async fn written(&self, vm: &VmRef, which: Which) -> Result<String, OperatorError> {
        self.text(vm, |offset| Action::Read { which, offset }).await
    }

    /// What leads from one of a machine's definitions to another: a unified difference, secrets masked.
    pub async fn difference(
        &self,
        vm: &VmRef,
        from: Which,
        to: Which,
    ) -> Result<String, OperatorError> {
        self.text(vm, |offset| Action::Diff { from, to, offset })
            .await
    }

    /// What will be different at a machine's next start: a unified difference, secrets masked, without what only a run has.
    pub async fn pending(&self, vm: &VmRef) -> Result<String, OperatorError> {
        self.text(vm, |offset| Action::Pending { offset }).await
    }

    /// What was written about a machine, the newest first.
    pub async fn versions(&self, vm: &VmRef) -> Result<Vec<Version>, OperatorError> {
        let mut all: Vec<Version> = Vec::new();
        loop {
            let before = all.last().map(|version| version.number);
            let Told::Versions(more) = self.about(vm, Action::History { before }).await? else {
                return Err(odd(&vm.hypervisor));
            };
            let end = more.is_empty() || all.len() + more.len() > VERSIONS;
            // An agent that goes on with what it said before is not asked for ever.
            let follows = more
                .iter()
                .all(|one| before.is_none_or(|number| one.number < number));
            all.extend(more.into_iter().filter(|_| follows));
            if end || !follows {
                return Ok(all);
            }
        }
    }

    /// Makes typed edits, one on each line, on the definition of the next start; `base` is the text that they were made for.
    pub async fn edit(
        &self,
        vm: &VmRef,
        base: Digest,
        edits: String,
    ) -> Result<Written, OperatorError> {
        self.change_definition(vm, Action::Edit { base, edits })
            .await
    }

    /// Makes `text` the definition of the next start, if `base` still is what is there; `None`: if nothing is.
    pub async fn write(
        &self,
        vm: &VmRef,
        text: &str,
        base: Option<Digest>,
    ) -> Result<Written, OperatorError> {
        let mut offset = 0;
        while let Some(piece) = Chunk::cut(text, offset) {
            offset += piece.text.len();
            self.about(vm, Action::Stage { piece }).await?;
            if offset >= text.len() {
                break;
            }
        }
        let digest = Digest::of(text);
        self.change_definition(vm, Action::Write { digest, base })
            .await
    }

    /// Replaces all tags of a machine.
    pub async fn set_tags(&self, vm: &VmRef, tags: tags::Tags) -> Result<(), OperatorError> {
        let request = Question::Tags(tags::Action::Set { tags });
        let told = self.demand(&vm.hypervisor, Some(vm.vm), request).await;
        told.map(|_| ())
    }

    async fn change_definition(
        &self,
        vm: &VmRef,
        action: Action,
    ) -> Result<Written, OperatorError> {
        match self.about(vm, action).await? {
            Told::Written(written) => Ok(written),
            _ => Err(odd(&vm.hypervisor)),
        }
    }

    /// A text, piece by piece. One that changes meanwhile is not put together from both.
    async fn text(
        &self,
        vm: &VmRef,
        action: impl Fn(u64) -> Action,
    ) -> Result<String, OperatorError> {
        let mut assembly = Assembly::default();
        loop {
            let Told::Piece(piece) = self.about(vm, action(assembly.offset() as u64)).await? else {
                return Err(odd(&vm.hypervisor));
            };
            let whole = assembly
                .add(&piece)
                .map_err(|why| OperatorError::Malformed {
                    from: vm.hypervisor.to_string(),
                    why,
                });
            if let Some(text) = whole? {
                return Ok(text);
            }
        }
    }

    async fn about(&self, vm: &VmRef, action: Action) -> Result<Told, OperatorError> {
        let request = Question::Definitions(action);
        match self.demand(&vm.hypervisor, Some(vm.vm), request).await? {
            Reply::Definitions(told) => Ok(told),
            _ => Err(odd(&vm.hypervisor)),
        }
    }
}

/// An answer to something else than what was asked.
pub(super) fn odd(from: &HypervisorId) -> OperatorError {
    OperatorError::Malformed {
        from: from.to_string(),
        why: ParseError::MissingChild {
            parent: "query",
            child: "answer",
        },
    }
}
