//! Ad-hoc commands (XEP-0050), and service discovery of them: what can be said in chat, as buttons and forms.

use archipel_protocol::{
    BareJid, Element, Failure, FullJid, Iq, IqKind, Jid, ParseError, VmId,
    commands::{self, Action, NoteKind, Status},
    data_form,
    disco::{self, Identity, Info, Item},
    last_activity, ns,
};

use super::{Host, Via, ask::malformed, via::Listener};
use crate::{
    entity::Kind,
    messages::Refusal,
    modules::Reply,
    talk::{Choice, Deed, Place, ask, fill, names_machine},
};

/// The most machines that are listed.
const ITEMS: usize = 100;

/// A command on its way.
struct Run {
    via: Via,
    iq: Iq,
    with: FullJid,
    deed: Deed,
    session: String,
}

impl Run {
    fn kind(&self) -> Kind {
        self.via.vm.map_or(Kind::Hypervisor, |_| Kind::Machine)
    }

    fn answer(&self, status: Status) -> commands::Answer {
        commands::Answer {
            node: self.deed.id().to_owned(),
            session: Some(self.session.clone()),
            status,
            actions: Vec::new(),
            form: None,
            notes: Vec::new(),
        }
    }
}

impl Host {
    /// Answers what is about commands, discovery or idleness; `None`: it is about something else.
    pub(super) fn usual_question(
        &mut self,
        via: &Via,
        iq: &Iq,
        payload: &Element,
    ) -> Option<Reply> {
        let who = iq.from.as_ref().map(Jid::to_bare);
        let node = payload.attr("node");
        if payload.is("query", ns::DISCO_ITEMS) {
            return Some(self.items(via.vm, who.as_ref(), node));
        }
        if payload.is("query", ns::LAST) {
            return Some(self.last_activity(via.vm, who.as_ref()));
        }
        let about = node.filter(|_| payload.is("query", ns::DISCO_INFO))?;
        self.command_info(via.vm, who.as_ref(), about).map(Ok)
    }

    /// Begins a command, or goes on with it.
    pub(super) fn ad_hoc(&mut self, via: &Via, iq: &Iq, payload: &Element) {
        let shape = super::ask::plain(payload);
        match self.run_of(via, iq, payload) {
            Ok((run, asked)) => self.step(run, &asked),
            Err(failure) => self.reply(via, iq, &shape, Err(failure)),
        }
    }

    fn run_of(
        &mut self,
        via: &Via,
        iq: &Iq,
        payload: &Element,
    ) -> Result<(Run, commands::Command), Failure> {
        if iq.kind != IqKind::Set {
            return Err(Refusal::NotASet("command").into());
        }
        let asked = commands::Command::parse(payload).map_err(|error| malformed(&error))?;
        let with = iq.from.clone().map(Jid::try_into_full);
        let with = with.and_then(Result::ok).ok_or(Refusal::NoFullAddress)?;
        let deed = self.offer(via.vm, &with.to_bare(), &asked.node)?;
        let session = asked.session.clone();
        let run = Run {
            via: via.clone(),
            iq: iq.clone(),
            with,
            deed,
            session: session.unwrap_or_else(|| format!("{:016x}", rand::random::<u64>())),
        };
        Ok((run, asked))
    }

    /// The deed behind a node, if it is offered to the requester.
    fn offer(&mut self, vm: Option<VmId>, who: &BareJid, node: &str) -> Result<Deed, Failure> {
        let kind = vm.map_or(Kind::Hypervisor, |_| Kind::Machine);
        let deed = Deed::by_id(kind, node).ok_or(Refusal::UnknownNode)?;
        let offered = self.offered(who, vm).any(|one| one.id() == deed.id());
        let (_, action) = deed.wire();
        let checked: Result<(), Failure> = if offered {
            Ok(())
        } else {
            Err(Refusal::Denied(action.to_owned()).into())
        };
        self.denied(Some(who), action, vm, &checked);
        checked.map(|()| deed)
    }

    fn step(&mut self, run: Run, asked: &commands::Command) {
        let given_back = asked.form.as_ref().map(|form| form.kind) == Some(data_form::Kind::Cancel);
        match asked.action {
            Some(Action::Cancel) => return self.tell_run(&run, &run.answer(Status::Canceled)),
            _ if given_back => return self.tell_run(&run, &run.answer(Status::Canceled)),
            Some(Action::Prev) => {
                let why = ParseError::Invalid {
                    field: "action",
                    reason: "there is no stage before".to_owned(),
                };
                let shape = super::ask::plain(&asked.to_element());
                return self.reply(&run.via, &run.iq, &shape, Err(malformed(&why)));
            }
            _ => {}
        }
        let form = self.form(&run);
        match (&asked.form, form) {
            (None, Some(form)) => self.tell_run(&run, &asking(&run, form, None)),
            (filled, form) => match self.filled(&run, filled.as_ref()) {
                Ok(meant) => {
                    let session = Some(run.session.clone());
                    let to = Listener::Command { session };
                    self.act(&run.via, (run.with, run.iq.id), &meant, to);
                }
                Err(why) => {
                    let form = form.unwrap_or_else(|| data_form::Form::submit("", []));
                    self.tell_run(&run, &asking(&run, form, Some(why)));
                }
            },
        }
    }

