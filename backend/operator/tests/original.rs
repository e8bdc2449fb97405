//! Agents without the feed, as a peer plays them that answers like the original: on both servers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use archipel_fleet::{Plan, Reason, StepState, VmRef, WatchState, Wire, plan, plan_given};
use archipel_lab::ServerKind;
use archipel_language::Verb;
use archipel_operator::{OneShot, OperatorError, Settings, Wanted};
use archipel_protocol::{BareJid, IqKind, Presence, PresenceKind, VmState};
use common::{
    Lab, Screen, hv, is_live, lab_with,
    original::{DB, Entity, Original, Told, WEB, children, error, info, result, roster, says},
};

const DEADLINE: Duration = Duration::from_mins(1);
const DENIED: &str = "<query xmlns='archipel:hypervisor:control'><archipel action='rostervm'/></query><error code='-1' type='cancel'><archipel-error-permission xmlns='archipel:error:permission'/><text>Cannot use 'rostervm': permission denied</text></error>";

fn at(id: &str) -> VmRef {
    VmRef {
        hypervisor: hv(1),
        vm: id.parse().unwrap(),
    }
}

fn state(fleet: &archipel_fleet::Fleet, id: &str) -> Option<VmState> {
    fleet.vm(&at(id)).map(|vm| vm.state)
}

/// Rounds as while it is looked at, short patience.
fn hasty(lab: &Lab) -> Settings {
    let mut settings = lab.settings();
    settings.pace.machine = Duration::from_millis(500);
    settings.pace.question = Duration::from_secs(2);
    settings.pace.command = Duration::from_secs(2);
    settings.pace.round_looked_at = Duration::from_millis(200);
    settings
}

async fn lab_of(kind: ServerKind, test: &str) -> Option<Lab> {
    lab_with(kind, test, &[WEB, DB]).await
}

async fn watched(lab: &Lab, peer: &Original) -> (Screen, [Entity; 2]) {
    let entities = peer.start(lab).await;
    let mut screen = Screen::start(hasty(lab));
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 2).await;
    (screen, entities)
}

fn verb(id: &str) -> &'static Verb {
    Verb::by_id(id).unwrap()
}

async fn carried_out(screen: &mut Screen, plan: Plan) -> StepState {
    let run = screen.handle.execute(plan).unwrap();
    let over = move |fleet: &archipel_fleet::Fleet| {
        fleet.run(run).is_some_and(archipel_fleet::Run::is_over)
    };
    screen.until("the run is over", over).await;
    screen.fleet.run(run).unwrap().steps[0].state.clone()
}

#[tokio::test]
async fn what_it_says_becomes_rows_and_what_it_does_not_stays_unknown() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_of(kind, "original rows").await else {
            continue;
        };
        let peer = Original::new();
        let (screen, _entities) = watched(&lab, &peer).await;
        let host = screen.fleet.hypervisor(&hv(1)).unwrap();
        assert_eq!(
            (host.wire, &host.watch),
            (Wire::Original, &WatchState::Live),
            "{kind}"
        );
        let row = host.row.as_ref().unwrap();
        assert_eq!((row.memory_kib, row.cpus), (24_684_084, 0), "{kind}");
        assert_eq!(host.load.as_ref().unwrap().cpu_permille, Some(125));
        let web = screen.fleet.vm(&at(WEB)).unwrap();
        assert_eq!(
            (web.state, web.vcpus, web.memory_kib),
            (VmState::Running, 2, 131_072)
        );
        let db = screen.fleet.vm(&at(DB)).unwrap();
        assert_eq!(
            (db.state, db.vcpus, db.flags.managed),
            (VmState::Unknown, 0, false)
        );
        assert_eq!(peer.count(DB, "info"), 0, "nobody is there to be asked");
        assert_eq!(peer.count("hv01", "capabilities"), 0);
        screen.stop().await;
    }
}

