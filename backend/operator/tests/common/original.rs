//! A peer that answers as the original agent does, from a script: a session for the hypervisor and one for each machine.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use archipel_bus::{Event, Events, Session, connect};
use archipel_protocol::{Element, Iq, IqKind, Presence, PresenceKind, Stanza};
use tokio::time::{Instant, sleep};

use super::{Lab, agent::options};

pub(crate) const WEB: &str = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01";
pub(crate) const DB: &str = "b9a7e0f2-4d41-4d0e-8a55-0c7a4f5e2d10";

/// What was asked: the account, the type of the request, the action, all of it as text.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) account: String,
    pub(crate) kind: IqKind,
    pub(crate) action: String,
    pub(crate) text: String,
}

/// What the peer answers.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// These children, in an IQ of this type.
    Iq(IqKind, Vec<Element>),
    Nothing,
}

#[derive(Default)]
pub(crate) struct Script {
    replies: HashMap<(String, String), Told>,
    pub(crate) asked: Vec<Asked>,
    /// The accounts that were asked to show their presence.
    pub(crate) befriended: HashSet<String>,
}

/// All sessions of one original agent.
pub(crate) struct Original {
    script: Arc<Mutex<Script>>,
}

/// One session of it.
pub(crate) struct Entity {
    pub(crate) session: Session,
}

/// The children of an answer.
pub(crate) fn children(xml: &str) -> Vec<Element> {
    let whole: Element = format!("<r xmlns='jabber:client'>{xml}</r>")
        .parse()
        .unwrap();
    whole.children().cloned().collect()
}

pub(crate) fn result(xml: &str) -> Told {
    Told::Iq(IqKind::Result, children(xml))
}

pub(crate) fn error(xml: &str) -> Told {
    Told::Iq(IqKind::Error, children(xml))
}

/// The answer to `info`.
pub(crate) fn info(state: u32) -> Told {
    result(&format!(
        "<query xmlns='archipel:vm:control'><info cpuPrct='0.498993282043' hypervisor='hv01@dc.example/node' nrVirtCpu='2' state='{state}' autostart='0' memory='65536' maxMem='131072'/></query>"
    ))
}

/// The answer to `rostervm`: name, account and whether it is managed.
pub(crate) fn roster(machines: &[(&str, &str, bool)]) -> Told {
    let item = |(name, account, managed): &(&str, &str, bool)| {
        let (word, resource) = if *managed {
            ("True", "/hv01")
        } else {
            ("False", "")
        };
        format!("<item managed='{word}' name='{name}'>{account}@dc.example{resource}</item>")
    };
    let items: String = machines.iter().map(item).collect();
    result(&format!(
        "<query xmlns='archipel:hypervisor:control'>{items}</query>"
    ))
}

pub(crate) const HEALTH: &str = "<query xmlns='archipel:hypervisor:health'><memory used='1214752' swapped='0' free='23469332' date='2026-11-20 22:11:27.082745' shared='0' total='24684084'/><cpu date='x' id='87.5'/><disk available='1' used='1' capacity='7%'><partition available='251334012928' used='19219161088' blocks='264212084' mount='/' partition='/dev/vda' capacity='8%'/></disk><networks><network name='eth0' delta='0'/></networks><load date='x' five='2.57' fifteen='3.55' one='1.34'/><uptime up='3d 2h'/><uname machine='x86_64' kname='6.1' os='GNU/Linux' krelease='Linux'/><libvirt release='0' major='9' minor='9000'/><driver release='22' major='7' minor='7002'/><info vmx='True'/></query>";

impl Original {
    /// `web` runs and is managed, `db` is not.
    pub(crate) fn new() -> Self {
        let own = Self {
            script: Arc::default(),
        };
        own.says(
            "hv01",
            "rostervm",
            roster(&[("web", WEB, true), ("db", DB, false)]),
        );
        own.says("hv01", "info", result(HEALTH));
        own.says(WEB, "info", info(1));
        own
    }

