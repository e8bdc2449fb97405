//! Commands and questions of the operator to an agent of the original: plain requests to the machine's own session.

use archipel_protocol::{Command, FullJid, IqKind, Request};

use super::{
    super::{Engine, runs::Job, work::Done},
    Question,
    ask::sound,
};
use crate::{command::Ask, error::OperatorError, messages::NOT_OF_ORIGINALS};

impl Engine {
    /// The session that a command goes to, and the command as that agent knows it. `None` where the machine has none.
    pub(in crate::engine) fn plainly(&self, job: &Job) -> Option<(FullJid, Command)> {
        let to = self.original(&job.vm.hypervisor)?.book.jid(job.vm.vm)?;
        Some((to.clone(), Command::new(job.request().clone())))
    }

    /// A change was accepted: its end is looked for.
    pub(in crate::engine) fn look_after(&mut self, job: &Job) {
        self.ask_sooner(&job.vm.hypervisor, Question::Machine(job.vm.vm));
    }

    /// Asks what an original knows; what it does not, or what would hang it, is answered here.
    pub(in crate::engine) fn ask_original(&self, ask: Ask) {
        let Some((to, command)) = self.question_to(&ask) else {
            let hypervisor = self.name_of(&ask.hypervisor);
            let why = NOT_OF_ORIGINALS.to_owned();
            // Whoever asked may have left.
            let _ = ask
                .reply
                .send(Err(OperatorError::Unsupported { hypervisor, why }));
            return;
        };
        let name = self.name_of(&ask.hypervisor);
        let outgoing = self.outgoing(&ask.hypervisor, to, (IqKind::Get, command.to_element()));
        self.start(async move {
            let deadline = outgoing.deadline;
            let answer = sound(&command.request, outgoing.send().await);
            let told = answer.map_err(|error| OperatorError::of_request(&name, &error, deadline));
            let _ = ask.reply.send(told);
            Done::Told
        });
    }

    fn question_to(&self, ask: &Ask) -> Option<(FullJid, Command)> {
        let original = self.original(&ask.hypervisor)?;
        let command = Command::parse(&ask.payload).ok()?;
        if !is_harmless(&command.request) {
            return None;
        }
        let to = match command.vm {
            Some(vm) => original.book.jid(vm)?,
            None => &original.to,
        };
        Some((to.clone(), Command::new(command.request)))
    }
}

/// What every original answers. It knows nothing of the rest, or may hang on it.
fn is_harmless(request: &Request) -> bool {
    use archipel_protocol::{hypervisor_control::Action as Host, vm_control::Action as Machine};
    match request {
        Request::HypervisorControl(action) => *action != Host::Capabilities,
        Request::VmControl(action) => matches!(action, Machine::Info | Machine::XmlDesc),
        Request::Health(_) => true,
        _ => false,
    }
}