#[tokio::test]
async fn a_plain_command_is_accepted_and_its_end_is_seen() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_of(kind, "original act").await else {
            continue;
        };
        let peer = Original::new();
        peer.says(WEB, "info", info(5));
        let (mut screen, _entities) = watched(&lab, &peer).await;
        assert_eq!(state(&screen.fleet, WEB), Some(VmState::Off), "{kind}");
        let start = plan(&screen.fleet, verb("vm.start"), &[at(WEB)]);
        peer.says(WEB, "info", info(1));
        assert_eq!(
            carried_out(&mut screen, start).await,
            StepState::Done,
            "{kind}"
        );
        screen
            .until("it runs", |fleet| {
                state(fleet, WEB) == Some(VmState::Running)
            })
            .await;
        let memory = plan_given(
            &screen.fleet,
            verb("vm.memory"),
            vec!["64MiB".into()],
            &[at(WEB)],
        );
        assert_eq!(carried_out(&mut screen, memory).await, StepState::Done);
        let asked = peer.script().asked.clone();
        let changes: Vec<_> = asked
            .iter()
            .filter(|asked| asked.kind == IqKind::Set)
            .collect();
        let words: Vec<_> = changes.iter().map(|asked| asked.action.as_str()).collect();
        assert_eq!(words, ["create", "memory"]);
        let ours = |text: &str| {
            ["op=", "issued", "vm="]
                .iter()
                .any(|word| text.contains(word))
        };
        assert!(
            changes.iter().all(|asked| !ours(&asked.text)),
            "{changes:?}"
        );
        screen.stop().await;
    }
}

#[tokio::test]
async fn what_the_original_does_not_know_is_refused_before_it_is_sent() {
    let Some(lab) = lab_of(ServerKind::Prosody, "original unknown").await else {
        return;
    };
    let peer = Original::new();
    let (screen, _entities) = watched(&lab, &peer).await;
    for id in ["vm.reset", "vm.save", "vm.protect", "vm.undo", "vm.rename"] {
        let plan = plan(&screen.fleet, verb(id), &[at(WEB)]);
        let reason = plan.steps[0].verdict.clone().unwrap_err();
        assert!(
            matches!(reason, Reason::UnknownToOriginal { .. }),
            "{id}: {reason}"
        );
    }
    let unmanaged = plan(&screen.fleet, verb("vm.start"), &[at(DB)]);
    assert_eq!(unmanaged.steps[0].verdict, Err(Reason::Unmanaged));
    let query = archipel_protocol::events::Query {
        after: None,
        limit: 1,
        ..archipel_protocol::events::Query::default()
    };
    let error = screen.handle.events(&hv(1), query).await.unwrap_err();
    assert!(
        matches!(error, OperatorError::Unsupported { .. }),
        "{error}"
    );
    screen.stop().await;
}

#[tokio::test]
async fn no_change_is_sent_twice() {
    let Some(lab) = lab_of(ServerKind::Prosody, "original once").await else {
        return;
    };
    let peer = Original::new();
    let (mut screen, [host, web]) = watched(&lab, &peer).await;
    peer.says(WEB, "shutdown", Told::Nothing);
    let shutdown = plan(&screen.fleet, verb("vm.shutdown"), &[at(WEB)]);
    let run = screen.handle.execute(shutdown).unwrap();
    peer.until("it was asked", |peer| peer.count(WEB, "shutdown") == 1)
        .await;
    host.stop().await;
    let over = move |fleet: &archipel_fleet::Fleet| {
        fleet.run(run).is_some_and(archipel_fleet::Run::is_over)
    };
    screen.until("the run is over", over).await;
    let StepState::Failed(failure) = &screen.fleet.run(run).unwrap().steps[0].state else {
        panic!("not failed");
    };
    assert!(failure.text.contains("outcome is not known"), "{failure}");
    let _host = peer
        .log_in(&lab, "hv01", "node", says(None, "Online (1)"))
        .await;
    screen.until_live(&hv(1), 2).await;
    assert_eq!(peer.count(WEB, "shutdown"), 1);
    drop(web);
    screen.stop().await;
}

#[tokio::test]
async fn a_refusal_is_told_in_its_own_words() {
    let Some(lab) = lab_of(ServerKind::Prosody, "original refusal").await else {
        return;
    };
    let peer = Original::new();
    let (mut screen, _entities) = watched(&lab, &peer).await;
    let libvirt = "<query xmlns='archipel:vm:control'><archipel action='shutdown'/></query><error code='55' type='cancel'><libvirt-error-generic xmlns='libvirt:error:generic'/><text>Requested operation is not valid: domain is not running\n\narchipel:vm:control\nshutdown</text></error>";
    peer.says(WEB, "shutdown", error(libvirt));
    let shutdown = plan(&screen.fleet, verb("vm.shutdown"), &[at(WEB)]);
    let StepState::Failed(failure) = carried_out(&mut screen, shutdown).await else {
        panic!("not failed");
    };
    assert!(
        failure.text.starts_with("Requested operation is not valid"),
        "{failure}"
    );
    screen.stop().await;
}