    pub(crate) fn says(&self, account: &str, action: &str, told: Told) {
        let key = (account.to_owned(), action.to_owned());
        self.script().replies.insert(key, told);
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// How often something was asked.
    pub(crate) fn count(&self, account: &str, action: &str) -> usize {
        let script = self.script();
        let asked = script.asked.iter();
        asked
            .filter(|asked| asked.account == account && asked.action == action)
            .count()
    }

    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_mins(2);
        while !holds(self) {
            assert!(
                Instant::now() < end,
                "waited in vain until {what}: {:#?}",
                self.script().asked
            );
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Logs an account in; its first presence is `presence`.
    pub(crate) async fn log_in(
        &self,
        lab: &Lab,
        account: &str,
        resource: &str,
        presence: Presence,
    ) -> Entity {
        let mut options = options(lab, account);
        options.account.resource = Some(resource.into());
        let (session, events) = connect(options);
        let serving = serve(
            account.to_owned(),
            session.clone(),
            events,
            self.script.clone(),
            presence,
        );
        tokio::spawn(serving);
        let end = Instant::now() + Duration::from_mins(2);
        while session.bound_jid().is_none() {
            assert!(Instant::now() < end, "no session in time");
            sleep(Duration::from_millis(10)).await;
        }
        Entity { session }
    }

    /// The hypervisor and its machine.
    pub(crate) async fn start(&self, lab: &Lab) -> [Entity; 2] {
        [
            self.log_in(lab, "hv01", "node", says(None, "Online (1)"))
                .await,
            self.log_in(lab, WEB, "hv01", says(None, "Running")).await,
        ]
    }
}

impl Entity {
    pub(crate) async fn says(&self, presence: Presence) {
        self.session.send(presence).await.unwrap();
    }

    pub(crate) async fn sends(&self, stanza: impl Into<Stanza>) {
        self.session.send(stanza).await.unwrap();
    }

    /// Changes something at a service.
    pub(crate) async fn sets(&self, to: &str, payload: Element) {
        let request = Iq::request(IqKind::Set, Some(to.parse().unwrap()), payload);
        let answer = self.session.request(request, Duration::from_mins(2));
        answer.await.unwrap();
    }

    pub(crate) async fn stop(self) {
        self.session.stop();
        self.session.closed().await;
    }
}

/// A presence.
pub(crate) fn says(show: Option<&str>, status: &str) -> Presence {
    Presence {
        show: show.map(str::to_owned),
        status: Some(status.to_owned()),
        ..Presence::new(PresenceKind::Available)
    }
}

async fn serve(
    account: String,
    session: Session,
    mut events: Events,
    script: Arc<Mutex<Script>>,
    presence: Presence,
) {
    while let Some(event) = events.next().await {
        let answer: Option<Stanza> = match event {
            Event::Reset { .. } => Some(presence.clone().into()),
            Event::Stanza(Stanza::Presence(asks)) if asks.kind == PresenceKind::Subscribe => {
                script.lock().unwrap().befriended.insert(account.clone());
                let to = asks.from.as_ref().map(archipel_protocol::Jid::to_bare);
                to.map(|to| Presence::new(PresenceKind::Subscribed).to(to).into())
            }
            Event::Stanza(Stanza::Iq(iq)) => answer(&account, &script, &iq).map(Stanza::Iq),
            _ => None,
        };
        if let Some(answer) = answer
            && session.send(answer).await.is_err()
        {
            return;
        }
    }
}

/// The original does not look at the type of an IQ: what a server returned to it, it answers again.
fn answer(account: &str, script: &Mutex<Script>, iq: &Iq) -> Option<Iq> {
    let query = iq.payload().filter(|child| child.name() == "query")?;
    if iq.kind == IqKind::Result {
        return None;
    }
    let action = query.children().find_map(|child| child.attr("action"));
    let Some(action) = action else {
        let mut again = children(
            "<error code='-42' type='cancel'><archipel-error-generic xmlns='archipel:error:generic'/><text>no such thing</text></error>",
        );
        again.insert(0, query.clone());
        return Some(reply(iq, IqKind::Error, again));
    };
    let mut script = script.lock().unwrap();
    script.asked.push(Asked {
        account: account.to_owned(),
        kind: iq.kind.clone(),
        action: action.to_owned(),
        text: String::from(query),
    });
    let told = script.replies.get(&(account.to_owned(), action.to_owned()));
    match told.cloned() {
        Some(Told::Iq(kind, children)) => Some(reply(iq, kind, children)),
        Some(Told::Nothing) => None,
        None => Some(iq.result(Some(Element::bare("query", query.ns())))),
    }
}

fn reply(iq: &Iq, kind: IqKind, payloads: Vec<Element>) -> Iq {
    Iq {
        kind,
        id: iq.id.clone(),
        from: None,
        to: iq.from.clone(),
        payloads,
    }
}
