//! A server, a libvirt daemon and the agent's program between them, with a tap on the bus.

use std::{collections::BTreeMap, fmt::Write as _, process::Command, time::Duration};

use archipel_bus::{Account, Options, RequestError, Session, TlsClient, connect};
use archipel_config::{BusSettings, Endpoint, Secret, TlsMode};
use archipel_lab::{
    Acceleration, Driver, Encryption, Guest, GuestImage, Libvirtd, Patience, Process, Profile,
    Scratch, ServerOptions, Tap, XmppServer, until,
};
use archipel_protocol::{
    BareJid, Element, Iq, IqKind, Jid, Presence, PresenceKind,
    feed::{Detail, Row as FeedRow, Update, VmRow, Watch},
    pubsub, push,
};

use crate::row::Combination;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_archipel-agent");
const DOMAIN: &str = "dc.example";
const PASSWORD: &str = "open sesame";
/// An operator, somebody with single grants, a stranger.
const PEOPLE: [&str; 3] = ["admin", "olga", "eve"];
const MACHINES: [&str; 3] = ["one", "two", "three"];
const DEADLINE: Duration = Duration::from_mins(2);
/// Everything that QEMU does takes longer while other guests boot.
pub const PATIENCE: Patience = Patience::seconds(180);

/// What a definition holds besides name and id.
fn body(driver: Driver) -> &'static str {
    match driver {
        Driver::Test => {
            "<memory unit='KiB'>163840</memory><currentMemory unit='KiB'>131072</currentMemory><vcpu current='1'>2</vcpu><os><type>hvm</type></os><devices><interface type='network'><source network='default'/></interface></devices>"
        }
        Driver::Qemu => {
            "<memory unit='KiB'>65536</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>"
        }
    }
}

/// Declared in this order: clients first, the folders last.
pub struct World {
    pub on: Combination,
    pub tap: Tap,
    people: BTreeMap<&'static str, Session>,
    words: BTreeMap<&'static str, String>,
    guests: Vec<Guest>,
    _agent: Process,
    libvirt: Libvirtd,
    _server: XmppServer,
    folder: Scratch,
}

/// Why a combination cannot be run here; `None`: it can.
pub fn lacking(on: Combination) -> Option<String> {
    let mut programs = vec!["libvirtd", "virsh"];
    programs.extend(on.server.programs());
    if on.driver == Driver::Qemu {
        programs.extend(GuestImage::PROGRAMS);
    }
    archipel_lab::missing(&programs)
}

impl World {
    pub async fn start(on: Combination) -> anyhow::Result<World> {
        let (server, libvirt) = tokio::try_join!(server(on), Libvirtd::start(on.driver))?;
        let tap = Tap::before(server.starttls_addr()).await?;
        let guests = machines(on.driver, &libvirt).await?;
        let folder = Scratch::new()?;
        let agent = agent(&folder, &tap, &libvirt)?;
        let mut world = World {
            on,
            people: people(&tap)?,
            words: words(on.driver, &libvirt)?,
            tap,
            guests,
            _agent: agent,
            libvirt,
            _server: server,
            folder,
        };
        world.settle().await?;
        Ok(world)
    }