    fn tell_run(&mut self, run: &Run, answer: &commands::Answer) {
        let element = answer.to_element();
        let shape = super::ask::plain(&element);
        self.reply(&run.via, &run.iq, &shape, Ok(vec![element]));
    }

    /// What is still to be known.
    fn form(&self, run: &Run) -> Option<data_form::Form> {
        let who = run.with.to_bare();
        let choices = names_machine(run.kind(), run.deed).then(|| self.choices(run.deed, &who));
        ask(run.deed, choices.as_deref())
    }

    fn filled(
        &self,
        run: &Run,
        form: Option<&data_form::Form>,
    ) -> Result<super::talk::Meant, String> {
        let named = names_machine(run.kind(), run.deed);
        let filled = fill(run.deed, named, form)?;
        let said = (run.deed, filled.machine.as_deref(), filled.given.as_slice());
        self.resolve(run.kind(), &run.with.to_bare(), run.via.vm, said)
    }

    /// The machines to which the requester may have it done, by name.
    fn choices(&self, deed: Deed, who: &BareJid) -> Vec<Choice> {
        let may = |id: VmId| match deed.place() {
            Place::Machine => self.may(deed, who, Some(id)),
            Place::Host => self.state.shows(who, id),
        };
        let machines = self.state.machines.iter().filter(|(id, _)| may(*id));
        let mut choices: Vec<Choice> = machines
            .map(|(id, machine)| Choice {
                id,
                name: machine.name.clone(),
            })
            .collect();
        choices.sort_by(|a, b| a.name.cmp(&b.name));
        choices
    }

    /// A hypervisor's machines, or an entity's commands.
    fn items(&self, vm: Option<VmId>, who: Option<&BareJid>, node: Option<&str>) -> Reply {
        let items = match (node, vm, who) {
            (Some(ns::COMMANDS), _, Some(who)) => self.command_items(vm, who),
            (None, None, Some(who)) => self.machine_items(who),
            (Some(ns::COMMANDS) | None, ..) => Vec::new(),
            (Some(_), ..) => return Refusal::UnknownNode.into_reply(),
        };
        Ok(vec![disco::items_element(node, &items)])
    }

    fn command_items(&self, vm: Option<VmId>, who: &BareJid) -> Vec<Item> {
        let identity = &self.state.identity;
        let own = vm.map_or(Some(identity.full.clone()), |id| identity.machine_full(id));
        let Some(own) = own else {
            return Vec::new();
        };
        let item = |deed: Deed| Item {
            jid: own.clone().into(),
            node: Some(deed.id().to_owned()),
            name: deed.summary().to_owned(),
        };
        self.offered(who, vm).map(item).collect()
    }

    fn machine_items(&self, who: &BareJid) -> Vec<Item> {
        let machines = self.state.machines.iter();
        let shown = machines.filter(|(id, machine)| machine.session && self.state.shows(who, *id));
        let item = |(id, machine): (VmId, &crate::machines::Machine)| {
            Some(Item {
                jid: self.state.identity.machine_full(id)?.into(),
                node: None,
                name: machine.name.clone(),
            })
        };
        shown.take(ITEMS).filter_map(item).collect()
    }

    /// What the list of commands is, or one of them; `None`: the node is none of these.
    fn command_info(
        &self,
        vm: Option<VmId>,
        who: Option<&BareJid>,
        node: &str,
    ) -> Option<Vec<Element>> {
        let identity = |kind: &str, name: &str| Identity {
            category: "automation".to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
        };
        let identity = if node == ns::COMMANDS {
            identity("command-list", "Commands")
        } else {
            let deed = self.offered(who?, vm).find(|deed| deed.id() == node)?;
            identity("command-node", deed.summary())
        };
        let info = Info {
            identities: vec![identity],
            features: [ns::COMMANDS, ns::DATA_FORMS].map(str::to_owned).into(),
        };
        Some(vec![info.to_element(Some(node))])
    }

    /// For how long nothing has happened (XEP-0012): for those who may see the presence.
    fn last_activity(&self, vm: Option<VmId>, who: Option<&BareJid>) -> Reply {
        let presence = archipel_language::Permission::PRESENCE.0;
        let may = |who: &BareJid| match vm {
            None => self.state.allows_something(who, presence),
            vm => self.state.allows(who, presence, vm),
        };
        if !who.is_some_and(may) {
            return Refusal::Denied("last".to_owned()).into_reply();
        }
        Ok(vec![last_activity::answer(self.idle.seconds(vm))])
    }
}

/// The form once more, with what is wrong about the last one.
fn asking(run: &Run, form: data_form::Form, wrong: Option<String>) -> commands::Answer {
    commands::Answer {
        actions: vec![Action::Complete],
        form: Some(form),
        notes: wrong
            .map(|text| (NoteKind::Error, text))
            .into_iter()
            .collect(),
        ..run.answer(Status::Executing)
    }
}
