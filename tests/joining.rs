//! Hosts join the bus with a code, on both servers, and nobody else does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// What inviting and joining took.
#![allow(clippy::print_stderr)]

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use archipel_config::{Certificate, JoinCode, Secret, ServerTrust};
use archipel_lab::{Pki, Profile, ServerKind, ServerOptions};
use common::{Content, Outcome, Screen, World, agent_program, lacks, libvirt};
use jiff::Timestamp;
use portable_pty::CommandBuilder;
use tokio::{io::AsyncWriteExt as _, process::Command};

const LIBVIRT: &[&str] = &["libvirtd", "virsh"];

/// A server that lets nobody register, and its admin.
async fn bus(kind: ServerKind) -> World {
    World::bare(kind, ServerOptions::new("dc.example")).await
}

fn says(outcome: &Outcome, code: i32, parts: &[&str]) {
    let all = format!("{}{}", outcome.out, outcome.err);
    assert_eq!(outcome.code, code, "{all}");
    for part in parts {
        assert!(all.contains(part), "`{part}` is missing in:\n{all}");
    }
    assert!(!all.contains("panicked"), "{all}");
}

/// Invites a host and returns its code.
async fn invite(world: &World, name: &str) -> String {
    let outcome = world.archipel(&["hypervisor", "invite", name]).await;
    says(
        &outcome,
        0,
        &["archipel-agent join", "Treat it as a password"],
    );
    let code = outcome.out.trim_end().to_owned();
    assert!(code.starts_with("archipel1") && !code.contains(char::is_whitespace));
    assert!(!outcome.err.contains(&code), "{}", outcome.err);
    code
}

/// Where a host joins.
struct Place {
    config: PathBuf,
    state: PathBuf,
}

impl Place {
    fn new(world: &World, name: &str) -> Self {
        let folder = world.scratch.path().join(name);
        Self {
            config: folder.join("etc/agent.toml"),
            state: folder.join("state"),
        }
    }