    /// Waits until all machines are contacts, and has the administrator told of everything that is published.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let online = until("everybody's session", PATIENCE, async || {
            let all = self.people.values();
            all.map(Session::bound_jid)
                .all(|jid| jid.is_some())
                .then_some(())
        });
        online.await?;
        for session in self.people.values() {
            session.send(Presence::new(PresenceKind::Available)).await?;
        }
        let sessions = until("the machines' sessions", PATIENCE, async || {
            let rows = self.feed().await;
            let live = rows.iter().filter(|row| row.flags.session).count();
            (live == MACHINES.len()).then_some(())
        });
        sessions.await.map_err(|error| error.context(self.said()))?;
        for entity in ["host", "one", "two", "three"] {
            self.follow(entity).await?;
        }
        Ok(())
    }

    /// Subscribes to the node of changes, once it is there.
    async fn follow(&self, entity: &str) -> anyhow::Result<()> {
        let node = push::node(&self.jid(entity));
        let service: Jid = format!("pubsub.{DOMAIN}").parse()?;
        let admin = format!("admin@{DOMAIN}").parse()?;
        until(&node.clone(), PATIENCE, async || {
            let subscribe = pubsub::subscribe(&node, &admin);
            let answer = self.ask("admin", IqKind::Set, &service, subscribe).await;
            answer
                .is_ok_and(|iq| iq.kind == IqKind::Result)
                .then_some(())
        })
        .await
    }

    /// Asks; the answer, whichever.
    pub async fn ask(
        &self,
        by: &str,
        kind: IqKind,
        to: &Jid,
        payload: Element,
    ) -> Result<Iq, String> {
        let request = Iq::request(kind, Some(to.clone()), payload);
        match self.people[by].request(request, DEADLINE).await {
            Ok(iq) => Ok(iq),
            Err(RequestError::Refused(iq)) => Ok(*iq),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The rows of all machines; none while nobody answers.
    pub async fn feed(&self) -> Vec<VmRow> {
        let Ok(id) = "coverage".parse() else {
            return Vec::new();
        };
        let watch = Watch {
            id,
            known: None,
            detail: Detail::State,
            every_s: 1,
        };
        let host = self.host();
        let answer = self.ask("admin", IqKind::Set, &host, watch.to_element());
        let update = answer
            .await
            .ok()
            .and_then(|iq| Update::parse(iq.payload()?).ok());
        let rows = update.map(|update| update.rows).unwrap_or_default();
        let machine = |row| match row {
            FeedRow::Vm(row) => Some(row),
            _ => None,
        };
        rows.into_iter().filter_map(machine).collect()
    }

    pub async fn virsh(&self, command: &str) -> Result<String, String> {
        let command = self.fill(command);
        let words: Vec<&str> = command.split_whitespace().collect();
        let said = self.libvirt.virsh(&words).await;
        said.map_err(|error| error.to_string())
    }

    /// How often the first guest has come up since it was defined.
    pub fn boots(&self) -> Option<usize> {
        let guest = self.guests.first()?;
        Some(guest.serial().matches("LAB-GUEST-READY").count())
    }

    /// The end of the first guest's serial line, for the one who has to find a fault.
    pub fn serial(&self) -> String {
        let serial = self.guests.first().map(Guest::serial).unwrap_or_default();
        let lines: Vec<&str> = serial.lines().rev().take(5).collect();
        format!("{lines:?}")
    }

    /// The hypervisor's full address.
    pub fn host(&self) -> Jid {
        jid(&self.fill("{host}@{dc}/{resource}")).into()
    }

    /// A machine's own address: it lives under the name of its hypervisor's account.
    pub fn machine(&self, word: &str) -> Jid {
        self.fill(&format!("{{{word}}}@{{dc}}/{{host}}"))
            .parse()
            .expect("an address")
    }

    /// The bare address of an entity.
    pub fn jid(&self, word: &str) -> BareJid {
        bare(&self.words[word])
    }

    /// The text with its words filled in.
    pub fn fill(&self, text: &str) -> String {
        let fill = |text: String, (word, value): (&&str, &String)| {
            text.replace(&format!("{{{word}}}"), value)
        };
        // Words stand in words.
        let once = self.words.iter().fold(text.to_owned(), fill);
        self.words.iter().fold(once, fill)
    }

    pub fn learn(&mut self, word: &'static str, value: String) {
        self.words.insert(word, value);
    }

    /// A link from the machine's own folder to `/etc`.
    pub fn link_out(&self, machine: &str) {
        let own = self.libvirt.images().join(&self.words[machine]);
        std::fs::create_dir(&own).expect("a folder");
        std::os::unix::fs::symlink("/etc", own.join("out")).expect("a link");
    }

    /// What the agent said, for the one who has to find a fault.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
    }
}

fn jid(text: &str) -> archipel_protocol::FullJid {
    text.parse().expect("an address")
}

pub fn bare(node: &str) -> BareJid {
    format!("{node}@{DOMAIN}").parse().expect("an address")
}

async fn server(on: Combination) -> anyhow::Result<XmppServer> {
    let people = PEOPLE.iter().chain(&["hv01"]);
    let options = people.fold(ServerOptions::new(DOMAIN), |options, name| {
        options.account(*name, PASSWORD)
    });
    let options = options
        .profile(Profile::Fleet)
        .encryption(Encryption::ClearText)
        .registration();
    XmppServer::start(on.server, options).await
}

