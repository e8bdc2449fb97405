//! An agent that does as it is told: it speaks the wire and has a list in place of libvirt.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use archipel_bus::{Account, Event, Events, Options, Session, TlsClient, connect};
use archipel_config::{BusSettings, Secret};
use archipel_protocol::{
    Command, Epoch, Failure, FullJid, Iq, IqKind, Message, Presence, PresenceKind, Request, Seq,
    Stanza, VmId, VmState, WatchId, disco, envelope,
    feed::{HostRow, Kind, Page, Rights, Row, Update, VmFlags, VmRow, Watch, parse_unwatch},
    ns, time, vm_control,
};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use super::{Lab, PASSWORD, vm_id};

/// How the agent answers commands.
#[derive(Clone, PartialEq)]
pub(crate) enum Manner {
    Obey,
    /// Commands on this machine fail.
    Refuse(VmId),
    /// Commands are taken and never answered.
    Hold,
}

/// What the agent has and has seen.
pub(crate) struct Script {
    pub(crate) machines: BTreeMap<VmId, VmRow>,
    pub(crate) epoch: Epoch,
    pub(crate) seq: u64,
    pub(crate) page_size: usize,
    pub(crate) rights: Rights,
    pub(crate) manner: Manner,
    pub(crate) watches: Vec<(FullJid, Watch)>,
    pub(crate) ended: Vec<WatchId>,
    pub(crate) commands: Vec<Command>,
    pub(crate) presences: Vec<Presence>,
    pub(crate) has_feed: bool,
    /// What its row says besides name and rights.
    pub(crate) host: HostRow,
    /// How far its clock is ahead.
    pub(crate) ahead: SignedDuration,
}

/// The agent on the bus.
pub(crate) struct Agent {
    pub(crate) session: Session,
    script: Arc<Mutex<Script>>,
}

pub(crate) fn machine(number: u8, state: VmState) -> VmRow {
    VmRow {
        organisation: None,
        id: vm_id(number),
        name: format!("web{number:02}"),
        state,
        vcpus: 2,
        memory_kib: 4 << 20,
        flags: VmFlags {
            managed: true,
            ..VmFlags::default()
        },
        tags: Vec::new(),
    }
}

impl Agent {
    /// `hvNN` with `machines` machines that are off.
    pub(crate) fn start(lab: &Lab, account: &str, machines: u8) -> Self {
        Self::start_with(lab, account, machines, |_| {})
    }

    pub(crate) fn start_with(
        lab: &Lab,
        account: &str,
        machines: u8,
        change: impl FnOnce(&mut Script),
    ) -> Self {
        let rows = (1..=machines).map(|number| (vm_id(number), machine(number, VmState::Off)));
        let mut script = Script {
            machines: rows.collect(),
            epoch: Epoch::from_random([machines; 16]),
            seq: 1,
            page_size: 1_000,
            rights: Rights::All,
            manner: Manner::Obey,
            watches: Vec::new(),
            ended: Vec::new(),
            commands: Vec::new(),
            presences: Vec::new(),
            has_feed: true,
            host: HostRow {
                agent_version: env!("CARGO_PKG_VERSION").into(),
                ..HostRow::default()
            },
            ahead: SignedDuration::ZERO,
        };
        change(&mut script);
        let script = Arc::new(Mutex::new(script));
        let (session, events) = connect(options(lab, account));
        tokio::spawn(serve(session.clone(), events, script.clone()));
        Self { session, script }
    }

