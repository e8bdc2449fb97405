//! Machines with sessions of their own, where the server lets the agent have accounts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use archipel_agent::{Adopt, Agent, Credentials, Grant, Parts, PolicyChange, Rules, VmSessions};
use archipel_bus::Event;
use archipel_hypervisor::{Power, simulated::Change};
use archipel_lab::{Patience, ServerKind, until};
use archipel_protocol::{
    BareJid, Command, FullJid, IqKind, Presence, PresenceKind, Request, Stanza, VmId, VmState,
    failure::FailureKind,
    feed::{Detail, Row},
    presence::vm_state,
    vm_control::Action,
};
use common::{Client, DOMAIN, Site, driver, eventually, jid, online, vm};

fn address(id: VmId) -> FullJid {
    format!("{id}@{DOMAIN}/hv01").parse().unwrap()
}

async fn ask(
    client: &Client,
    id: VmId,
    action: Action,
) -> Result<archipel_protocol::Iq, archipel_protocol::Failure> {
    let command = Command::new(Request::VmControl(action));
    let kind = if action.is_change() {
        IqKind::Set
    } else {
        IqKind::Get
    };
    client.iq(kind, address(id), command.to_element()).await
}

async fn sessions(client: &mut Client, count: usize) {
    let rows = client.watch("sessions", Detail::State).await;
    let mut waiting: Vec<VmId> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Vm(row) if !row.flags.session => Some(row.id),
            _ => None,
        })
        .collect();
    assert!(rows.iter().filter(|row| matches!(row, Row::Vm(_))).count() >= count);
    while !waiting.is_empty() {
        let there = client
            .delta("a machine's session", |row| match row {
                Row::Vm(row) if row.flags.session => Some(row.id),
                _ => None,
            })
            .await;
        waiting.retain(|id| *id != there);
    }
}

#[tokio::test]
async fn machines_are_contacts_whose_presence_follows_libvirt() {
    let registration = |options: archipel_lab::ServerOptions| options.registration();
    let Some(site) = Site::with(ServerKind::Prosody, "machines as contacts", registration).await
    else {
        return;
    };
    let driver = driver(3);
    let parts = || Parts {
        vm_sessions: VmSessions::Auto,
        ..site.parts(&driver)
    };
    let agent = online(Agent::start(parts())).await;
    let mut admin = site.client("admin").await;
    sessions(&mut admin, 3).await;
    admin
        .send(Presence::new(PresenceKind::Subscribe).to(address(vm(1)).to_bare()))
        .await;
    state(&mut admin, vm(1), VmState::Off).await;
    ask(&admin, vm(1), Action::Create).await.unwrap();
    state(&mut admin, vm(1), VmState::Running).await;
    driver
        .outside(Change::Power(vm(1), Power::Suspend))
        .unwrap();
    state(&mut admin, vm(1), VmState::Paused).await;
    let refused = ask(&site.client("eve").await, vm(1), Action::Info).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Forbidden);

    agent.stop().await;
    state(&mut admin, vm(1), VmState::Unknown).await;
    let _again = online(Agent::start(parts())).await;
    state(&mut admin, vm(1), VmState::Paused).await;
}

/// Servers tell the end of a session whose place another one took after that one was announced.
#[tokio::test]
async fn machines_whose_sessions_were_taken_over_are_still_there() {
    const MACHINES: usize = 40;
    let registration = |options: archipel_lab::ServerOptions| options.registration();
    for kind in ServerKind::ALL {
        let Some(site) = Site::with(kind, "taken over", registration).await else {
            continue;
        };
        let driver = driver(u32::try_from(MACHINES).unwrap());
        let parts = || Parts {
            vm_sessions: VmSessions::Auto,
            ..site.parts(&driver)
        };
        let _first = online(Agent::start(parts())).await;
        let mut admin = site.client("admin").await;
        let all = until("all sessions", Patience::seconds(120), async || {
            let rows = admin.watch("sessions", Detail::State).await;
            let own = |row: &&Row| matches!(row, Row::Vm(row) if row.flags.session);
            (rows.iter().filter(own).count() == MACHINES).then_some(())
        });
        all.await.unwrap();
        for number in 1..=MACHINES {
            let knock = Presence::new(PresenceKind::Subscribe);
            admin.send(knock.to(address(vm(number)).to_bare())).await;
        }
        all_there(&mut admin, MACHINES).await;
        let _second = online(Agent::start(parts())).await;
        all_there(&mut admin, MACHINES).await;
    }
}

/// Waits until so many machines were announced, and none of them left afterwards.
async fn all_there(client: &mut Client, machines: usize) {
    let end = Instant::now() + Duration::from_mins(2);
    let mut seen: HashMap<BareJid, bool> = HashMap::new();
    loop {
        let follow = client.wait("silence", |event| {
            if let Event::Stanza(Stanza::Presence(presence)) = event
                && let Some(from) = &presence.from
            {
                let gone = presence.kind == PresenceKind::Unavailable;
                if gone || presence.kind == PresenceKind::Available {
                    seen.insert(from.to_bare(), !gone);
                }
            }
            None::<()>
        });
        let _ = tokio::time::timeout(Duration::from_secs(2), follow).await;
        let is_there = |number: &usize| seen.get(&address(vm(*number)).to_bare()) == Some(&true);
        let there = (1..=machines).filter(is_there).count();
        if there == machines {
            return;
        }
        assert!(Instant::now() < end, "{there} of {machines} are there");
    }
}

