//! Chat: what is said to the hypervisor or a machine becomes a request as any other, and its answer is said.

use std::fmt::Write as _;

use archipel_language::Risk;
use archipel_protocol::{
    BareJid, Command, FullJid, Iq, IqKind, Jid, Message, Stanza, VmId,
    chat::{self, Chat},
    text::clean_line,
};
use tokio::time::Instant;

use super::{
    Host, Via,
    via::{Listener, Words, spoken},
};
use crate::{
    access::Target,
    entity::Kind,
    talk::{Deed, Heard, Place, Speaker, Verdict, hear, names_machine, usage},
};

/// What it takes to talk at all.
const MESSAGE: &str = "message";
/// The longest name that is repeated, in characters.
const SHOWN: usize = 60;

/// A conversation.
#[derive(Debug, Clone)]
pub(super) struct Talk {
    pub(super) via: Via,
    pub(super) with: FullJid,
    thread: Option<String>,
}

impl Talk {
    pub(super) fn kind(&self) -> Kind {
        self.via.vm.map_or(Kind::Hypervisor, |_| Kind::Machine)
    }

    fn who(&self) -> BareJid {
        self.with.to_bare()
    }

    fn line(&self, text: String) -> Stanza {
        spoken(self.with.clone(), self.thread.clone(), text)
    }
}

/// What was understood and is to be done.
pub(super) struct Meant {
    pub(super) deed: Deed,
    /// The machine that it is about, if any.
    pub(super) vm: Option<VmId>,
    pub(super) command: Command,
}

impl Host {
    /// Somebody says something to the hypervisor, or to a machine through its own session.
    pub(super) fn heard(&mut self, via: Via, message: &Message) {
        let chat = Chat::of(message);
        let Some((chat, line)) = chat.and_then(|chat| Some((chat.clone(), chat.text?))) else {
            return;
        };
        let with = message.from.clone().map(Jid::try_into_full);
        let Some(Ok(with)) = with else {
            return;
        };
        let talk = Talk {
            via,
            with,
            thread: chat.thread,
        };
        if self.is_own(&talk.who()) {
            return;
        }
        if !self.may_talk(&talk) {
            let refusal = "I do not talk to strangers: you need the permission `message` here.";
            return self.say(&talk, refusal);
        }
        if chat::is_delayed(&message.payloads) {
            let late = "That came late, so I did nothing. Say it again if you still mean it.";
            return self.say(&talk, late);
        }
        self.listen(&talk, &line);
    }

    fn say(&mut self, talk: &Talk, text: impl Into<String>) {
        let line = talk.line(text.into());
        self.deliver(talk.via.session(), line);
    }

    /// An entity does not talk with itself, nor with the others of its agent.
    fn is_own(&self, who: &BareJid) -> bool {
        let identity = &self.state.identity;
        let mut machines = self.state.machines.iter();
        *who == identity.account
            || machines.any(|(id, _)| identity.machine(id).as_ref() == Some(who))
    }

    fn may_talk(&mut self, talk: &Talk) -> bool {
        let who = talk.who();
        let target = match talk.via.vm {
            None => Target::Anything,
            vm => self.state.target(vm),
        };
        let (access, now) = (&self.state.access, self.state.clock.now());
        let checked = access.check(Some(&who), MESSAGE, MESSAGE, target, now);
        self.denied(Some(&who), MESSAGE, talk.via.vm, &checked);
        checked.is_ok()
    }

    fn listen(&mut self, talk: &Talk, line: &str) {
        let key = (talk.with.clone(), talk.via.vm);
        match self.pending.answered(&key, line, Instant::now()) {
            Verdict::Go(meant) => return self.carry_out(talk, &meant),
            Verdict::Leave(_) if is_no(line) => return self.say(talk, "Nothing was done."),
            Verdict::Leave(wanted) if is_yes(line) => {
                return self.say(talk, format!(
                    "Nothing was done: only {wanted} would have been a yes. Ask again if you mean it."
                ));
            }
            Verdict::Leave(_) | Verdict::NotAsked => {}
        }
        match hear(talk.kind(), line) {
            Heard::Deed {
                deed,
                machine,
                given,
            } => self.meant(talk, deed, machine.as_deref(), &given),
            Heard::Almost { deed } => self.say(
                talk,
                format!(
                    "Say it like this: {} — {}.",
                    usage(talk.kind(), deed),
                    deed.summary()
                ),
            ),
            Heard::Help => self.say(talk, self.help(talk)),
            Heard::Greeting => self.say(talk, greeting(&talk.with)),
            Heard::Rudeness => self.say(talk, "Please be polite with me."),
            Heard::Nothing => {
                self.say(
                    talk,
                    "I did not understand that. Say help to hear what I can do.",
                );
            }
        }
    }

    /// A deed is clear; it is done, or asked about first.
    fn meant(&mut self, talk: &Talk, deed: Deed, machine: Option<&str>, given: &[String]) {
        let meant = match self.resolve(
            talk.kind(),
            &talk.who(),
            talk.via.vm,
            (deed, machine, given),
        ) {
            Ok(meant) => meant,
            Err(why) => return self.say(talk, format!("{why}.")),
        };
        let may = self.may(deed, &talk.who(), meant.vm);
        // Who may not is told so by the door itself, and it is noted there.
        if deed.risk() == Risk::Safe || !may {
            return self.carry_out(talk, &meant);
        }
        self.ask_first(talk, meant);
    }

