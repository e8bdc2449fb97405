//! Agents without the feed, played from recordings of a real one: the folder is named by `ARCHIPEL_RECORDINGS`, else nothing is tested here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};

use archipel_fleet::{Run, StepState, VmRef, plan_given};
use archipel_lab::{ServerKind, skip};
use archipel_language::Verb;
use archipel_protocol::{Element, IqKind, VmState};
use common::{
    Screen, hv, lab_with,
    original::{Original, Told, says},
};

const ROSTER: &str = "archipel-hypervisor-control__rostervm__with-unmanaged.xml";

/// The recordings, where they are.
fn recordings(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ARCHIPEL_RECORDINGS").map(PathBuf::from);
    if folder.is_none() {
        skip(test, "ARCHIPEL_RECORDINGS names no folder");
    }
    folder
}

/// A recorded text with the addresses of the lab.
fn moved(folder: &Path, file: &str) -> Element {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let text = text
        .replace(
            "hypervisor@example.test/hv1.example.test",
            "hv01@dc.example/node",
        )
        .replace("@example.test/hypervisor", "@dc.example/hv01")
        .replace("@example.test", "@dc.example")
        .replace("<exchange ", "<exchange xmlns='x' ");
    text.parse().unwrap()
}

/// What the agent itself sent first.
fn sent(folder: &Path, file: &str) -> Told {
    let whole = moved(folder, file);
    let sent = whole.get_child("agent-sent", "jabber:client").unwrap();
    let iq = sent.children().find(|child| child.name() == "iq").unwrap();
    let kind = match iq.attr("type").unwrap() {
        "result" => IqKind::Result,
        "error" => IqKind::Error,
        other => IqKind::Other(other.to_owned()),
    };
    Told::Iq(kind, iq.children().cloned().collect())
}

/// The accounts of the machines in the recorded list, in its order: managed or not.
fn machines(folder: &Path) -> Vec<(String, bool)> {
    let Told::Iq(_, children) = sent(folder, ROSTER) else {
        unreachable!("it is an answer")
    };
    let item = |item: &Element| {
        let account = item.text().split('@').next().unwrap().to_owned();
        (account, item.attr("managed") == Some("True"))
    };
    children[0].children().map(item).collect()
}

fn at(account: &str) -> VmRef {
    VmRef {
        hypervisor: hv(1),
        vm: account.parse().unwrap(),
    }
}

/// A recorded answer to `info`, and what is known from it.
const INFOS: [(&str, &[VmState]); 4] = [
    ("running", &[VmState::Running]),
    ("shut-off", &[VmState::Off]),
    ("paused", &[VmState::Paused]),
    // A server may keep the type `ignore` for itself.
    ("not-defined", &[VmState::Undefined, VmState::Unknown]),
];

#[tokio::test]
async fn recorded_answers_become_what_the_feed_would_say() {
    let test = "recorded answers";
    let Some(folder) = recordings(test) else {
        return;
    };
    let all = machines(&folder);
    let accounts: Vec<&str> = all.iter().map(|(account, _)| account.as_str()).collect();
    for kind in ServerKind::ALL {
        let Some(lab) = lab_with(kind, test, &accounts).await else {
            continue;
        };
        let peer = Original::new();
        peer.says("hv01", "rostervm", sent(&folder, ROSTER));
        peer.says(
            "hv01",
            "info",
            sent(&folder, "archipel-hypervisor-health__info__ok.xml"),
        );
        let mut sessions = vec![
            peer.log_in(&lab, "hv01", "node", says(None, "Online (4)"))
                .await,
        ];
        let managed: Vec<&str> = all
            .iter()
            .filter(|(_, managed)| *managed)
            .map(|(account, _)| account.as_str())
            .collect();
        for (account, (case, _)) in managed.iter().zip(INFOS) {
            let file = format!("archipel-vm-control__info__{case}.xml");
            peer.says(account, "info", sent(&folder, &file));
            sessions.push(
                peer.log_in(&lab, account, "hv01", says(None, "Running"))
                    .await,
            );
        }
        let mut screen = Screen::start(lab.settings());
        screen.handle.add(hv(1)).await.unwrap();
        screen
            .until_live(&hv(1), u32::try_from(all.len()).unwrap())
            .await;
        for (account, (case, states)) in managed.iter().zip(INFOS) {
            let vm = screen.fleet.vm(&at(account)).unwrap();
            assert!(states.contains(&vm.state), "{kind}, {case}: {}", vm.state);
        }
        let host = screen.fleet.hypervisor(&hv(1)).unwrap();
        assert_eq!(host.row.as_ref().unwrap().memory_kib, 24_684_084);
        screen.stop().await;
    }
}