/// Waits until the machine's presence says that it is in this state.
async fn state(client: &mut Client, id: VmId, wanted: VmState) {
    client
        .wait("a machine's presence", |event| match event {
            Event::Stanza(Stanza::Presence(presence)) => {
                let own = presence.from.as_ref()?.to_bare() == address(id).to_bare();
                (own && vm_state(&presence) == wanted).then_some(())
            }
            _ => None,
        })
        .await;
}

#[tokio::test]
async fn without_registration_machines_are_served_through_the_hypervisor() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "no registration").await else {
        return;
    };
    let driver = driver(2);
    let parts = Parts {
        vm_sessions: VmSessions::Auto,
        ..site.parts(&driver)
    };
    let _agent = online(Agent::start(parts)).await;
    let admin = site.client("admin").await;
    eventually("the machine to be known", async || {
        admin.vm(vm(1), Action::Info).await.is_ok()
    })
    .await;
    assert!(ask(&admin, vm(1), Action::Info).await.is_err());
}

#[tokio::test]
async fn an_agent_registers_its_own_account_once() {
    let registration = |options: archipel_lab::ServerOptions| options.registration();
    let Some(site) = Site::with(ServerKind::Prosody, "own account", registration).await else {
        return;
    };
    let driver = driver(1);
    let parts = || Parts {
        account: jid("hv99"),
        credentials: Credentials::Registered,
        ..site.parts(&driver)
    };
    online(Agent::start(parts())).await.stop().await;
    online(Agent::start(parts())).await.stop().await;
    let taken = Parts {
        account: jid("hv01"),
        ..parts()
    };
    let end = Agent::start(taken).ended().await.to_string();
    assert!(end.contains("hv01@dc.example exists already"), "{end}");
}

#[tokio::test]
async fn machines_that_are_only_shown_are_left_alone() {
    let Some(site) = Site::start(ServerKind::Prosody, "adoption").await else {
        return;
    };
    let driver = driver(1);
    let show = Rules {
        adopt: Adopt::Show,
        ..site.parts(&driver).rules
    };
    let parts = Parts {
        rules: show.clone(),
        ..site.parts(&driver)
    };
    let agent = online(Agent::start(parts)).await;
    let mut admin = site.client("admin").await;
    eventually("the machine to be known", async || {
        admin.vm(vm(1), Action::Info).await.is_ok()
    })
    .await;
    let rows = admin.watch("w", Detail::State).await;
    assert!(
        rows.iter()
            .any(|row| matches!(row, Row::Vm(row) if !row.flags.managed))
    );
    let refused = admin.vm(vm(1), Action::Create).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::WrongState);
    assert!(
        refused.text.starts_with("not managed: `vm-1`"),
        "{}",
        refused.text
    );

    let manage = Rules {
        adopt: Adopt::Manage,
        ..show
    };
    agent.reload(manage).await;
    admin
        .delta("the machine to be managed", |row| {
            matches!(row, Row::Vm(row) if row.flags.managed).then_some(())
        })
        .await;
    admin.vm(vm(1), Action::Create).await.unwrap();
}

#[tokio::test]
async fn grants_of_the_store_and_new_admins_count() {
    let Some(site) = Site::start(ServerKind::Prosody, "grants").await else {
        return;
    };
    let driver = driver(1);
    let parts = site.parts(&driver);
    for permission in ["info", "rostervm", "presence"] {
        let grant = Grant {
            jid: jid("olga"),
            permission: permission.into(),
            scope: None,
            expires: None,
        };
        let give = PolicyChange::Give(grant);
        parts.store.change_policy(vec![give]).await.unwrap();
    }
    let rules = parts.rules.clone();
    let agent = online(Agent::start(parts)).await;
    let mut olga = site.client("olga").await;
    eventually("the machine to be known", async || {
        olga.vm(vm(1), Action::Info).await.is_ok()
    })
    .await;
    let refused = olga.vm(vm(1), Action::Create).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
    let rows = olga.watch("w", Detail::State).await;
    let Row::Host(host) = &rows[0] else {
        panic!("the host comes first: {rows:?}")
    };
    assert!(host.rights.allow("info") && !host.rights.allow("create"));

    let rules = Rules {
        admins: vec![jid("olga")],
        ..rules
    };
    agent.reload(rules).await;
    olga.delta("the new rights", |row| match row {
        Row::Host(host) if host.rights.allow("create") => Some(()),
        _ => None,
    })
    .await;
    olga.vm(vm(1), Action::Create).await.unwrap();
    let admin = site.client("admin").await;
    let refused = admin.vm(vm(1), Action::Info).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Forbidden);
}