    fn ask_first(&mut self, talk: &Talk, meant: Meant) {
        let name = meant.vm.map(|id| self.state.name(id)).unwrap_or_default();
        let wanted = match meant.deed.risk() {
            Risk::Destructive => format!("yes {name}"),
            Risk::Safe | Risk::Disruptive => "yes".to_owned(),
        };
        let question = format!(
            "{name}: {}. Do you mean it? Say {wanted} within two minutes; anything else leaves it as it is.",
            meant.deed.summary()
        );
        let key = (talk.with.clone(), talk.via.vm);
        if self.pending.ask(key, meant, &wanted, Instant::now()) {
            self.say(talk, question);
        } else {
            self.say(
                talk,
                "Too many people are being asked something just now. Try again in two minutes.",
            );
        }
    }

    /// Through the door that every request takes.
    fn carry_out(&mut self, talk: &Talk, meant: &Meant) {
        let listener = Listener::Chat {
            to: talk.with.clone(),
            thread: talk.thread.clone(),
        };
        self.act(
            &talk.via,
            (talk.with.clone(), String::new()),
            meant,
            listener,
        );
    }

    /// Hands a request in for somebody who wants the answer in words.
    pub(super) fn act(
        &mut self,
        via: &Via,
        (with, id): (FullJid, String),
        meant: &Meant,
        to: Listener,
    ) {
        let request = meant.command.request.clone();
        let about = meant.vm.filter(|_| via.vm.is_none());
        let words = Words {
            deed: meant.deed,
            speaker: Speaker {
                about: about.map(|id| self.state.name(id)),
            },
            to,
            request,
        };
        let kind = if words.request.is_change() {
            IqKind::Set
        } else {
            IqKind::Get
        };
        let query = meant.command.to_element();
        let iq = Iq {
            kind,
            id,
            from: Some(with.into()),
            to: None,
            payloads: vec![query.clone()],
        };
        self.command(via.in_words(words), iq, &query);
    }

    /// The request for what was said, and the machine that it is about.
    pub(super) fn resolve(
        &self,
        kind: Kind,
        who: &BareJid,
        own: Option<VmId>,
        (deed, machine, given): (Deed, Option<&str>, &[String]),
    ) -> Result<Meant, String> {
        let vm = match machine.filter(|_| names_machine(kind, deed)) {
            Some(name) => Some(self.machine_called(who, deed, name)?),
            None => own,
        };
        let address = vm.and_then(|id| self.state.identity.machine(id));
        let address = address.map(Jid::from);
        let request = deed
            .request(given, address.as_ref())
            .map_err(|error| error.to_string())?;
        let command = Command {
            vm: vm.filter(|_| deed.place() == Place::Machine),
            ..Command::new(request)
        };
        Ok(Meant { deed, vm, command })
    }

    /// The machine of this id or name, among those that the requester may know of.
    fn machine_called(&self, who: &BareJid, deed: Deed, text: &str) -> Result<VmId, String> {
        let known = |id: &VmId| self.state.shows(who, *id) || self.may(deed, who, Some(*id));
        let machines = self.state.machines.iter().filter(|(id, _)| known(id));
        let wanted = text.to_lowercase();
        let fits = |name: &str, id: VmId| name.to_lowercase() == wanted || id.to_string() == wanted;
        let found: Vec<VmId> = machines
            .filter(|(id, machine)| fits(&machine.name, *id))
            .map(|(id, _)| id)
            .collect();
        let shown = clean_line(text, SHOWN);
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(format!("I know no machine `{shown}` that you may see")),
            several => {
                let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
                Err(format!(
                    "several machines are called `{shown}`; say which id: {}",
                    ids.join(", ")
                ))
            }
        }
    }

    /// Whether somebody may have it done to this machine, or to the host.
    pub(super) fn may(&self, deed: Deed, who: &BareJid, vm: Option<VmId>) -> bool {
        let permission = deed.permission();
        match deed.place() {
            Place::Machine => self.state.allows(who, &permission, vm),
            Place::Host if deed.is_filtered() => self.state.allows_something(who, &permission),
            Place::Host => self.state.allows(who, &permission, None),
        }
    }

    /// What an entity offers to somebody: to a hypervisor, what may be done to any of its machines counts.
    pub(super) fn offered<'a>(
        &'a self,
        who: &'a BareJid,
        vm: Option<VmId>,
    ) -> impl Iterator<Item = Deed> + 'a {
        let kind = vm.map_or(Kind::Hypervisor, |_| Kind::Machine);
        Deed::all(kind).filter(move |deed| match (deed.place(), vm) {
            (Place::Machine, None) => self.state.allows_something(who, &deed.permission()),
            _ => self.may(*deed, who, vm),
        })
    }

    fn help(&self, talk: &Talk) -> String {
        let mut text = String::from(
            "Say one of these; capitals stand for what you choose. I list only what you may do, and ask before anything risky.",
        );
        let who = talk.who();
        for deed in self.offered(&who, talk.via.vm) {
            let words = deed.words();
            let others = words.get(1..).unwrap_or_default();
            let also = if others.is_empty() {
                String::new()
            } else {
                format!(" (or: {})", others.join(", "))
            };
            let usage = usage(talk.kind(), deed);
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{usage}{also} — {}", deed.summary());
        }
        text
    }
}

fn is_no(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    matches!(line.as_str(), "no" | "n" | "cancel" | "never mind")
}

/// Meant as a yes, and not enough of one.
fn is_yes(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let first = first.trim_end_matches(|c: char| !c.is_alphanumeric());
    ["yes", "y", "ok", "yep"]
        .iter()
        .any(|yes| first.eq_ignore_ascii_case(yes))
}

fn greeting(with: &FullJid) -> String {
    let name = with.node().map(|node| clean_line(node.as_str(), SHOWN));
    format!("Hello {}, how are you?", name.unwrap_or_default())
}