#[tokio::test]
async fn a_machine_without_definition_answers_with_ignore_and_minus_42() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_of(kind, "original ignore").await else {
            continue;
        };
        let peer = Original::new();
        let ignore = IqKind::Other("ignore".into());
        let empty = children("<query xmlns='archipel:vm:control'/>");
        peer.says(WEB, "info", Told::Iq(ignore, empty));
        let entities = [
            peer.log_in(&lab, "hv01", "node", says(None, "Online (1)"))
                .await,
            peer.log_in(&lab, WEB, "hv01", says(Some("xa"), "Not defined"))
                .await,
        ];
        let mut screen = Screen::start(hasty(&lab));
        screen.handle.add(hv(1)).await.unwrap();
        screen.until_live(&hv(1), 2).await;
        let said = state(&screen.fleet, WEB).unwrap();
        // Where the server keeps the answer for itself, nothing is known.
        assert!(
            matches!(said, VmState::Undefined | VmState::Unknown),
            "{kind}: {said}"
        );
        assert_eq!(screen.fleet.vm(&at(WEB)).unwrap().vcpus, 0);
        drop(entities);
        screen.stop().await;
    }
}

#[tokio::test]
async fn minus_42_and_two_queries_are_understood() {
    let Some(lab) = lab_of(ServerKind::Prosody, "original odd").await else {
        return;
    };
    let peer = Original::new();
    let bounced = "<query xmlns='archipel:vm:control'/><error code='-42' type='cancel'><archipel-error-generic xmlns='archipel:error:generic'/><text>'NoneType' object has no attribute 'getAttr'</text></error>";
    peer.says(WEB, "info", error(bounced));
    let twice = format!(
        "<query xmlns='archipel:hypervisor:control'/><query xmlns='archipel:hypervisor:control'><item managed='True' name='web'>{WEB}@dc.example/hv01</item></query>"
    );
    peer.says("hv01", "rostervm", result(&twice));
    let _entities = peer.start(&lab).await;
    let mut screen = Screen::start(hasty(&lab));
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 1).await;
    assert_eq!(state(&screen.fleet, WEB), Some(VmState::Undefined));
    screen.stop().await;
}

#[tokio::test]
async fn silence_holds_nothing_up_and_a_refused_list_says_why() {
    let Some(lab) = lab_of(ServerKind::Prosody, "original silence").await else {
        return;
    };
    let peer = Original::new();
    peer.says(WEB, "info", Told::Nothing);
    peer.says("hv01", "info", Told::Nothing);
    let (mut screen, _entities) = watched(&lab, &peer).await;
    assert_eq!(state(&screen.fleet, WEB), Some(VmState::Unknown));
    assert_eq!(screen.fleet.hypervisor(&hv(1)).unwrap().load, None);
    peer.says("hv01", "rostervm", error(DENIED));
    screen.handle.look(archipel_fleet::Look::At(hv(1)));
    let failed = |fleet: &archipel_fleet::Fleet| {
        let watch = &fleet.hypervisor(&hv(1)).unwrap().watch;
        matches!(watch, WatchState::Failed(why) if why.contains("permission denied"))
    };
    screen.until("the list is refused", failed).await;
    assert_eq!(
        screen.fleet.counts().stale,
        2,
        "what was known stays, greyed"
    );
    peer.says("hv01", "rostervm", roster(&[("web", WEB, true)]));
    screen.until_live(&hv(1), 1).await;
    screen.stop().await;
}

#[tokio::test]
async fn presence_of_the_named_session_counts_and_a_changed_one_does_not() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_of(kind, "original presence").await else {
            continue;
        };
        let peer = Original::new();
        let (mut screen, [_host, web]) = watched(&lab, &peer).await;
        befriended(&peer, &web).await;
        web.says(says(Some("away"), "Paused")).await;
        screen
            .until("it is paused", |fleet| {
                state(fleet, WEB) == Some(VmState::Paused)
            })
            .await;
        let elsewhere = peer
            .log_in(&lab, WEB, "hv09", says(Some("xa"), "Off"))
            .await;
        let before = peer.count("hv01", "rostervm");
        elsewhere.says(says(Some("xa"), "Off")).await;
        peer.until("the list is asked for", |peer| {
            peer.count("hv01", "rostervm") > before
        })
        .await;
        screen.settle().await;
        assert_ne!(state(&screen.fleet, WEB), Some(VmState::Off), "{kind}");
        screen.stop().await;
    }
}

