//! Faults that a server's own rules make.

use archipel_lab::ServerKind;

use crate::{
    gate::Gate,
    patient::{Operator, bus},
    reconfigure, server,
};

/// A module for the server, beside its configuration.
fn plug_in(server: &archipel_lab::XmppServer, name: &str, source: &str) {
    let path = server.folder().join(format!("mod_{name}.lua"));
    std::fs::write(path, source).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_prosody_are_named() {
    let Some(mut server) = server(ServerKind::Prosody).await else {
        return;
    };
    let operator = Operator::new();
    let sound = bus(&server, server.ca_pem_path());
    operator.profile("", &sound);

    // The first look is let through, the login is not.
    let gate = Gate::for_the_first(server.starttls_addr(), 1).await;
    let through = sound.replace(&server.starttls_addr().to_string(), &gate.address());
    operator.profile("", &through);
    operator.doctor(&[]).await.names("login.failed", 3);
    operator.profile("", &sound);

    plug_in(&server, "wrong_time", include_str!("wrong_time.lua"));
    plug_in(&server, "keep_nodes", include_str!("keep_nodes.lua"));
    let plug_ins = format!(
        "plugin_paths = {{ {:?} }}\nmodules_disabled = {{ \"s2s\" }}",
        server.folder()
    );
    let edits = [
        ("modules_disabled = { \"s2s\" }", plug_ins.as_str()),
        ("\"time\";", "\"wrong_time\";"),
        ("\"admin_adhoc\"; ", "\"register_ibr\"; "),
        ("\"user_account_management\"; ", ""),
        ("allow_registration = false", "allow_registration = true"),
        (
            "\"pubsub.dc.example\" \"pubsub\"",
            "\"pubsub.dc.example\" \"pubsub\"\n  modules_enabled = { \"keep_nodes\" }",
        ),
        (
            "c2s_stanza_size_limit = 10485760",
            "c2s_stanza_size_limit = 40000",
        ),
        ("server.crt\" }", "server.crt\"; protocol = \"tlsv1_2\" }"),
    ];
    reconfigure(&mut server, &edits).await;
    let told = operator.doctor(&[]).await;
    let hints = ["tls.old", "ad-hoc.missing", "stanza.small"];
    let grave = [
        "clock.server",
        "node.left",
        "registration.left",
        "registration.open",
    ];
    for id in hints.iter().chain(&grave) {
        told.names_also(id);
    }
    told.names_nothing_but(&grave);
    assert_eq!(told.code, 1, "{}", told.err);

    // What strangers may do does not hide that the login fails.
    operator.password("not the password");
    let told = operator.doctor(&[]).await;
    told.names_also("login.password");
    told.names_also("registration.open");
    operator.password(crate::patient::PASSWORD);

    let edit = (
        "authentication = \"internal_hashed\"",
        "authentication = \"anonymous\"",
    );
    reconfigure(&mut server, &[edit]).await;
    let told = operator.doctor(&["--only", "sasl"]).await;
    told.names("sasl.none", 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_ejabberd_are_named() {
    let Some(mut server) = server(ServerKind::Ejabberd).await else {
        return;
    };
    let operator = Operator::new();
    operator.profile("", &bus(&server, server.ca_pem_path()));

    // A session that does not acknowledge as fast as it is sent to.
    let edits = [
        ("max_ack_queue: 20000", "max_ack_queue: 20"),
        ("  mod_adhoc: {}\n", ""),
        // Both would load it again.
        ("  mod_announce: { access: announce }\n", ""),
        ("  mod_configure: {}\n", ""),
    ];
    reconfigure(&mut server, &edits).await;
    let told = operator.doctor(&["--only", "rate"]).await;
    told.names("rate.ended", 0);
    let told = operator.doctor(&["--only", "ad-hoc"]).await;
    told.names("ad-hoc.missing", 0);

    reconfigure(
        &mut server,
        &[("c2s: { allow: all }", "c2s: { deny: all }")],
    )
    .await;
    operator.doctor(&[]).await.names("login.refused", 3);
}
