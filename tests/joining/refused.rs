//! Codes that cannot work, and servers that refuse.

use std::{fs, os::unix::fs::PermissionsExt as _};

use archipel_config::{Certificate, Secret, ServerTrust};
use archipel_lab::{Pki, ServerKind, ServerOptions};
use jiff::Timestamp;

use crate::{
    common::{World, lacks},
    place::{Place, bus, changed, invite, lets_in, says},
};

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
