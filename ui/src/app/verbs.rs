//! Verbs: on what, whether at all, and the way from a key to a confirmed plan.

use archipel_fleet::{Confirm, Fleet, Level, Notice, Plan, VmRef, plan_given, ready};
use archipel_language::{Ask, Mass, Noun, Risk, Verb, WireAction};
use archipel_protocol::HypervisorId;

use super::{App, place::Pane};
use crate::{
    command::Action,
    format,
    layers::{Layer, command_line::CommandLine, plan::PlanView},
    messages::Message,
    output::Command,
    screen::Tab,
    subject::Subject,
    views::page::Pages,
};

/// Machines up to which a menu asks each one whether a verb can be done.
const ASKED_UP_TO: usize = 200;

impl App {
    /// The machines that a verb acts on: the marked ones, else those of what the cursor is on.
    pub(super) fn targets(&self, fleet: &Fleet) -> Vec<VmRef> {
        if !self.marks.is_empty() {
            return self.marks.iter().cloned().collect();
        }
        self.selected()
            .map_or_else(Vec::new, |subject| subject.vm_ids(fleet))
    }

    /// What `targets` are, for people: `3 marked`, `web01`, `hv01, 12 machines`.
    pub(super) fn targets_text(&self, fleet: &Fleet) -> String {
        if !self.marks.is_empty() {
            return format!("{} marked", self.marks.len());
        }
        match self.selected() {
            Some(Subject::Vm(vm)) => fleet
                .vm(&vm)
                .map_or_else(String::new, |vm| vm.name.to_string()),
            Some(subject) => {
                let name = match &subject {
                    Subject::Host(id) => fleet
                        .hypervisor(id)
                        .map_or_else(String::new, |host| host.name.clone()),
                    Subject::Group(name) => name.as_deref().unwrap_or("ungrouped").to_owned(),
                    _ => String::new(),
                };
                format!(
                    "{name}, {}",
                    format::counted(subject.vms(fleet).len(), "machine")
                )
            }
            None => String::new(),
        }
    }

    /// Whether read-only mode leaves `action`.
    pub(super) fn allowed(&self, action: Action) -> bool {
        !self.options.read_only || action.risk() == Risk::Safe
    }

    /// Why `action` cannot be done now, if so.
    pub(super) fn blocked(&self, action: Action, fleet: &Fleet) -> Option<String> {
        let Action::Verb(verb) = action else {
            return None;
        };
        if !self.allowed(action) {
            return Some(Message::ReadOnly { verb }.to_string());
        }
        if verb.noun == Noun::Hypervisor {
            return None;
        }
        let targets = self.targets(fleet);
        if targets.is_empty() {
            return Some("no machine selected".to_owned());
        }
        let mut first = None;
        for vm in targets.iter().take(ASKED_UP_TO) {
            match ready(fleet, verb, vm) {
                Ok(()) => return None,
                Err(reason) => first = first.or(Some(reason)),
            }
        }
        first
            .filter(|_| targets.len() <= ASKED_UP_TO)
            .map(|reason| reason.to_string())
    }

    /// Runs a verb on what is selected.
    pub(super) fn run_verb(&mut self, verb: &'static Verb, fleet: &Fleet) {
        match (verb.noun, verb.mass) {
            (Noun::Vm, Mass::One) => match self.machine() {
                Some(vm) => self.run_on(verb, &[vm], fleet),
                None => self.say(Level::Hint, &Message::OneOnly { verb }),
            },
            (Noun::Vm, Mass::Many) => {
                let mut targets = self.targets(fleet);
                by_name(&mut targets, fleet);
                self.run_given(verb, self.said_by_cursor(verb), &targets, fleet);
            }
            _ => self.run_on_hypervisor(verb, None, fleet),
        }
    }

    /// What the cursor says besides the machine: in its history, the version to go back to.
    fn said_by_cursor(&self, verb: &Verb) -> Vec<String> {
        let in_history = self.pane() == Pane::Page(Tab::History) && self.marks.is_empty();
        let pages = self.views.pages.as_ref();
        let pages = pages.filter(|_| in_history && verb.wire == WireAction::Ask(Ask::Undo));
        let version = pages.and_then(Pages::earlier);
        version.iter().map(ToString::to_string).collect()
    }

    /// Runs a machine verb on these machines, or asks for what else has to be said.
    pub(super) fn run_on(&mut self, verb: &'static Verb, targets: &[VmRef], fleet: &Fleet) {
        self.run_given(verb, Vec::new(), targets, fleet);
    }

