//! Single commands of the shell, from a warm cache, a cold one, and against hosts that are not there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use archipel_fleet::plan;
use archipel_lab::ServerKind;
use archipel_language::Verb;
use archipel_operator::{OneShot, OperatorError, Wanted};
use archipel_protocol::{PresenceKind, VmState};
use common::{
    Lab,
    agent::{Agent, Script, machine},
    hv, is_live, lab, lab_on, vm,
};

const DEADLINE: Duration = Duration::from_secs(20);
/// For what comes in any case.
const PATIENCE: Duration = Duration::from_mins(2);

/// An agent that an earlier run of the program has added.
async fn added(lab: &Lab) -> Agent {
    let agent = Agent::start(lab, "hv01", 3);
    let mut screen = lab.screen();
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 3).await;
    screen.stop().await;
    agent
}

#[tokio::test]
async fn a_warm_cache_finds_the_agent_and_announces_nobody_else() {
    let Some(lab) = lab("warm").await else { return };
    let agent = added(&lab).await;
    agent.script().presences.clear();
    agent.script().watches.clear();
    agent
        .script()
        .machines
        .insert(common::vm_id(1), machine(1, VmState::Running));
    agent.script().seq += 1;

    let mut shell = lab.one_shot();
    shell.cached().await.unwrap();
    assert_eq!(
        shell.fleet().counts().stale,
        3,
        "known before anybody was asked"
    );
    let missing = shell
        .sync(Wanted::These(vec![hv(1)]), DEADLINE)
        .await
        .unwrap();
    assert_eq!(missing, []);
    assert!(is_live(shell.fleet(), &hv(1), 3));
    assert_eq!(shell.fleet().vm(&vm(1, 1)).unwrap().state, VmState::Running);
    assert!(
        agent.script().watches[0].1.known.is_some(),
        "only what changed was sent"
    );
    shell.stop().await;
    let directed = |presence: &archipel_protocol::Presence| {
        presence
            .to
            .as_ref()
            .is_some_and(|to| to.resource().is_some())
    };
    let seen: Vec<_> = agent.script().presences.clone();
    let available: Vec<_> = seen
        .iter()
        .filter(|presence| presence.kind == PresenceKind::Available)
        .collect();
    assert!(available.len() == 1 && directed(available[0]), "{seen:?}");
}

#[tokio::test]
async fn a_plan_is_carried_out_and_reported() {
    let Some(lab) = lab("run").await else { return };
    let agent = added(&lab).await;
    let mut shell = lab.one_shot();
    shell.sync(Wanted::All, DEADLINE).await.unwrap();
    let start = plan(
        shell.fleet(),
        Verb::by_id("vm.start").unwrap(),
        &[vm(1, 1), vm(1, 2)],
    );
    let mut seen = 0;
    let run = shell.run(start, |_| seen += 1).await.unwrap();
    assert_eq!((run.progress().done, run.progress().failed), (2, 0));
    assert!(seen >= 2);
    assert_eq!(agent.script().commands.len(), 2);
    shell.stop().await;
}

#[tokio::test]
async fn a_cold_start_asks_whether_the_agent_is_there() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_on(kind, "cold").await else {
            continue;
        };
        let agent = added(&lab).await;
        lab.forget_cache();
        let mut shell = lab.one_shot();
        let missing = shell.sync(Wanted::All, DEADLINE).await.unwrap();
        assert_eq!(missing, [], "{kind}");
        assert!(is_live(shell.fleet(), &hv(1), 3), "{kind}");
        drop(agent);
        shell.stop().await;
    }
}

async fn is_missing(shell: &mut OneShot, wanted: Wanted) -> String {
    let missing = shell.sync(wanted, DEADLINE).await.unwrap();
    assert_eq!(missing.len(), 1, "{missing:?}");
    missing[0].reason.clone()
}

#[tokio::test]
async fn a_hypervisor_that_is_not_there_is_named_with_the_reason() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_on(kind, "missing").await else {
            continue;
        };
        added(&lab).await.stop().await;
        let mut warm = lab.one_shot();
        let why = is_missing(&mut warm, Wanted::All).await;
        let known = ["went away", "nothing is heard"];
        assert!(known.iter().any(|text| why.contains(text)), "{kind}: {why}");
        assert_eq!(
            warm.fleet().counts().machines,
            3,
            "the last known state stays"
        );
        let stranger = is_missing(&mut warm, Wanted::These(vec![hv(2)])).await;
        assert!(stranger.contains("not trusted"), "{stranger}");
        warm.stop().await;
    }
}

