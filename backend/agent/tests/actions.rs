//! What is done to machines and written about them, over the bus: success, denial, nonsense, what others are told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_agent::{Grant, PolicyChange};
use archipel_hypervisor::{Driver as _, SimulatedDriver, View, simulated::Call};
use archipel_lab::ServerKind;
use archipel_protocol::{
    Command, Element, Failure, IqKind, Reply, Request, VmId, VmState,
    chunks::{Assembly, Chunk, Digest},
    definitions::{self, Action, Version, Which, Written},
    failure::FailureKind,
    feed::{Detail, Row, VmFlags},
    machines,
    vm_control::{self, Action as Control},
    vm_definition,
    vm_resources::{self, Action as Give, Disks, When},
};
use common::{Client, Site, driver, eventually, jid, vm};

async fn ask(client: &Client, id: VmId, request: Request) -> Result<Reply, Failure> {
    let command = Command::new(request).for_vm(id);
    let answer = client.command(&command).await?;
    Ok(command.request.parse_reply(&answer).unwrap())
}

async fn control(client: &Client, id: VmId, action: vm_control::Action) -> Result<Reply, Failure> {
    ask(client, id, Request::VmControl(action)).await
}

async fn give(client: &Client, id: VmId, action: vm_resources::Action) -> Result<Reply, Failure> {
    ask(client, id, Request::VmResources(action)).await
}

async fn written(client: &Client, id: VmId, action: Action) -> Result<Written, Failure> {
    match ask(client, id, Request::Definitions(action)).await? {
        Reply::Definitions(definitions::Reply::Written(written)) => Ok(written),
        other => panic!("{other:?}"),
    }
}

/// A text, piece by piece.
async fn text(
    client: &Client,
    id: VmId,
    action: impl Fn(u64) -> Action,
) -> Result<String, Failure> {
    let mut assembly = Assembly::default();
    loop {
        let offset = u64::try_from(assembly.offset()).unwrap();
        let reply = ask(client, id, Request::Definitions(action(offset))).await?;
        let Reply::Definitions(definitions::Reply::Piece(piece)) = reply else {
            panic!("{reply:?}");
        };
        if let Some(whole) = assembly.add(&piece).unwrap() {
            return Ok(whole);
        }
    }
}

async fn definition(client: &Client, id: VmId, which: Which) -> Result<String, Failure> {
    text(client, id, |offset| Action::Read { which, offset }).await
}

async fn history(client: &Client, id: VmId) -> Vec<Version> {
    let request = Request::Definitions(Action::History { before: None });
    match ask(client, id, request).await.unwrap() {
        Reply::Definitions(definitions::Reply::Versions(versions)) => versions,
        other => panic!("{other:?}"),
    }
}

async fn define(client: &Client, id: VmId, xml: &str) -> Result<Reply, Failure> {
    let domain = archipel_protocol::document::Document::from_text(xml).unwrap();
    let action = vm_definition::Action::Define { domain };
    ask(client, id, Request::VmDefinition(action)).await
}

/// The flags that the feed tells.
async fn flags(client: &Client, watch: &str, id: VmId) -> VmFlags {
    let rows = client.watch(watch, Detail::State).await;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Vm(row) if row.id == id => Some(row.flags),
        _ => None,
    });
    found.unwrap()
}

async fn refused(
    client: &Client,
    id: VmId,
    request: Request,
    wanted: fn(&FailureKind) -> bool,
) -> String {
    let failure = ask(client, id, request).await.unwrap_err();
    assert!(wanted(&failure.kind), "{failure:?}");
    failure.text
}

