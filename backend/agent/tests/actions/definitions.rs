//! What is written about machines.

use crate::common::{Client, Site, driver, eventually, jid, vm};
use archipel_agent::{Grant, PolicyChange};
use archipel_hypervisor::{Driver as _, SimulatedDriver, View, simulated::Call};
use archipel_lab::ServerKind;
use archipel_protocol::{
    Element, Failure, IqKind, Request, VmState,
    chunks::{Chunk, Digest},
    definitions::{Action, Which, Written},
    failure::FailureKind,
    vm_definition,
};

use crate::say::{ask, define, definition, history, text, written};

#[tokio::test]
async fn definitions_are_edited_kept_and_taken_back() {
    let Some(site) = Site::start(ServerKind::Prosody, "definitions").await else {
        return;
    };
    let driver = driver(1);
    let _agent = site.agent(&driver).await;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    let known = async || definition(&admin, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let denied = definition(&eve, vm(1), Which::Next).await.unwrap_err();
    assert_eq!(denied.kind, FailureKind::Forbidden);

    // Typed edits, on the text that was read and on no other.
    let first = definition(&admin, vm(1), Which::Next).await.unwrap();
    let edit = |base: &str, edits: &str| Action::Edit {
        base: Digest::of(base),
        edits: edits.into(),
    };
    let done = written(
        &admin,
        vm(1),
        edit(&first, "set title The shop\nset memory 8GiB"),
    )
    .await
    .unwrap();
    assert!(!done.pending);
    let second = definition(&admin, vm(1), Which::Next).await.unwrap();
    assert!(second.contains("<title>The shop</title>"), "{second}");
    assert_eq!(done.digest, Digest::of(&second));
    let stale = written(&admin, vm(1), edit(&first, "unset title"))
        .await
        .unwrap_err();
    assert_eq!(stale.kind, FailureKind::Conflict);
    let nonsense = written(&admin, vm(1), edit(&second, "fly high"))
        .await
        .unwrap_err();
    assert!(
        matches!(nonsense.kind, FailureKind::Invalid { .. }),
        "{nonsense}"
    );

    // A whole text in pieces, with a secret that comes back as a placeholder and stays.
    let secret = "<devices><graphics type='vnc' passwd='hunter2'/></devices></domain>";
    let whole = second
        .replace("<devices/>", "")
        .replace("</domain>", secret);
    let long = whole.replace("The shop", &"shop ".repeat(6_000));
    write(&admin, &long, Some(&second)).await.unwrap();
    let third = definition(&admin, vm(1), Which::Next).await.unwrap();
    assert!(
        third.len() > 30_000 && !third.contains("hunter2"),
        "{}",
        third.len()
    );
    let short = third.replace(&"shop ".repeat(6_000), "Shop");
    write(&admin, &short, Some(&third)).await.unwrap();
    let kept = driver.secure_definition(vm(1), View::Next).unwrap();
    assert!(kept.contains("hunter2"), "{kept}");
    let conflict = write(&admin, &short, Some(&third)).await.unwrap_err();
    assert_eq!(conflict.kind, FailureKind::Conflict);
    let unknown = Action::Write {
        digest: Digest::of("nothing"),
        base: None,
    };
    let unknown = written(&admin, vm(1), unknown).await.unwrap_err();
    assert!(
        matches!(unknown.kind, FailureKind::Invalid { .. }),
        "{unknown}"
    );

    taken_back(&admin, &driver, &first).await;
}

/// The history of what [`definitions_are_edited_kept_and_taken_back`] wrote, the difference, and the way back.
async fn taken_back(admin: &Client, driver: &SimulatedDriver, first: &str) {
    let versions = history(admin, vm(1)).await;
    let verbs: Vec<&str> = versions
        .iter()
        .map(|version| version.verb.as_str())
        .collect();
    assert_eq!(verbs, ["define", "define", "edit", "found"]);
    assert_eq!(versions[0].by, Some(jid("admin")));
    assert_eq!(versions[3].by, None);
    let diff = text(admin, vm(1), |offset| Action::Diff {
        from: Which::Version(1),
        to: Which::Version(2),
        offset,
    });
    let diff = diff.await.unwrap();
    assert!(diff.contains("+  <title>The shop</title>"), "{diff}");
    written(admin, vm(1), Action::Undo { number: Some(1) })
        .await
        .unwrap();
    assert_eq!(definition(admin, vm(1), Which::Next).await.unwrap(), first);
    written(admin, vm(1), Action::Undo { number: None })
        .await
        .unwrap();
    assert!(
        driver
            .secure_definition(vm(1), View::Next)
            .unwrap()
            .contains("hunter2")
    );
    let none = written(admin, vm(1), Action::Undo { number: Some(99) })
        .await
        .unwrap_err();
    assert_eq!(none.kind, FailureKind::NotFound);

    // Without a definition, and back.
    ask(
        admin,
        vm(1),
        Request::VmDefinition(vm_definition::Action::Undefine),
    )
    .await
    .unwrap();
    let gone = async || definition(admin, vm(1), Which::Next).await.is_err();
    eventually("the definition is gone", gone).await;
    ask(
        admin,
        vm(1),
        Request::VmDefinition(vm_definition::Action::Undefine),
    )
    .await
    .unwrap();
    written(admin, vm(1), Action::Undo { number: None })
        .await
        .unwrap();
    assert_eq!(driver.domain(vm(1)).unwrap().state, VmState::Off);
}

async fn write(client: &Client, text: &str, base: Option<&str>) -> Result<Written, Failure> {
    let mut offset = 0;
    while offset < text.len() {
        let piece = Chunk::cut(text, offset).unwrap();
        offset += piece.text.len();
        ask(client, vm(1), Request::Definitions(Action::Stage { piece })).await?;
    }
    let action = Action::Write {
        digest: Digest::of(text),
        base: base.map(Digest::of),
    };
    written(client, vm(1), action).await
}

#[tokio::test]
async fn the_originals_define_and_undefine_come_as_get() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "the original's define").await else {
        return;
    };
    let driver = driver(2);
    let _agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    let known = async || definition(&admin, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let text = definition(&admin, vm(1), Which::Next).await.unwrap();
    let named = text.replace("<name>vm-1</name>", "<name>shop</name><description>7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01@dc.example::::s3cret</description>");
    let query = |action: &str| -> Element {
        let id = vm(1);
        format!("<query xmlns='archipel:vm:definition'><archipel action='{action}' vm='{id}'>{}</archipel></query>", if action == "define" { named.as_str() } else { "" })
            .parse()
            .unwrap()
    };
    driver.take_calls();
    admin.ask(IqKind::Get, query("define")).await.unwrap();
    let kept = driver.secure_definition(vm(1), View::Next).unwrap();
    assert!(
        kept.contains("<name>shop</name>") && !kept.contains("s3cret"),
        "{kept}"
    );
    assert!(driver.calls().contains(&Call::Rename(vm(1))));
    admin.ask(IqKind::Get, query("undefine")).await.unwrap();
    assert!(driver.domain(vm(1)).is_err());
    let foreign = text.replace(&vm(1).to_string(), &vm(2).to_string());
    let failure = define(&admin, vm(1), &foreign).await.unwrap_err();
    assert!(
        matches!(failure.kind, FailureKind::Invalid { .. }),
        "{failure}"
    );
}