/// The machine asks its owner to see each other, as it does after it was made.
async fn befriended(peer: &Original, web: &Entity) {
    let olga = BareJid::new("olga@dc.example").unwrap();
    web.says(Presence::new(PresenceKind::Subscribe).to(olga))
        .await;
    peer.until("it is asked back", |peer| {
        peer.script().befriended.contains(WEB)
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_comes_and_goes_is_asked_anew_at_its_new_address() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_of(kind, "original comes and goes").await else {
            continue;
        };
        let peer = Original::new();
        let (mut screen, [host, _web]) = watched(&lab, &peer).await;
        host.stop().await;
        let offline =
            |fleet: &archipel_fleet::Fleet| !fleet.hypervisor(&hv(1)).unwrap().reach.is_online();
        screen.until("it is gone", offline).await;
        assert_eq!(
            screen.fleet.counts().machines,
            2,
            "the last known state stays"
        );
        peer.says(WEB, "info", info(3));
        let _host = peer
            .log_in(&lab, "hv01", "other-node", says(None, "Online (1)"))
            .await;
        screen.until_live(&hv(1), 2).await;
        assert_eq!(state(&screen.fleet, WEB), Some(VmState::Paused), "{kind}");
        screen.stop().await;
    }
}

#[tokio::test]
async fn hostile_answers_change_nothing_they_may_not() {
    let Some(lab) = lab_of(ServerKind::Prosody, "original hostile").await else {
        return;
    };
    let peer = Original::new();
    let foreign = format!(
        "<query xmlns='archipel:hypervisor:control'><item managed='True' name='olga'>olga@dc.example/x</item><item managed='True' name='stolen'>{WEB}@dc.example/hv02</item><item managed='True' name='{}'>{DB}@dc.example/hv01</item></query>",
        "x".repeat(2_000)
    );
    peer.says("hv01", "rostervm", result(&foreign));
    peer.says(
        DB,
        "info",
        result("<query xmlns='archipel:vm:control'><info state='many' hypervisor='@'/></query>"),
    );
    peer.says(
        "hv01",
        "info",
        result("<query xmlns='archipel:hypervisor:health'><memory total='-1'/></query>"),
    );
    let _host = peer
        .log_in(
            &lab,
            "hv01",
            "node",
            says(None, "\u{26ad} Online (99999999999999)"),
        )
        .await;
    let _db = peer.log_in(&lab, DB, "hv01", says(None, "Running")).await;
    let _stolen = peer.log_in(&lab, WEB, "hv02", says(None, "Running")).await;
    let mut screen = Screen::start(hasty(&lab));
    screen.handle.add(hv(1)).await.unwrap();
    screen.until_live(&hv(1), 2).await;
    assert_eq!(state(&screen.fleet, DB), Some(VmState::Unknown));
    assert!(screen.fleet.vm(&at(DB)).unwrap().name.chars().count() <= 64);
    assert_eq!(
        peer.count(WEB, "info"),
        0,
        "nobody else's machine is spoken to"
    );
    let start = plan(&screen.fleet, verb("vm.shutdown"), &[at(WEB)]);
    assert!(start.steps[0].verdict.is_err());
    screen.stop().await;
}

#[tokio::test]
async fn one_command_of_the_shell_needs_no_feed() {
    for kind in ServerKind::ALL {
        let Some(lab) = lab_of(kind, "original shell").await else {
            continue;
        };
        let peer = Original::new();
        let (screen, _entities) = watched(&lab, &peer).await;
        screen.stop().await;
        let mut shell = OneShot::start(hasty(&lab)).unwrap();
        let missing = shell.sync(Wanted::All, DEADLINE).await.unwrap();
        assert_eq!(missing, [], "{kind}");
        assert!(is_live(shell.fleet(), &hv(1), 2), "{kind}");
        let asked = shell.handle().info(&at(WEB)).await.unwrap();
        assert_eq!(asked.unwrap().vcpus, 2);
        let pause = plan(shell.fleet(), verb("vm.pause"), &[at(WEB)]);
        let run = shell.run(pause, |_| {}).await.unwrap();
        assert_eq!(run.progress().done, 1, "{kind}");
        shell.stop().await;
    }
}