#[tokio::test]
async fn power_memory_processors_and_names() {
    let Some(site) = Site::start(ServerKind::Prosody, "power, memory, names").await else {
        return;
    };
    let driver = driver(3);
    let _agent = site.agent(&driver).await;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    let known = async || {
        control(&admin, vm(1), vm_control::Action::Info)
            .await
            .is_ok()
    };
    eventually("the machine is known", known).await;

    for action in [
        Control::Reset,
        Control::Save,
        Control::Restore,
        Control::Discard,
        Control::Protect { on: true },
    ] {
        let denied = control(&eve, vm(1), action).await.unwrap_err();
        assert_eq!(denied.kind, FailureKind::Forbidden);
    }
    let rename = |name: &str| Give::Rename { name: name.into() };
    assert_eq!(
        give(&eve, vm(1), rename("x")).await.unwrap_err().kind,
        FailureKind::Forbidden
    );

    // Saved memory.
    admin.watch("states", Detail::State).await;
    control(&admin, vm(1), Control::Create).await.unwrap();
    control(&admin, vm(1), Control::Reset).await.unwrap();
    control(&admin, vm(1), Control::Save).await.unwrap();
    eventually("the feed tells of saved memory", async || {
        flags(&admin, "saved", vm(1)).await.saved
    })
    .await;
    control(&admin, vm(1), Control::Restore).await.unwrap();
    let failure = control(&admin, vm(2), Control::Restore).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::WrongState, "{failure}");
    let failure = control(&admin, vm(2), Control::Reset).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::WrongState, "{failure}");

    // Memory and processors: at once where it runs, else from the next start on.
    let memory = |kib, when| Give::Memory { kib, when };
    give(&admin, vm(1), memory(524_288, None)).await.unwrap();
    give(&admin, vm(2), memory(1 << 22, None)).await.unwrap();
    give(
        &admin,
        vm(1),
        Give::SetVcpus {
            count: 3,
            when: Some(When::Next),
        },
    )
    .await
    .unwrap();
    assert_eq!(driver.domain(vm(1)).unwrap().memory_kib, 524_288);
    assert_eq!(driver.domain(vm(2)).unwrap().max_memory_kib, 1 << 22);
    let few = refused(
        &admin,
        vm(1),
        Request::VmResources(memory(9, None)),
        |kind| matches!(kind, FailureKind::Invalid { .. }),
    )
    .await;
    assert!(few.contains("KiB"), "{few}");
    let pin = |cpus: &str| Give::Pin {
        vcpu: 0,
        cpus: cpus.into(),
        when: None,
    };
    give(&admin, vm(1), pin("0-1")).await.unwrap();
    let nonsense = give(&admin, vm(1), pin("all")).await.unwrap_err();
    assert!(
        matches!(nonsense.kind, FailureKind::Invalid { .. }),
        "{nonsense}"
    );

    // Names.
    give(&admin, vm(2), rename("web02")).await.unwrap();
    assert_eq!(driver.domain(vm(2)).unwrap().name, "web02");
    let taken = give(&admin, vm(3), rename("WEB02")).await.unwrap_err();
    assert_eq!(taken.kind, FailureKind::Conflict);
    let running = give(&admin, vm(1), rename("other")).await.unwrap_err();
    assert_eq!(running.kind, FailureKind::WrongState);
    let bad = give(&admin, vm(2), rename("a/b")).await.unwrap_err();
    assert!(matches!(bad.kind, FailureKind::Invalid { .. }), "{bad}");

    // Traffic.
    let Reply::VmResources(vm_resources::Reply::Interfaces(interfaces)) =
        give(&admin, vm(1), Give::NetworkInfo).await.unwrap()
    else {
        panic!("no interfaces");
    };
    assert_eq!(interfaces[0].name, "net0");
}

#[tokio::test]
async fn a_protected_machine_is_not_stopped_hard_nor_robbed() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "protection").await else {
        return;
    };
    let driver = driver(1);
    let agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    let known = async || {
        control(&admin, vm(1), vm_control::Action::Info)
            .await
            .is_ok()
    };
    eventually("the machine is known", known).await;
    control(&admin, vm(1), Control::Protect { on: true })
        .await
        .unwrap();
    assert!(flags(&admin, "guarded", vm(1)).await.protected);
    control(&admin, vm(1), Control::Create).await.unwrap();
    for action in [Control::Destroy, Control::Reset, Control::Discard] {
        let failure = control(&admin, vm(1), action).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::WrongState);
        assert!(failure.text.contains("protected"), "{failure}");
    }
    let undefine = Request::VmDefinition(vm_definition::Action::Undefine);
    refused(&admin, vm(1), undefine, |kind| {
        *kind == FailureKind::WrongState
    })
    .await;
    assert_eq!(driver.domain(vm(1)).unwrap().state, VmState::Running);

    agent.stop().await;
    let _again = site.agent(&driver).await;
    eventually("protection outlives the agent", async || {
        flags(&admin, "again", vm(1)).await.protected
    })
    .await;
    control(&admin, vm(1), Control::Protect { on: false })
        .await
        .unwrap();
    control(&admin, vm(1), Control::Destroy).await.unwrap();
}

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

async fn machines(client: &Client, action: machines::Action) -> Result<machines::Reply, Failure> {
    let command = Command::new(Request::Machines(action));
    let answer = client.command(&command).await?;
    match command.request.parse_reply(&answer).unwrap() {
        Reply::Machines(reply) => Ok(reply),
        other => panic!("{other:?}"),
    }
}

fn alloc(name: &str, domain: Option<&str>) -> machines::Action {
    let domain = domain.map(|text| archipel_protocol::document::Document::from_text(text).unwrap());
    machines::Action::Alloc {
        name: Some(name.into()),
        organisation: None,
        unit: None,
        locality: None,
        owner: None,
        categories: None,
        domain,
    }
}

/// The machine that was made.
fn made(reply: machines::Reply) -> VmId {
    match reply {
        machines::Reply::Machine(machine) => machine.jid.node().unwrap().as_str().parse().unwrap(),
        other @ machines::Reply::Done => panic!("{other:?}"),
    }
}