    /// Waits until it has a session: without one nothing is sent.
    pub(crate) async fn online(&self) {
        let end = Instant::now() + Duration::from_mins(2);
        while self.session.bound_jid().is_none() {
            assert!(Instant::now() < end, "no session in time");
            sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// Waits until `holds` of what the agent has seen.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Script) -> bool) {
        let end = Instant::now() + Duration::from_mins(2);
        while !holds(&self.script()) {
            assert!(Instant::now() < end, "waited in vain until {what}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Changes a row and tells the last watcher.
    pub(crate) async fn change(&self, row: VmRow) {
        let update = {
            let mut script = self.script();
            let from = Seq(script.seq);
            script.seq += 1;
            script.machines.insert(row.id, row.clone());
            script.update(Kind::Delta { from }, vec![Row::Vm(row)])
        };
        self.tell(update).await;
    }

    /// Sends a headline to the last watcher.
    pub(crate) async fn tell(&self, update: Update) {
        let to = self.script().watches.last().unwrap().0.clone();
        self.tell_to(to, update).await;
    }

    pub(crate) async fn tell_to(&self, to: FullJid, update: Update) {
        let headline = Message::headline(to.into(), update.to_element());
        self.session.send(headline).await.unwrap();
    }

    pub(crate) async fn stop(self) {
        self.session.stop();
        self.session.closed().await;
    }
}

impl Script {
    /// An update under the last watch.
    pub(crate) fn update(&self, kind: Kind, rows: Vec<Row>) -> Update {
        let watch = self.watches.last().map(|(_, watch)| watch.id.clone());
        Update {
            watch: watch.unwrap_or(WatchId::from_random([0; 16])),
            epoch: self.epoch.clone(),
            seq: Seq(self.seq),
            kind,
            newest_event: 0,
            rows,
        }
    }

    fn watch(&mut self, from: FullJid, watch: Watch) -> Update {
        let known = watch.known.clone();
        self.watches.push((from, watch));
        match known {
            Some((epoch, seq)) if epoch == self.epoch && seq == Seq(self.seq) => {
                self.update(Kind::Unchanged, Vec::new())
            }
            Some((epoch, from)) if epoch == self.epoch => {
                let rows = self.machines.values().cloned().map(Row::Vm).collect();
                self.update(Kind::Delta { from }, rows)
            }
            _ => self.part(None),
        }
    }

    fn part(&self, after: Option<VmId>) -> Update {
        let left = || {
            self.machines
                .values()
                .filter(|row| after.is_none_or(|after| row.id > after))
        };
        let mut rows: Vec<Row> = left().take(self.page_size).cloned().map(Row::Vm).collect();
        let more = left().count() > rows.len();
        let last = left().take(self.page_size).last().map(|row| row.id);
        if after.is_none() {
            rows.insert(0, self.host());
        }
        let kind = Kind::Snapshot {
            first: after.is_none(),
            next: last.filter(|_| more),
        };
        self.update(kind, rows)
    }

    fn host(&self) -> Row {
        Row::Host(Box::new(HostRow {
            name: "a host".into(),
            rights: self.rights.clone(),
            ..self.host.clone()
        }))
    }

    fn info(&self) -> disco::Info {
        let mut features = vec![ns::DISCO_INFO.to_owned(), ns::CAPS.to_owned()];
        if self.has_feed {
            features.push(ns::FLEET.to_owned());
        }
        disco::Info {
            identities: Vec::new(),
            features,
        }
    }

    fn presence(&self) -> Presence {
        let caps = disco::Caps {
            node: "urn:test".into(),
            verification: self.info().verification(),
        };
        let mut presence = Presence::new(PresenceKind::Available);
        presence.payloads.push(caps.to_element());
        presence
    }

    /// The answer to a request; `None`: none.
    fn answer(&mut self, iq: &Iq) -> Option<Iq> {
        let from = iq.from.clone()?.try_into_full().ok()?;
        let payload = iq.payload()?;
        let answer = match (payload.name(), payload.ns().as_str()) {
            ("query", ns::DISCO_INFO) => self.info().to_element(payload.attr("node")),
            ("time", ns::TIME) => time::answer(Timestamp::now() + self.ahead),
            ("watch", ns::FLEET) => self
                .watch(from, Watch::parse(payload).unwrap())
                .to_element(),
            ("page", ns::FLEET) => self
                .part(Some(Page::parse(payload).unwrap().after))
                .to_element(),
            ("unwatch", ns::FLEET) => {
                self.ended.push(parse_unwatch(payload).unwrap());
                return Some(iq.result(None));
            }
            _ => return self.obey(iq, Command::parse(payload).unwrap()),
        };
        Some(iq.result(Some(answer)))
    }

    fn obey(&mut self, iq: &Iq, command: Command) -> Option<Iq> {
        let (request, vm) = (command.request.clone(), command.vm);
        let operation = command.operation.clone();
        self.commands.push(command);
        if self.manner == Manner::Hold {
            return None;
        }
        if self.manner == vm.map_or(Manner::Hold, Manner::Refuse) {
            let kind = archipel_protocol::failure::FailureKind::Busy;
            let failure = Failure::new(kind, "the image is in use");
            return Some(iq.refusal(failure.to_element(None)));
        }
        let payload = match request {
            Request::VmControl(vm_control::Action::XmlDesc) => {
                "<domain xmlns='http://www.gajim.org/xmlns/undeclared' type='kvm'/>"
                    .parse()
                    .ok()
            }
            _ => None,
        };
        let id = operation.map(|operation| operation.id);
        Some(iq.result(Some(envelope::answer(
            &request,
            payload.into_iter().collect(),
            id.as_ref(),
        ))))
    }
}

pub(crate) fn options(lab: &Lab, account: &str) -> Options {
    let settings = BusSettings {
        hosts: vec![lab.server.starttls_addr().to_string().parse().unwrap()],
        ca_file: Some(lab.server.ca_pem_path().to_owned()),
        ..BusSettings::default()
    };
    let tls = TlsClient::new(&settings).unwrap();
    let account = Account {
        jid: format!("{account}@dc.example").parse().unwrap(),
        resource: Some("node".into()),
        secret: Secret::new(PASSWORD.into()),
    };
    let mut options = Options::new(account, settings, tls);
    options.resume = false;
    options
}

async fn serve(session: Session, mut events: Events, script: Arc<Mutex<Script>>) {
    while let Some(event) = events.next().await {
        let answers: Vec<Stanza> = match event {
            Event::Reset { .. } => vec![script.lock().unwrap().presence().into()],
            Event::Stanza(Stanza::Presence(presence)) => knock(&script, presence),
            Event::Stanza(Stanza::Iq(iq)) if matches!(iq.kind, IqKind::Get | IqKind::Set) => {
                let answer = script.lock().unwrap().answer(&iq);
                answer.map(Stanza::Iq).into_iter().collect()
            }
            _ => Vec::new(),
        };
        for answer in answers {
            if session.send(answer).await.is_err() {
                return;
            }
        }
    }
}

/// Lets everybody see its presence, as a real one does with those who may.
fn knock(script: &Mutex<Script>, presence: Presence) -> Vec<Stanza> {
    let from = presence.from.clone();
    let subscribes = presence.kind == PresenceKind::Subscribe;
    script.lock().unwrap().presences.push(presence);
    match from.filter(|_| subscribes) {
        Some(from) => vec![
            Presence::new(PresenceKind::Subscribed)
                .to(from.to_bare())
                .into(),
        ],
        None => Vec::new(),
    }
}