    /// Runs a machine verb with the values of its own arguments on these machines.
    pub(super) fn run_given(
        &mut self,
        verb: &'static Verb,
        given: Vec<String>,
        targets: &[VmRef],
        fleet: &Fleet,
    ) {
        if !self.allowed(Action::Verb(verb)) {
            return self.say(Level::Warning, &Message::ReadOnly { verb });
        }
        let Some(first) = targets.first() else {
            return self.say(Level::Hint, &Message::NothingSelected { verb });
        };
        if given.is_empty() && verb.own_arguments().any(|argument| !argument.optional) {
            return self.ask_for(&format!("{} ", verb.word), fleet);
        }
        if let Err(why) = verb.wire.request(&given) {
            let why = why.to_string();
            return self.say(Level::Warning, &Message::BadValue { verb, why: &why });
        }
        match verb.id.0 {
            "vm.info" => self.reveal(fleet, &Subject::Vm(first.clone()), Some(Tab::Overview)),
            "vm.xml" => self.reveal_page(first, Tab::Definition, fleet),
            "vm.pending" => self.reveal_page(first, Tab::Pending, fleet),
            "vm.screenshot" => self.reveal_page(first, Tab::Picture, fleet),
            _ => self.propose(plan_given(fleet, verb, given, targets)),
        }
    }

    /// Hands a plan out at once where nothing has to be confirmed, else shows it.
    pub(super) fn propose(&mut self, plan: Plan) {
        if let [only] = plan.steps.as_slice()
            && let Err(reason) = &only.verdict
        {
            let message = Message::Refused {
                verb: plan.verb,
                name: &only.name,
                reason,
            };
            return self.out.push(notice(Level::Warning, &message));
        }
        if plan.confirmation() == Confirm::None && plan.steps.len() == 1 {
            return self.execute(plan);
        }
        self.layers.push(Layer::Plan(Box::new(PlanView::new(
            plan,
            &self.options.profile,
        ))));
    }

    /// Hands a confirmed plan out.
    pub(super) fn execute(&mut self, plan: Plan) {
        self.executed = plan.steps.len();
        self.out.push(Command::Execute(plan));
    }

    /// Runs a hypervisor verb, on the hypervisor named or else on the one under the cursor.
    pub(super) fn run_on_hypervisor(
        &mut self,
        verb: &'static Verb,
        named: Option<HypervisorId>,
        fleet: &Fleet,
    ) {
        if !self.allowed(Action::Verb(verb)) {
            return self.say(Level::Warning, &Message::ReadOnly { verb });
        }
        let under_cursor = || self.selected().and_then(|subject| subject.host().cloned());
        match (verb.word, named) {
            ("add", None) => self.ask_for("add ", fleet),
            ("add", Some(host)) => self.out.push(Command::Add(host)),
            ("remove", Some(host)) => self.out.push(Command::Remove(host)),
            (word, named) => match named.or_else(under_cursor) {
                None => self.say(Level::Hint, &Message::NoHypervisor { verb }),
                // Nothing is forgotten by a slip of the finger.
                Some(host) if word == "remove" => self.ask_for(&format!("remove {host}"), fleet),
                Some(host) => self.out.push(Command::Trust(host)),
            },
        }
    }

    /// Opens the `:` line with the beginning of a command in it.
    fn ask_for(&mut self, text: &str, fleet: &Fleet) {
        let line = CommandLine::new(text, fleet, &|action| self.allowed(action));
        self.layers.push(Layer::Line(line));
    }

    /// Tells the operator something.
    pub(super) fn say(&mut self, level: Level, message: &Message<'_>) {
        self.out.push(notice(level, message));
    }
}

/// The order that people expect of a plan: by hypervisor, then by name.
fn by_name(targets: &mut [VmRef], fleet: &Fleet) {
    let host = |vm: &VmRef| {
        fleet
            .hypervisor(&vm.hypervisor)
            .map_or("", |host| &host.name)
    };
    let name = |vm: &VmRef| fleet.vm(vm).map_or("", |vm| &vm.name);
    targets.sort_by(|a, b| {
        let hosts = format::natural(host(a), host(b));
        hosts.then_with(|| format::natural(name(a), name(b)))
    });
}

fn notice(level: Level, message: &Message<'_>) -> Command {
    Command::Notice(Notice {
        level,
        text: message.to_string(),
    })
}