fn address(id: VmId) -> archipel_protocol::Jid {
    format!("{id}@{}", common::DOMAIN).parse().unwrap()
}

#[tokio::test]
async fn machines_are_made_and_removed() {
    let Some(site) = Site::start(ServerKind::Prosody, "allocate and free").await else {
        return;
    };
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let (admin, eve) = (site.client("admin").await, site.client("eve").await);
    let known = async || definition(&admin, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let denied = machines(&eve, alloc("shop", None)).await.unwrap_err();
    assert_eq!(denied.kind, FailureKind::Forbidden);
    let taken = machines(&admin, alloc("VM-1", None)).await.unwrap_err();
    assert_eq!(taken.kind, FailureKind::Conflict);

    // Without a definition; it is still there when the agent comes back.
    let bare = made(machines(&admin, alloc("shop", None)).await.unwrap());
    agent.stop().await;
    let _again = site.agent(&driver).await;
    let known = async || definition(&admin, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let rows = admin.watch("rows", Detail::State).await;
    let state = rows.iter().find_map(|row| match row {
        Row::Vm(row) if row.id == bare => Some((row.name.clone(), row.state)),
        _ => None,
    });
    assert_eq!(state, Some(("shop".to_owned(), VmState::Undefined)));

    // With a definition, whose name and uuid are replaced.
    let text = definition(&admin, vm(1), Which::Next).await.unwrap();
    let own = format!(
        "<devices><disk type='file'><source file='/no/images/{bare}/root'/><target dev='vda'/></disk><disk type='file'><source file='/no/images/shared'/><target dev='vdb'/></disk></devices></domain>"
    );
    let text = text.replace("<devices/>", "").replace("</domain>", &own);
    let second = made(
        machines(&admin, alloc("second", Some(&text)))
            .await
            .unwrap(),
    );
    assert_eq!(driver.domain(second).unwrap().name, "second");
    define(
        &admin,
        bare,
        &text.replace(&vm(1).to_string(), &bare.to_string()),
    )
    .await
    .unwrap();

    // Protected, then freed with its disks: what another names stays.
    driver.add_volume(&format!("/no/images/{bare}/root"));
    driver.add_volume("/no/images/shared");
    control(&admin, bare, vm_control::Action::Protect { on: true })
        .await
        .unwrap();
    let free = |id, disks| machines::Action::Free {
        jid: address(id),
        disks,
    };
    let guarded = machines(&admin, free(bare, None)).await.unwrap_err();
    assert_eq!(guarded.kind, FailureKind::WrongState);
    control(&admin, bare, vm_control::Action::Protect { on: false })
        .await
        .unwrap();
    control(&admin, bare, vm_control::Action::Create)
        .await
        .unwrap();
    machines(&admin, free(second, Some(Disks::Keep)))
        .await
        .unwrap();
    assert_eq!(driver.volumes().len(), 2);
    machines(&admin, free(bare, None)).await.unwrap();
    assert_eq!(driver.volumes(), ["/no/images/shared"]);
    assert!(driver.domain(bare).is_err() && driver.domain(second).is_err());
    let gone = machines(&admin, free(bare, None)).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound);
    let nonsense = machines::Action::Free {
        jid: jid("olga").into(),
        disks: None,
    };
    let nonsense = machines(&admin, nonsense).await.unwrap_err();
    assert!(
        matches!(nonsense.kind, FailureKind::Invalid { .. }),
        "{nonsense}"
    );
}

#[tokio::test]
async fn machines_are_managed_and_let_go() {
    let Some(site) = Site::start(ServerKind::Ejabberd, "manage and unmanage").await else {
        return;
    };
    let driver = driver(2);
    let agent = site.agent(&driver).await;
    let admin = site.client("admin").await;
    let managed = async |watch: &str, id| flags(&admin, watch, id).await.managed;
    let known = async || definition(&admin, vm(1), Which::Next).await.is_ok();
    eventually("the machine is known", known).await;
    let target = |id| machines::Target { jid: address(id) };
    let unmanage = machines::Action::Unmanage {
        machines: vec![target(vm(1))],
    };
    machines(&admin, unmanage.clone()).await.unwrap();
    assert!(!managed("one", vm(1)).await && managed("two", vm(2)).await);
    let again = machines(&admin, unmanage).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::WrongState);
    agent.stop().await;
    let _again = site.agent(&driver).await;
    let there = async || definition(&admin, vm(2), Which::Next).await.is_ok();
    eventually("the machines are known", there).await;
    assert!(!managed("three", vm(1)).await);
    let manage = machines::Action::Manage {
        machines: vec![target(vm(1))],
    };
    machines(&admin, manage.clone()).await.unwrap();
    assert!(managed("four", vm(1)).await);
    assert_eq!(
        machines(&admin, manage).await.unwrap_err().kind,
        FailureKind::Conflict
    );
}