    /// Runs `archipel-agent join` with a code on its standard input. While it waits for the end of that, the system's list of processes
    /// is looked through for secrets.
    async fn join(&self, code: &str, more: &[&str]) -> Outcome {
        let mut command = Command::new(agent_program());
        command
            .args(["join", "--config"])
            .arg(&self.config)
            .arg("--state")
            .arg(&self.state)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // A join that has ended already reads nothing.
        let _ = input.write_all(code.as_bytes()).await;
        if let (Some(pid), Ok(code)) = (child.id(), JoinCode::parse(code)) {
            hides(
                pid,
                &[code.secret.expose(), code.to_text().unwrap().expose()],
            );
        }
        drop(input);
        let output = tokio::time::timeout(Duration::from_mins(2), child.wait_with_output()).await;
        let output = output.expect("the agent ends").unwrap();
        Outcome {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Nothing of a secret is in what everybody, or the same user, can read of a process.
fn hides(pid: u32, secrets: &[&str]) {
    for file in ["cmdline", "environ"] {
        let seen = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(
            secrets.iter().all(|secret| !seen.contains(secret)),
            "{file}"
        );
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The code as somebody changed it.
fn changed(code: &str, change: impl FnOnce(&mut JoinCode)) -> String {
    let mut code = JoinCode::parse(code).unwrap();
    change(&mut code);
    code.to_text().unwrap().expose().to_owned()
}

/// Whether an account takes a password.
async fn lets_in(world: &World, account: &str, password: &str) -> bool {
    let file = world.scratch.write("tried-password", password).unwrap();
    let (address, ca) = (world.server.starttls_addr(), world.server.ca_pem_path());
    world.write_profile_text(
        "test",
        &format!(
            "jid = \"{account}\"\npassword_file = \"{}\"\n[bus]\nhosts = [\"{address}\"]\nca_file = \"{}\"\n",
            file.display(),
            ca.display()
        ),
    );
    let outcome = world.archipel(&["whoami"]).await;
    world.write_profile("test", "");
    assert!(
        matches!(outcome.code, 0 | 3),
        "{}{}",
        outcome.out,
        outcome.err
    );
    outcome.code == 0
}

/// What is pasted at the prompt, in two lines, does not appear on the terminal.
#[tokio::test(flavor = "multi_thread")]
async fn the_prompt_shows_nothing() {
    if lacks("the_prompt_shows_nothing", ServerKind::Prosody, &[]) {
        return;
    }
    let world = bus(ServerKind::Prosody).await;
    let code = invite(&world, "hv01").await;
    let place = Place::new(&world, "hv01");
    let mut command = CommandBuilder::new(agent_program());
    command.args(["join", "--config"]);
    command.arg(&place.config);
    command.arg("--state");
    command.arg(&place.state);
    let mut screen = Screen::open(command, 100, 40);
    screen.wait_for("Join code (it is not shown):");
    let (head, tail) = code.split_at(60);
    screen.press(&format!("{head}\n{tail}\n"));
    screen.wait_for("joined the bus as hv01@dc.example");
    let text: String = screen.text().split_whitespace().collect();
    assert!(
        !text.contains(&head[9..30]) && !text.contains(&tail[..20]),
        "{text}"
    );
}

/// Whoever gives up at the prompt has a terminal that shows what is typed.
#[tokio::test(flavor = "multi_thread")]
async fn giving_up_at_the_prompt_leaves_a_sound_terminal() {
    if lacks("giving_up_at_the_prompt", ServerKind::Prosody, &[]) {
        return;
    }
    let world = bus(ServerKind::Prosody).await;
    let place = Place::new(&world, "hv01");
    let mut command = CommandBuilder::new("/bin/sh");
    let script = "\"$0\" join --config \"$1\" --state \"$2\"; echo ended with $?; stty -a";
    command.args(["-c", script]);
    command.arg(agent_program());
    command.arg(&place.config);
    command.arg(&place.state);
    let mut screen = Screen::open(command, 100, 40);
    screen.wait_for("Join code (it is not shown):");
    screen.press("archipel1:\u{3}");
    screen.wait_for("ended with");
    screen.wait_for(" echo ");
    let text = screen.text();
    assert!(
        !text.contains("-echo ") && text.contains(" icanon"),
        "{text}"
    );
    assert!(!text.contains("ended with 0"), "{text}");
}

/// The same of the operator's program, on a terminal that is not the process's own (as under `su -c`).
#[tokio::test(flavor = "multi_thread")]
async fn giving_up_at_the_password_leaves_a_sound_terminal() {
    if lacks(
        "giving_up_at_the_password",
        ServerKind::Prosody,
        &["setsid"],
    ) {
        return;
    }
    let world = bus(ServerKind::Prosody).await;
    let (address, ca) = (world.server.starttls_addr(), world.server.ca_pem_path());
    let bus = format!("[bus]\nhosts = [\"{address}\"]\nca_file = {ca:?}\n");
    world.write_profile_text("test", &format!("jid = \"admin@dc.example\"\n{bus}"));
    let mut command = world.screen_command(&["whoami"]);
    let script = "setsid -w \"$0\" \"$@\"; echo ended with $?; stty -a";
    let shell = ["/bin/sh", "-c", script].map(Into::into);
    command.get_argv_mut().splice(0..0, shell);
    let mut screen = Screen::open(command, 100, 40);
    screen.wait_for("Password of admin@dc.example:");
    screen.press("secr\u{3}");
    screen.wait_for("no password was given");
    screen.wait_for("ended with 3");
    screen.wait_for(" echo ");
    let text = screen.text();
    assert!(
        !text.contains("-echo ") && !text.contains("secr") && text.contains(" icanon"),
        "{text}"
    );
}

/// On the profile that the project ships.
async fn two_hosts_join(kind: ServerKind) {
    let options = ServerOptions::new("dc.example").profile(Profile::Fleet);
    let mut world = World::bare(kind, options).await;
    let screen = Screen::open(world.screen_command(&[]), 140, 40);
    screen.wait_for("hosts 0/0");
    let mut codes = Vec::new();
    for (number, name) in ["hv01", "hv02"].into_iter().enumerate() {
        let began = Instant::now();
        let code = invite(&world, name).await;
        let invited = began.elapsed();
        is_waited_for(&world, name).await;
        let place = Place::new(&world, name);
        let daemon = libvirt(number, Content::Machines(4)).await;
        // As a mail program wraps it.
        let (head, tail) = code.split_at(70);
        let wrapped = format!("  {head}\n  {tail}\n");
        let began = Instant::now();
        let outcome = place.join(&wrapped, &["--libvirt", &daemon.uri()]).await;
        let joined = began.elapsed();
        eprintln!("{kind}: {name} invited in {invited:?}, joined in {joined:?}");
        says(
            &outcome,
            0,
            &[
                &format!("joined the bus as {name}@dc.example"),
                "archipel-agent run",
            ],
        );
        let secret = JoinCode::parse(&code).unwrap().secret;
        let written = fs::read_to_string(&place.config).unwrap();
        assert!(
            !written.contains(secret.expose()) && written.contains("joined = true"),
            "{written}"
        );
        assert!(
            written.contains("admins = [\"admin@dc.example\"]"),
            "{written}"
        );
        let store = place.state.join("agent.sqlite3");
        assert_eq!(
            (mode(&place.config), mode(&store), mode(&place.state)),
            (0o600, 0o600, 0o700)
        );
        world.start_agent(name.to_owned(), daemon, place.config);
        hides(world.hosts[number].agent.pid(), &[secret.expose()]);
        codes.push((code, secret));
    }
    let began = Instant::now();
    world.synced().await;
    let seen = began.elapsed();
    eprintln!("{kind}: both hosts in the list after {seen:?}");
    // The screen was open all the time, and nobody touched it.
    screen.wait_for("hosts 2/2");
    let rows = world
        .archipel(&["hypervisor", "list", "-o", "json"])
        .await
        .json();
    // libvirt's test driver brings one machine along.
    let machines =
        |name: &str| rows.iter().find(|row| row["name"] == name).unwrap()["machines"].as_u64();
    assert!(
        machines("hv01") >= Some(4) && machines("hv02") >= Some(4),
        "{rows:?}"
    );
    let open = world
        .archipel(&["hypervisor", "invitations", "-o", "json"])
        .await;
    assert!(open.json().is_empty(), "{}", open.out);

    let (code, secret) = &codes[0];
    assert!(!lets_in(&world, "hv01@dc.example", secret.expose()).await);
    let again = Place::new(&world, "thief").join(code, &[]).await;
    says(
        &again,
        3,
        &[
            "does not accept this join code",
            "it was used",
            "archipel hypervisor invite hv01",
        ],
    );
    let revoked = world
        .archipel(&["hypervisor", "invite", "--revoke", "hv01"])
        .await;
    says(&revoked, 1, &["has no open invitation"]);
    let twice = world.archipel(&["hypervisor", "invite", "hv01"]).await;
    says(
        &twice,
        1,
        &[
            "`hv01@dc.example` exists already and was left alone",
            "prosodyctl deluser hv01@dc.example; ejabberdctl unregister hv01 dc.example",
        ],
    );
    // None of these did the host any harm.
    world.synced().await;
    let removed = world.archipel(&["hypervisor", "remove", "hv02"]).await;
    says(&removed, 0, &["hv02@dc.example removed"]);
}

/// A host that is invited is not called offline.
async fn is_waited_for(world: &World, name: &str) {
    let listed = world.archipel(&["hypervisor", "list", name]).await;
    says(&listed, 0, &["invited, has not joined yet"]);
    let told = world.archipel(&["doctor", "--only", "feed"]).await;
    says(&told, 0, &["feed.invited", name, "its code is good until"]);
    assert!(!told.out.contains("feed.offline"), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_join_on_prosody() {
    if !lacks("two_hosts_join_on_prosody", ServerKind::Prosody, LIBVIRT) {
        two_hosts_join(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_join_on_ejabberd() {
    if !lacks("two_hosts_join_on_ejabberd", ServerKind::Ejabberd, LIBVIRT) {
        two_hosts_join(ServerKind::Ejabberd).await;
    }
}

/// What the operator takes back, and what time takes back, is worth nothing at the server.
async fn invitations_end(kind: ServerKind) {
    let world = bus(kind).await;
    let revoked = invite(&world, "hv01").await;
    let again = world.archipel(&["hypervisor", "invite", "hv01"]).await;
    says(&again, 1, &["invited until", "--revoke"]);
    let outcome = world
        .archipel(&["hypervisor", "invite", "--revoke", "hv01"])
        .await;
    says(&outcome, 0, &["hv01@dc.example is not invited any more"]);
    let place = Place::new(&world, "hv01");
    says(&place.join(&revoked, &[]).await, 3, &["revoked"]);
    assert!(!place.config.exists());

    let late = invite(&world, "hv02").await;
    let list = world
        .scratch
        .path()
        .join("data/archipel/test/invitations.toml");
    assert_eq!(mode(&list), 0o600);
    let text = fs::read_to_string(&list).unwrap();
    let secret = JoinCode::parse(&late).unwrap().secret;
    assert!(!text.contains(secret.expose()), "{text}");
    let line = text
        .lines()
        .find(|line| line.starts_with("expires"))
        .unwrap();
    fs::write(
        &list,
        text.replace(line, "expires = \"2020-01-01T00:00:00Z\""),
    )
    .unwrap();
    let open = world
        .archipel(&["hypervisor", "invitations", "-o", "json"])
        .await;
    assert!(
        open.json().is_empty() && open.err.contains("did not join in time"),
        "{}",
        open.err
    );
    assert!(!lets_in(&world, "hv02@dc.example", secret.expose()).await);
    let listed = world.archipel(&["hypervisor", "list", "-o", "json"]).await;
    assert!(listed.json().is_empty(), "{}", listed.out);
    // The name is free again.
    invite(&world, "hv01").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_end_on_prosody() {
    if !lacks("invitations_end_on_prosody", ServerKind::Prosody, &[]) {
        invitations_end(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_end_on_ejabberd() {
    if !lacks("invitations_end_on_ejabberd", ServerKind::Ejabberd, &[]) {
        invitations_end(ServerKind::Ejabberd).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_cannot_work_is_refused_and_nothing_is_written() {
    if lacks(
        "a_code_that_cannot_work_is_refused",
        ServerKind::Prosody,
        &[],
    ) {
        return;
    }
    let world = bus(ServerKind::Prosody).await;
    let code = invite(&world, "hv01").await;
    let place = Place::new(&world, "hv01");

    let expired = changed(&code, |code| {
        code.expires = Timestamp::from_second(0).unwrap();
    });
    says(
        &place.join(&expired, &[]).await,
        2,
        &["ran out at 1970-01-01"],
    );
    says(
        &place.join(&code[..code.len() - 9], &[]).await,
        2,
        &["cut off"],
    );
    says(
        &place.join(&code.replacen("AI", "BI", 1), &[]).await,
        2,
        &["join code"],
    );
    says(
        &place.join("open sesame", &[]).await,
        2,
        &["not a join code"],
    );

    let other = Pki::create("dc.example", &world.scratch.path().join("other")).unwrap();
    let stranger = Certificate::all_of_pem(&fs::read(other.ca_path()).unwrap()).unwrap();
    let wrong = changed(&code, |code| {
        code.trust = ServerTrust::Authorities(stranger);
    });
    says(
        &place.join(&wrong, &[]).await,
        2,
        &["is not the server that this join code names"],
    );

    let wrong = changed(&code, |code| {
        code.hypervisor = "nobody@dc.example".parse().unwrap();
    });
    says(
        &place.join(&wrong, &[]).await,
        3,
        &["does not accept this join code for nobody@dc.example"],
    );
    let wrong = changed(&code, |code| {
        code.secret = Secret::new("guessed".to_owned());
    });
    says(
        &place.join(&wrong, &[]).await,
        3,
        &["does not accept this join code"],
    );
    let wrong = changed(&code, |code| {
        code.servers = vec!["127.0.0.1:1".parse().unwrap()];
    });
    says(
        &place.join(&wrong, &[]).await,
        1,
        &["could not reach the bus of dc.example", "--bus HOST:PORT"],
    );
    assert!(!place.config.exists());

    fs::create_dir_all(place.config.parent().unwrap()).unwrap();
    fs::write(&place.config, "# mine\n").unwrap();
    says(
        &place.join(&code, &[]).await,
        2,
        &["left alone", "--replace"],
    );
    let file = world.scratch.write("code", &format!("{code}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let from_file = ["--replace", "--file", file.to_str().unwrap()];
    says(&place.join("", &from_file).await, 2, &["chmod 600"]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    says(
        &place.join("", &from_file).await,
        0,
        &["kept the old one", "joined the bus as hv01@dc.example"],
    );
    let folder = fs::read_dir(place.config.parent().unwrap()).unwrap();
    let texts = folder.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    assert_eq!(texts.filter(|text| text == "# mine\n").count(), 1);
}

/// A server whose admins cannot make accounts over the bus.
async fn by_hand(kind: ServerKind) {
    let options = ServerOptions::new("dc.example").without_account_commands();
    let world = World::bare(kind, options).await;
    let outcome = world.archipel(&["hypervisor", "invite", "hv01"]).await;
    says(
        &outcome,
        1,
        &[
            "offers no command for accounts",
            "admin_adhoc",
            "mod_configure",
            "--prepared",
        ],
    );

    world.server.add_user("hv01", "made by hand").await.unwrap();
    let prepared = ["hypervisor", "invite", "hv01", "--prepared"];
    let given = |text: &str| fs::File::open(world.scratch.write("given", text).unwrap()).unwrap();
    let outcome = world.archipel_reading(given("mistyped\n"), &prepared).await;
    says(&outcome, 1, &["cannot log in"]);
    let outcome = world
        .archipel_reading(given("made by hand\n"), &prepared)
        .await;
    says(&outcome, 0, &[]);
    let place = Place::new(&world, "hv01");
    says(
        &place.join(&outcome.out, &[]).await,
        0,
        &["joined the bus as hv01@dc.example"],
    );
    assert!(!lets_in(&world, "hv01@dc.example", "made by hand").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_made_by_hand_join_on_prosody() {
    if !lacks(
        "accounts_made_by_hand_join_on_prosody",
        ServerKind::Prosody,
        &[],
    ) {
        by_hand(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_made_by_hand_join_on_ejabberd() {
    if !lacks(
        "accounts_made_by_hand_join_on_ejabberd",
        ServerKind::Ejabberd,
        &[],
    ) {
        by_hand(ServerKind::Ejabberd).await;
    }
}

/// Accounts that are there, and operators who are no admins.
async fn refusals_of_the_server(kind: ServerKind) {
    let options = ServerOptions::new("dc.example")
        .account("taken", "theirs")
        .account("bob", "builder");
    let world = World::bare(kind, options).await;
    let outcome = world.archipel(&["hypervisor", "invite", "taken"]).await;
    says(&outcome, 1, &["taken@dc.example"]);
    assert!(lets_in(&world, "taken@dc.example", "theirs").await);
    let open = world
        .archipel(&["hypervisor", "invitations", "-o", "json"])
        .await;
    assert!(open.json().is_empty(), "{}", open.out);

    let password = world.scratch.write("bob", "builder").unwrap();
    let profile = format!(
        "jid = \"bob@dc.example\"\npassword_file = \"{}\"\n[bus]\nhosts = [\"{}\"]\nca_file = \"{}\"\n",
        password.display(),
        world.server.starttls_addr(),
        world.server.ca_pem_path().display()
    );
    world.write_profile_text("test", &profile);
    let outcome = world.archipel(&["hypervisor", "invite", "hv01"]).await;
    says(&outcome, 4, &["bob@dc.example", "admins ="]);
    let outcome = world
        .archipel(&["--read-only", "hypervisor", "invite", "hv01"])
        .await;
    says(&outcome, 2, &["read-only"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_prosody_are_told() {
    if !lacks("refusals_of_prosody_are_told", ServerKind::Prosody, &[]) {
        refusals_of_the_server(ServerKind::Prosody).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_ejabberd_are_told() {
    if !lacks("refusals_of_ejabberd_are_told", ServerKind::Ejabberd, &[]) {
        refusals_of_the_server(ServerKind::Ejabberd).await;
    }
}