#[tokio::test]
async fn whoever_may_only_define_stays_within_the_machine() {
    let Some(site) = Site::start(ServerKind::Prosody, "define without host rights").await else {
        return;
    };
    for permission in ["define", "xmldesc", "info"] {
        let grant = Grant {
            jid: jid("olga"),
            permission: permission.into(),
            scope: None,
            expires: None,
        };
        let give = PolicyChange::Give(grant);
        site.store().change_policy(vec![give]).await.unwrap();
    }
    let driver = driver(1);
    let _agent = site.agent(&driver).await;
    let (admin, olga) = (site.client("admin").await, site.client("olga").await);
    let known = async || definition(&olga, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let text = definition(&olga, vm(1), Which::Next).await.unwrap();
    let with = |device: &str| {
        let devices = format!("<devices>{device}</devices></domain>");
        text.replace("<devices/>", "")
            .replace("</domain>", &devices)
    };
    let host =
        with("<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/></source></hostdev>");
    let failure = define(&olga, vm(1), &host).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.text.contains("hostdev"), "{failure}");
    let file = with("<disk type='file'><source file='/etc/shadow'/><target dev='vda'/></disk>");
    let failure = define(&olga, vm(1), &file).await.unwrap_err();
    assert!(failure.text.contains("/etc/shadow"), "{failure}");
    let own = with(&format!(
        "<disk type='file'><source file='/no/images/{}/root'/><target dev='vda'/></disk>",
        vm(1)
    ));
    define(&olga, vm(1), &own).await.unwrap();
    define(&admin, vm(1), &host).await.unwrap();
}
