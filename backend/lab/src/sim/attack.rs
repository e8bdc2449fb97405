//! The hostile peer: an account without rights that tries everything a client can.

use std::time::Duration;

use archipel_bus::{Account, Events, Options, Session, TlsClient, connect};
use archipel_protocol::{
    BareJid, Command, Element, Iq, IqKind, Jid, Message, MessageKind, Presence, PresenceKind,
    Request, Stanza, VmId, ns, vm_control,
};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Access, SimHost, seed::Random};

/// A body just below what servers let through as installed.
const LARGE: usize = 200 * 1024;

/// How deep an element nests.
const DEEP: usize = 200;

/// An attack under way.
#[derive(Debug)]
pub(crate) struct Attack {
    stop: CancellationToken,
    task: JoinHandle<u64>,
}

/// Whom it is aimed at.
#[derive(Debug)]
struct Targets {
    /// Agents at their full addresses, each with a machine that it has.
    agents: Vec<(Jid, Option<VmId>)>,
    operators: Vec<BareJid>,
}

impl Attack {
    /// Logs in and begins.
    pub(crate) fn start(
        access: Access,
        hosts: &[SimHost],
        operators: Vec<BareJid>,
        per_second: u16,
    ) -> Attack {
        let agents = hosts.iter().filter_map(|host| {
            let jid = host.id().jid().with_resource_str(host.name()).ok()?;
            let vm = host.driver().truth().first().map(|domain| domain.id);
            Some((jid.into(), vm))
        });
        let targets = Targets {
            agents: agents.collect(),
            operators,
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(attack(access, targets, per_second, stop.clone()));
        Attack { stop, task }
    }

    /// Ends it; how many stanzas were sent.
    pub(crate) async fn stop(self) -> u64 {
        self.stop.cancel();
        self.task.await.unwrap_or_default()
    }
}

/// The server may throw the account out; the session comes back.
async fn attack(access: Access, targets: Targets, per_second: u16, stop: CancellationToken) -> u64 {
    let Some((session, mut events)) = log_in(access) else {
        return 0;
    };
    let mut random = Random::stream(u64::from(per_second), "attack");
    let mut pace = interval(Duration::from_secs(1) / u32::from(per_second));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sent = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            event = events.next() => if event.is_none() { break },
            _ = pace.tick() => {
                // Without a session, or faster than the server takes it: then it is not sent.
                let stanza = targets.stanza(&mut random);
                sent += u64::from(session.bound_jid().is_some() && session.try_send(stanza).is_ok());
            }
        }
    }
    session.stop();
    sent
}

fn log_in(access: Access) -> Option<(Session, Events)> {
    let tls = TlsClient::new(&access.settings).ok()?;
    let account = Account {
        jid: access.jid,
        resource: None,
        secret: access.secret,
    };
    Some(connect(Options::new(account, access.settings, tls)))
}

impl Targets {
    /// The next stanza.
    fn stanza(&self, random: &mut Random) -> Stanza {
        let (agent, vm) = random.pick(&self.agents).clone();
        let person: Jid = random.pick(&self.operators).clone().into();
        match random.below(9) {
            0 | 1 => ask(IqKind::Set, agent, power_off(vm)),
            2 => ask(
                IqKind::Get,
                agent,
                element(
                    "<query xmlns='archipel:hypervisor:control'><archipel action='&#x202e;no such &#xfffd;'/></query>",
                ),
            ),
            3 => ask(
                IqKind::Set,
                agent,
                element(&format!(
                    "<watch xmlns='{}' id='x' every='-1' detail='all' seq='99999999999999999999'/>",
                    ns::FLEET
                )),
            ),
            4 => ask(IqKind::Get, agent, element(&nested())),
            5 => headline(
                person,
                element(&format!(
                    "<feed xmlns='{}' id='0' epoch='0' seq='1'><vm id='not a uuid' state='running'/></feed>",
                    ns::FLEET
                )),
            ),
            6 => Presence::new(PresenceKind::Subscribe)
                .to(if random.below(2) == 0 { agent } else { person })
                .into(),
            7 => Presence::new(PresenceKind::Available).to(agent).into(),
            _ => large(if random.below(2) == 0 { agent } else { person }),
        }
    }
}

fn ask(kind: IqKind, to: Jid, payload: Element) -> Stanza {
    let mut iq = Iq::request(kind, Some(to), payload);
    "attack".clone_into(&mut iq.id);
    iq.into()
}

/// A command that only somebody with rights may give.
fn power_off(vm: Option<VmId>) -> Element {
    let command = Command::new(Request::VmControl(vm_control::Action::Destroy));
    match vm {
        Some(vm) => command.for_vm(vm).to_element(),
        None => command.to_element(),
    }
}

fn headline(to: Jid, payload: Element) -> Stanza {
    Message::headline(to, payload).into()
}

fn large(to: Jid) -> Stanza {
    let body = element(&format!(
        "<body xmlns='jabber:client'>{}</body>",
        "A".repeat(LARGE)
    ));
    let mut message = Message::headline(to, body);
    message.kind = MessageKind::Chat;
    message.into()
}

fn nested() -> String {
    format!(
        "<x xmlns='urn:nobody:knows'>{}{}</x>",
        "<y>".repeat(DEEP),
        "</y>".repeat(DEEP)
    )
}

/// What is written above is sound XML; should it not be, something harmless is sent.
fn element(text: &str) -> Element {
    text.parse()
        .unwrap_or_else(|_| Element::bare("nonsense", "urn:nobody:knows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_it_says_is_xml() {
        let mut random = Random::stream(1, "test");
        let targets = Targets {
            agents: vec![(
                "hv01@dc.example/hv01"
                    .parse::<Jid>()
                    .unwrap_or_else(|_| unreachable!()),
                None,
            )],
            operators: vec![
                "admin@dc.example"
                    .parse()
                    .unwrap_or_else(|_| unreachable!()),
            ],
        };
        let nonsense = Element::bare("nonsense", "urn:nobody:knows");
        for _ in 0..200 {
            let payloads = match targets.stanza(&mut random) {
                Stanza::Iq(iq) => iq.payload().cloned().into_iter().collect(),
                Stanza::Message(message) => message.payloads,
                Stanza::Presence(_) => Vec::new(),
            };
            assert!(!payloads.contains(&nonsense));
        }
    }
}