/// Three machines that are off; real guests where QEMU runs them.
async fn machines(driver: Driver, libvirt: &Libvirtd) -> anyhow::Result<Vec<Guest>> {
    let mut guests = Vec::new();
    if driver == Driver::Qemu {
        let image = GuestImage::get().await?;
        for number in 1..=3 {
            guests.push(Guest::define(libvirt, &image, Acceleration::Tcg, number).await?);
        }
        return Ok(guests);
    }
    let folder = Scratch::new()?;
    let mut script = "destroy test\nundefine test\n".to_owned();
    for number in 1..=3 {
        let xml = format!(
            "<domain type='test'><name>guest{number:02}</name><uuid>{}</uuid>{}</domain>",
            id(number),
            body(driver)
        );
        let file = folder.write(format!("{number}.xml"), &xml)?;
        writeln!(script, "define {}", file.display())?;
    }
    libvirt.virsh_script(&script).await?;
    Ok(guests)
}

/// As [`Guest`] numbers them.
fn id(number: usize) -> String {
    format!("6c616200-0000-4000-8000-{number:012x}")
}

fn agent(folder: &Scratch, tap: &Tap, libvirt: &Libvirtd) -> anyhow::Result<Process> {
    let password = folder.write("password", PASSWORD)?;
    let settings = format!(
        "jid = 'hv01@{DOMAIN}'\npassword_file = '{}'\nadmins = ['admin@{DOMAIN}']\nlibvirt_uri = '{}'\nstate_dir = '{}'\n\
         machine_folders = ['{}/{{vm}}']\nadopt = 'manage'\nvm_sessions = 'all'\n\
         [bus]\nhosts = ['{}']\ntls = 'clear-text-on-loopback'\n",
        password.display(),
        libvirt.uri(),
        folder.path().join("state").display(),
        libvirt.images().display(),
        tap.address(),
    );
    let pictures = folder.path().join("state/avatars");
    std::fs::create_dir_all(&pictures)?;
    std::fs::write(pictures.join("rack.png"), b"\x89PNG\r\n\x1a\n a picture")?;
    let mut command = Command::new(PROGRAM);
    command
        .arg("run")
        .arg("--config")
        .arg(folder.write("agent.toml", &settings)?);
    Process::spawn("the agent", command, &folder.path().join("output"))
}

/// Sessions whose events nobody waits for.
fn people(tap: &Tap) -> anyhow::Result<BTreeMap<&'static str, Session>> {
    let settings = BusSettings {
        hosts: vec![Endpoint {
            host: "127.0.0.1".into(),
            port: tap.address().port(),
        }],
        tls: TlsMode::ClearTextOnLoopback,
        ..BusSettings::default()
    };
    let mut sessions = BTreeMap::new();
    for name in PEOPLE {
        let account = Account {
            jid: bare(name),
            resource: Some("coverage".into()),
            secret: Secret::new(PASSWORD.into()),
        };
        let tls = TlsClient::new(&settings)?;
        let (session, mut events) = connect(Options::new(account, settings.clone(), tls));
        tokio::spawn(async move { while events.next().await.is_some() {} });
        sessions.insert(name, session);
    }
    Ok(sessions)
}

/// The kernel's name of this host: libvirt may add the domain that it finds.
fn hostname() -> anyhow::Result<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")?;
    Ok(name.trim().to_owned())
}

fn words(driver: Driver, libvirt: &Libvirtd) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let kind = match driver {
        Driver::Qemu => "qemu",
        Driver::Test => "test",
    };
    let mut words = BTreeMap::from([
        ("dc", DOMAIN.to_owned()),
        ("host", "hv01".to_owned()),
        ("resource", hostname()?),
        ("nobody", id(99)),
        ("arrived", id(98)),
        ("images", libvirt.images().display().to_string()),
        // As the original's web client sends it.
        (
            "domain",
            format!("<domain xmlns='http://www.gajim.org/xmlns/undeclared' type='{kind}'>"),
        ),
        ("body", body(driver).to_owned()),
        ("images", libvirt.images().display().to_string()),
    ]);
    for (number, word) in (1..).zip(MACHINES) {
        words.insert(word, id(number));
    }
    Ok(words)
}
