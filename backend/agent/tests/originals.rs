//! Machines that are exchanged with hosts of the original agent: the account in the description, written and read only where the settings
//! want it, and told to nobody.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use archipel_agent::{
    Agent, Parts, PolicyChange, Rules, VmSessions,
    logging::{self, LogFormat},
};
use archipel_bus::{Account, Options, RequestError, Session, connect};
use archipel_config::Secret;
use archipel_hypervisor::{Driver as _, SimulatedDriver, View};
use archipel_lab::{ServerKind, ServerOptions};
use archipel_protocol::{
    Command, Element, Failure, Iq, IqKind, Jid, Request, VmId,
    chunks::Assembly,
    definitions::{self, Action, Which},
    document::Document,
    failure::FailureKind,
    feed::{Detail, Row},
    machines, vm_definition,
};
use common::{
    Client, DEADLINE, DOMAIN, PASSWORD, Site, driver, eventually, hypervisor, jid, online,
    team::grant, vm,
};

/// Of the machine that arrives.
const ARRIVING: &str = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01";
/// The password that it has.
const BROUGHT: &str = "a secret that was brought";

fn text(driver: &SimulatedDriver, id: VmId) -> String {
    driver.secure_definition(id, View::Next).unwrap()
}

fn is_labelled(driver: &SimulatedDriver, id: VmId) -> bool {
    text(driver, id).contains(&format!("<description>{id}@{DOMAIN}::::"))
}

/// With the first machine's account in its definition, or none in any.
async fn labels(driver: &SimulatedDriver, wanted: [bool; 2]) {
    eventually("the descriptions", async || {
        [1, 2].map(|number| is_labelled(driver, vm(number))) == wanted
    })
    .await;
}

fn rules(site: &Site, driver: &Arc<SimulatedDriver>, originals: &[&str]) -> Rules {
    Rules {
        originals: originals.iter().map(|name| jid(name)).collect(),
        ..site.parts(driver).rules
    }
}

async fn ask(client: &Client, id: VmId, request: Request) -> Result<Element, Failure> {
    client.command(&Command::new(request).for_vm(id)).await
}

async fn define(client: &Client, id: VmId, xml: &str) {
    let domain = Document::from_text(xml).unwrap();
    let action = vm_definition::Action::Define { domain };
    ask(client, id, Request::VmDefinition(action))
        .await
        .unwrap();
}

/// All that is told of a machine's definitions.
async fn everything_shown(client: &Client, id: VmId) -> String {
    let mut shown = String::new();
    for which in [Which::Next, Which::Live, Which::Version(1)] {
        let mut assembly = Assembly::default();
        loop {
            let offset = u64::try_from(assembly.offset()).unwrap();
            let command = Command::new(Request::Definitions(Action::Read { which, offset }));
            let answer = client.command(&command.clone().for_vm(id)).await.unwrap();
            let reply = command.request.parse_reply(&answer).unwrap();
            let archipel_protocol::Reply::Definitions(definitions::Reply::Piece(piece)) = reply
            else {
                panic!("{reply:?}");
            };
            if let Some(whole) = assembly.add(&piece).unwrap() {
                shown.push_str(&whole);
                break;
            }
        }
    }
    let history = Request::Definitions(Action::History { before: None });
    let xml = Request::VmControl(archipel_protocol::vm_control::Action::XmlDesc);
    for request in [history, xml] {
        shown.push_str(&String::from(&ask(client, id, request).await.unwrap()));
    }
    shown
}