#[tokio::test]
async fn a_hypervisor_is_added_without_a_screen() {
    let Some(lab) = lab("added by the shell").await else {
        return;
    };
    let agent = Agent::start(&lab, "hv01", 2);
    let shell = lab.one_shot();
    shell.handle().add(hv(1)).await.unwrap();
    shell.stop().await;
    agent
        .until("it was asked", |script| !script.presences.is_empty())
        .await;
    let mut shell = lab.one_shot();
    let missing = shell.sync(Wanted::All, DEADLINE).await.unwrap();
    assert_eq!(missing, []);
    assert!(is_live(shell.fleet(), &hv(1), 2));
    shell.stop().await;
}

/// A server that refuses a probe forgets the request that came before it.
#[tokio::test]
async fn looking_for_a_hypervisor_that_has_not_joined_yet_takes_nothing_back() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_on(kind, "not yet").await else {
            continue;
        };
        let shell = lab.one_shot();
        shell.handle().add(hv(1)).await.unwrap();
        shell.stop().await;
        let mut shell = lab.one_shot();
        is_missing(&mut shell, Wanted::All).await;
        shell.stop().await;

        let agent = Agent::start(&lab, "hv01", 2);
        let asked = |script: &Script| {
            let mut presences = script.presences.iter();
            presences.any(|presence| presence.kind == PresenceKind::Subscribe)
        };
        agent.until("it was asked to be seen", asked).await;
        let mut settings = lab.settings();
        // It is there: however busy the machine is, its answer comes.
        settings.pace.probe = PATIENCE;
        let mut shell = OneShot::start(settings).unwrap();
        let missing = shell.sync(Wanted::All, PATIENCE).await.unwrap();
        assert_eq!(missing, [], "{kind}");
        shell.stop().await;
    }
}

#[tokio::test]
async fn no_server_is_an_error_at_once() {
    let Some(mut lab) = lab("no server").await else {
        return;
    };
    drop(added(&lab).await);
    lab.server.stop().await;
    let mut shell = lab.one_shot();
    let error = shell.sync(Wanted::All, DEADLINE).await.unwrap_err();
    assert!(matches!(error, OperatorError::NotConnected(_)), "{error}");
    assert_eq!(shell.fleet().counts().machines, 3);
    shell.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_said_in_words() {
    let Some(lab) = lab("password").await else {
        return;
    };
    let mut settings = lab.settings();
    settings.secret = archipel_config::Secret::new("wrong".into());
    let mut shell = OneShot::start(settings).unwrap();
    let error = shell.sync(Wanted::All, DEADLINE).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("refused the password of olga@dc.example"),
        "{error}"
    );
    shell.stop().await;
}

#[tokio::test]
async fn a_host_that_has_not_joined_is_not_waited_for() {
    let Some(lab) = lab("invited").await else {
        return;
    };
    let mut screen = lab.screen();
    let online = |fleet: &archipel_fleet::Fleet| fleet.link().is_online();
    screen.until("the operator is online", online).await;
    screen.handle.add(hv(1)).await.unwrap();
    screen.stop().await;

    let mut settings = lab.settings();
    // What an invitation leaves behind, beside the account and the request to see it.
    let list = settings.paths.invitations_file();
    let invited = "[[invited]]\njid = \"hv01@dc.example\"\nexpires = \"2126-01-01T00:00:00Z\"\n";
    fs::write(&list, invited).unwrap();
    fs::set_permissions(&list, fs::Permissions::from_mode(0o600)).unwrap();
    // Whoever waits for an answer of the host waits too long.
    settings.pace.probe = Duration::from_hours(1);
    let mut shell = OneShot::start(settings).unwrap();
    let missing = shell.sync(Wanted::All, DEADLINE).await.unwrap();
    let reasons: Vec<&str> = missing.iter().map(|host| host.reason.as_str()).collect();
    assert_eq!(reasons, ["invited, has not joined yet"]);
    shell.stop().await;
}
