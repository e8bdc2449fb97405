//! Marks, and the clipboard: what the cursor is on, put aside.

use archipel_fleet::{Fleet, Level, VmRef};

use super::{App, place::Pane};
use crate::{
    command::{Act, Step},
    messages::Message,
    output::Command,
    subject::Subject,
};

impl App {
    /// Sets or takes away marks.
    pub(super) fn mark(&mut self, act: Act, fleet: &Fleet) {
        match act {
            Act::Mark => {
                if let Some(subject) = self.selected() {
                    self.marks.toggle(&subject.vm_ids(fleet));
                    self.act_step(Step::Down);
                }
            }
            Act::MarkRange => self.mark_range(fleet),
            Act::Invert => self.marks.invert(&self.shown(fleet)),
            _ => self.marks.clear(),
        }
    }

    /// The machines of the view, in its order.
    fn shown(&self, fleet: &Fleet) -> Vec<VmRef> {
        match self.pane() {
            Pane::Vms => self.views.vms.rows.keys().to_vec(),
            Pane::AllVms => self.views.all_vms.rows.keys().to_vec(),
            Pane::Roster => {
                let nodes = self.views.roster.rows.keys().iter();
                nodes
                    .filter_map(|node| {
                        if let Subject::Vm(vm) = &node.subject {
                            Some(vm.clone())
                        } else {
                            None
                        }
                    })
                    .collect()
            }
            _ => self
                .selected()
                .map_or_else(Vec::new, |subject| subject.vm_ids(fleet)),
        }
    }

    fn mark_range(&mut self, fleet: &Fleet) {
        let shown = self.shown(fleet);
        let position =
            |vm: Option<&VmRef>| vm.and_then(|vm| shown.iter().position(|other| other == vm));
        let cursor = self.machine();
        let (from, to) = (position(self.marks.anchor()), position(cursor.as_ref()));
        match (from, to) {
            (Some(from), Some(to)) => self.marks.add(&shown[from.min(to)..=from.max(to)]),
            _ => self.mark(Act::Mark, fleet),
        }
    }

    /// Copies the name or the id of what the cursor is on.
    pub(super) fn copy(&mut self, act: Act, fleet: &Fleet) {
        let Some(subject) = self.selected() else {
            return;
        };
        let name = act == Act::CopyName;
        let text = match &subject {
            Subject::Vm(vm) if name => fleet
                .vm(vm)
                .map_or_else(String::new, |vm| vm.name.to_string()),
            Subject::Vm(vm) => vm.vm.to_string(),
            Subject::Host(id) if name => fleet
                .hypervisor(id)
                .map_or_else(String::new, |host| host.name.clone()),
            Subject::Host(id) => id.to_string(),
            Subject::Group(group) => group.as_deref().unwrap_or_default().to_owned(),
            Subject::Fleet => return,
        };
        self.say(Level::Info, &Message::Copied { text: &text });
        self.out.push(Command::Copy(text));
    }
}