#[tokio::test]
async fn an_account_stands_in_a_definition_only_while_it_is_to() {
    let test = "accounts in definitions";
    let Some(site) = Site::with(ServerKind::Prosody, test, ServerOptions::registration).await
    else {
        return;
    };
    let (log, _) = logging::start("warn,archipel_agent=debug", LogFormat::Text).unwrap();
    let driver = driver(2);
    let parts = |originals: &[&str]| Parts {
        vm_sessions: VmSessions::All,
        rules: rules(&site, &driver, originals),
        log: log.clone(),
        ..site.parts(&driver)
    };
    let agent = online(Agent::start(parts(&[]))).await;
    let admin = site.client("admin").await;
    eventually("the sessions of the machines", async || {
        let rows = admin.watch("w", Detail::State).await;
        let live = |row: &&Row| matches!(row, Row::Vm(row) if row.flags.session);
        rows.iter().filter(live).count() == 2
    })
    .await;
    define(&admin, vm(1), &text(&driver, vm(1))).await;
    labels(&driver, [false, false]).await;

    agent.reload(rules(&site, &driver, &["hv07"])).await;
    labels(&driver, [true, true]).await;
    let secret = text(&driver, vm(1));
    let secret = secret.split_once("::::").unwrap().1;
    let secret = secret.split_once('<').unwrap().0.to_owned();
    assert!(secret.len() >= 32, "{secret}");
    // Whoever writes a definition takes it away without meaning to.
    define(
        &admin,
        vm(1),
        &text(&driver, vm(2))
            .replace(&vm(2).to_string(), &vm(1).to_string())
            .replace("vm-2", "shop"),
    )
    .await;
    eventually("a written definition", async || {
        text(&driver, vm(1)).contains("shop")
    })
    .await;
    labels(&driver, [true, true]).await;
    let shown = everything_shown(&admin, vm(1)).await;
    assert!(
        !shown.contains("::::") && !shown.contains(&secret),
        "{shown}"
    );
    let clone = machines::Action::Clone {
        jid: None,
        name: Some("twin".into()),
        copy: None,
    };
    ask(&admin, vm(2), Request::Machines(clone)).await.unwrap();
    let twin = driver
        .truth()
        .into_iter()
        .find(|domain| domain.name == "twin")
        .unwrap();
    eventually("the copy's own account", async || {
        is_labelled(&driver, twin.id)
    })
    .await;

    // What people write there is theirs, and what is let go takes nothing with it.
    define(
        &admin,
        vm(2),
        &text(&driver, twin.id)
            .replace(&twin.id.to_string(), &vm(2).to_string())
            .replace("<description>", "<title>")
            .replace(
                "</description>",
                "</title><description>the shop</description>",
            )
            .replace("twin", "vm-2"),
    )
    .await;
    let unmanage = Command::new(Request::Machines(machines::Action::Unmanage {
        machines: vec![machines::Target {
            jid: format!("{}@{DOMAIN}", twin.id).parse().unwrap(),
        }],
    }));
    admin.command(&unmanage).await.unwrap();
    eventually("a machine that was let go", async || {
        !is_labelled(&driver, twin.id)
    })
    .await;
    assert!(text(&driver, vm(2)).contains("<description>the shop</description>"));

    // Switched off while the agent is away: it is taken away all the same.
    assert!(is_labelled(&driver, vm(1)));
    agent.stop().await;
    let _again = online(Agent::start(parts(&[]))).await;
    labels(&driver, [false, false]).await;
    assert!(text(&driver, vm(2)).contains("<description>the shop</description>"));
    let lines = log.last(usize::MAX);
    assert!(!lines.is_empty());
    assert!(
        lines
            .iter()
            .all(|line| !line.text.contains(&secret) && !line.text.contains("::::")),
        "{lines:?}"
    );
}

/// A machine as a host with the original agent has it on the bus.
struct Arriving {
    session: Session,
}