/// Verb, state in which it is offered, action, recorded cases.
const ACTS: [(&str, u32, &str, &[&str]); 6] = [
    (
        "vm.start",
        5,
        "create",
        &["ok", "already-running", "not-defined"],
    ),
    (
        "vm.shutdown",
        1,
        "shutdown",
        &["ok", "shut-off", "not-defined"],
    ),
    (
        "vm.destroy",
        1,
        "destroy",
        &["ok", "shut-off", "not-defined"],
    ),
    (
        "vm.pause",
        1,
        "suspend",
        &["ok", "already-paused", "shut-off"],
    ),
    (
        "vm.resume",
        3,
        "resume",
        &["ok", "already-running", "shut-off"],
    ),
    ("vm.reboot", 1, "reboot", &["ok", "shut-off", "not-defined"]),
];

#[tokio::test]
async fn recorded_results_and_refusals_end_a_step() {
    let test = "recorded results";
    let Some(folder) = recordings(test) else {
        return;
    };
    let account = machines(&folder)[0].0.clone();
    for kind in ServerKind::ALL {
        let Some(lab) = lab_with(kind, test, &[&account]).await else {
            continue;
        };
        let peer = Original::new();
        peer.says(
            "hv01",
            "rostervm",
            common::original::roster(&[("web", &account, true)]),
        );
        peer.says(&account, "info", common::original::info(1));
        let _host = peer
            .log_in(&lab, "hv01", "node", says(None, "Online (1)"))
            .await;
        let _web = peer
            .log_in(&lab, &account, "hv01", says(None, "Running"))
            .await;
        let mut settings = lab.settings();
        settings.pace.round_looked_at = std::time::Duration::from_millis(100);
        let mut screen = Screen::start(settings);
        screen.handle.add(hv(1)).await.unwrap();
        screen.until_live(&hv(1), 1).await;
        screen.handle.look(archipel_fleet::Look::At(hv(1)));
        for (id, state, action, cases) in ACTS {
            peer.says(&account, "info", common::original::info(state));
            let wanted = VmState::from_libvirt(state);
            let vm = at(&account);
            screen
                .until("it is offered", |fleet| {
                    fleet.vm(&vm).is_some_and(|vm| vm.state == wanted)
                })
                .await;
            for case in cases {
                let file = format!("archipel-vm-control__{action}__{case}.xml");
                let told = sent(&folder, &file);
                peer.says(&account, action, told.clone());
                let ended = acted(&mut screen, id, &vm).await;
                compare(&format!("{kind} {file}"), &told, &ended);
            }
        }
        screen.stop().await;
    }
}

async fn acted(screen: &mut Screen, id: &str, vm: &VmRef) -> StepState {
    let verb = Verb::by_id(id).unwrap();
    let plan = plan_given(&screen.fleet, verb, Vec::new(), std::slice::from_ref(vm));
    let run = screen.handle.execute(plan).unwrap();
    screen
        .until("the run is over", |fleet| {
            fleet.run(run).is_some_and(Run::is_over)
        })
        .await;
    screen.fleet.run(run).unwrap().steps[0].state.clone()
}

/// A recorded result is a success; a recorded error is told in its own words.
fn compare(what: &str, told: &Told, ended: &StepState) {
    let Told::Iq(kind, children) = told else {
        unreachable!("it is an answer")
    };
    match ended {
        StepState::Done => assert_eq!(*kind, IqKind::Result, "{what}"),
        StepState::Failed(failure) => {
            let error = children
                .iter()
                .find(|child| child.name() == "error")
                .unwrap();
            let text = error
                .children()
                .find(|child| child.name() == "text")
                .unwrap()
                .text();
            let first = text.lines().next().unwrap();
            assert!(failure.text.starts_with(first), "{what}: {failure}");
        }
        other => panic!("{what}: {other:?}"),
    }
}