impl Arriving {
    async fn from(site: &Site, account: &str, node: &str) -> Self {
        let bus = site.bus();
        let password = if account == ARRIVING {
            BROUGHT
        } else {
            PASSWORD
        };
        let account = Account {
            jid: jid(account),
            resource: Some(node.into()),
            secret: Secret::new(password.into()),
        };
        let (session, mut events) = connect(Options::new(account, bus.settings, bus.tls));
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let mut ready = Some(ready);
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if matches!(event, archipel_bus::Event::Reset { .. }) {
                    ready.take().map(|ready| ready.send(()));
                }
            }
        });
        is_ready.await.unwrap();
        Self { session }
    }

    /// As the original asks: with `get`.
    async fn soft_alloc(&self, description: &str) -> Result<Iq, (Failure, String)> {
        let domain = format!(
            "<query xmlns='archipel:hypervisor:control'><archipel action='soft_alloc'><domain type='test'><name>arriving</name><uuid>{ARRIVING}</uuid><description>{description}</description><memory>65536</memory><os><type>hvm</type></os></domain></archipel></query>"
        );
        let to = Jid::from(hypervisor());
        let request = Iq::request(IqKind::Get, Some(to), domain.parse().unwrap());
        match self.session.request(request, DEADLINE).await {
            Ok(iq) => Ok(iq),
            Err(RequestError::Refused(iq)) => {
                let whole = iq.payloads.iter().map(String::from).collect();
                Err((Failure::parse(&iq), whole))
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

/// Whether the machine is there with a session of its own.
async fn has_session(admin: &Client) -> bool {
    let rows = admin.watch("w", Detail::State).await;
    let is_live = |row: &Row| matches!(row, Row::Vm(row) if row.id.to_string() == ARRIVING && row.flags.session);
    rows.iter().any(is_live)
}

#[tokio::test]
async fn a_machine_brings_its_account_from_a_listed_host_only() {
    for kind in ServerKind::ALL {
        brought_on(kind).await;
    }
}

async fn brought_on(kind: ServerKind) {
    let people = |options: ServerOptions| options.registration().account(ARRIVING, BROUGHT);
    let Some(site) = Site::with(kind, "a machine that brings its account", people).await else {
        return;
    };
    for who in [ARRIVING, "olga"] {
        let give = PolicyChange::Give(grant(who, "migrate_in", None));
        site.store().change_policy(vec![give]).await.unwrap();
    }
    let driver = driver(1);
    let parts = Parts {
        vm_sessions: VmSessions::All,
        rules: rules(&site, &driver, &["hv07"]),
        ..site.parts(&driver)
    };
    let agent = online(Agent::start(parts)).await;
    let admin = site.client("admin").await;
    let own = format!("{ARRIVING}@{DOMAIN}::::{BROUGHT}");
    let machine = Arriving::from(&site, ARRIVING, "hv07").await;
    for bad in [
        format!("../../x@{DOMAIN}::::{BROUGHT}"),
        format!("::::{BROUGHT}"),
        format!("{}@{DOMAIN}::::{BROUGHT}", vm(1)),
    ] {
        let (failure, whole) = machine.soft_alloc(&bad).await.unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Invalid { .. }),
            "{failure}"
        );
        assert!(!whole.contains(BROUGHT), "{whole}");
        assert!(driver.truth().len() == 1, "{bad}");
    }
    // Others may hand a machine over, but not its account: nobody learns whether the password is right.
    for (who, node) in [("olga", "hv07"), (ARRIVING, "hv08")] {
        let other = Arriving::from(&site, who, node).await;
        other.soft_alloc(&own).await.unwrap();
        eventually("the machine to be known", async || {
            driver.truth().len() == 2
        })
        .await;
        assert!(!text(&driver, ARRIVING.parse().unwrap()).contains("::::"));
        assert!(!has_session(&admin).await);
        let free = archipel_protocol::vm_resources::Action::Free { disks: None };
        ask(
            &admin,
            ARRIVING.parse().unwrap(),
            Request::VmResources(free),
        )
        .await
        .unwrap();
    }
    machine.soft_alloc(&own).await.unwrap();
    eventually("the machine to be on the bus", async || {
        has_session(&admin).await
    })
    .await;
    let wanted = format!("<description>{own}</description>");
    eventually("its account where the original finds it", async || {
        text(&driver, ARRIVING.parse().unwrap()).contains(&wanted)
    })
    .await;
    let again = Arriving::from(&site, "olga", "hv07").await;
    let (failure, _) = again.soft_alloc(&own).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    let (failure, _) = Arriving::from(&site, "eve", "hv07")
        .await
        .soft_alloc(&own)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    drop(agent);
}
