//! Logging in to real servers.

use archipel_bus::{End, Registration, Session, connect};
use archipel_config::{BusSettings, Endpoint, Fingerprint, TlsMode};
use archipel_lab::{Encryption, ServerKind, ServerOptions, XmppServer};
use sha2::{Digest, Sha256};

use crate::common::{PATIENCE, body, ended, message, options, question, reset};

/// A server, or `None` with the reason said.
pub async fn server(test: &str, kind: ServerKind, options: ServerOptions) -> Option<XmppServer> {
    if let Some(reason) = archipel_lab::missing(kind.programs()) {
        archipel_lab::skip(test, &reason);
        return None;
    }
    Some(XmppServer::start(kind, options).await.unwrap())
}

/// A server for `dc.example` with the accounts `me` and `other`.
pub fn furnished() -> ServerOptions {
    ServerOptions::new("dc.example")
        .account("me", "secret")
        .account("other", "secret")
}

/// How to reach `server` with STARTTLS, trusting its authority.
pub fn settings(server: &XmppServer) -> BusSettings {
    BusSettings {
        hosts: vec![server.starttls_addr().to_string().parse().unwrap()],
        ca_file: Some(server.ca_pem_path().to_owned()),
        ..BusSettings::default()
    }
}

/// How to reach `server` with TLS from the first byte.
pub fn direct(server: &XmppServer) -> BusSettings {
    BusSettings {
        hosts: vec![server.tls_addr().to_string().parse().unwrap()],
        tls: TlsMode::Direct,
        ..settings(server)
    }
}

fn fingerprint(server: &XmppServer) -> Fingerprint {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let certificate = CertificateDer::from_pem_file(server.pki().certificate_path()).unwrap();
    Fingerprint(Sha256::digest(&certificate).into())
}

async fn talks(settings: BusSettings) {
    let (me, mut mine) = connect(options("me", settings.clone()));
    let (other, mut others) = connect(options("other", settings));
    reset(&mut mine).await;
    reset(&mut others).await;
    assert_eq!(me.bound_jid().unwrap().to_string(), "me@dc.example/here");
    me.send(message("other@dc.example/here", "hello"))
        .await
        .unwrap();
    assert_eq!(body(&mut others).await, "hello");
    // Each server answers what it does not know with an error; that is an answer.
    assert!(
        other
            .request(question(Some("dc.example")), PATIENCE)
            .await
            .is_err_and(|error| error.to_string().contains("refused"))
    );
    contacts(&me).await;
    me.stop();
    other.stop();
    assert_eq!(ended(&mut mine).await, End::Stopped);
    assert_eq!(ended(&mut others).await, End::Stopped);
}

async fn contacts(session: &Session) {
    let hv = "hv01@dc.example".parse().unwrap();
    let groups = ["rack-a".to_owned()];
    session
        .roster_set(&hv, Some("first"), &groups, PATIENCE)
        .await
        .unwrap();
    let roster = session.roster(PATIENCE).await.unwrap();
    let contact = roster.iter().find(|contact| contact.jid == hv).unwrap();
    assert_eq!(contact.groups, groups);
    session.roster_remove(&hv, PATIENCE).await.unwrap();
    let roster = session.roster(PATIENCE).await.unwrap();
    assert!(roster.iter().all(|contact| contact.jid != hv));
}

async fn fails(settings: BusSettings) -> End {
    let (_session, mut events) = connect(options("me", settings));
    ended(&mut events).await
}

/// Every way of trusting and distrusting, on one server.
async fn trust(kind: ServerKind) {
    let Some(server) = server("trust", kind, furnished()).await else {
        return;
    };
    talks(settings(&server)).await;
    talks(direct(&server)).await;
    let pinned = BusSettings {
        pinned: Some(fingerprint(&server)),
        ca_file: None,
        ..settings(&server)
    };
    talks(pinned.clone()).await;
    let other = BusSettings {
        pinned: Some(Fingerprint([7; 32])),
        ..pinned
    };
    let end = fails(other).await;
    assert!(
        matches!(&end, End::Untrusted { problem, .. } if problem.contains("fingerprint")),
        "{end}"
    );
    let system = BusSettings {
        ca_file: None,
        ..settings(&server)
    };
    let end = fails(system).await;
    assert!(
        matches!(&end, End::Untrusted { problem, .. } if problem.contains("authority")),
        "{end}"
    );
}

#[tokio::test]
async fn trust_on_prosody() {
    trust(ServerKind::Prosody).await;
}

#[tokio::test]
async fn trust_on_ejabberd() {
    trust(ServerKind::Ejabberd).await;
}

async fn accounts(kind: ServerKind) {
    let Some(server) = server("accounts", kind, furnished().registration()).await else {
        return;
    };
    let settings = settings(&server);
    let mut wrong = options("me", settings.clone());
    wrong.account.secret = archipel_config::Secret::new("guess".to_owned());
    let (_session, mut events) = connect(wrong);
    let end = ended(&mut events).await;
    assert!(matches!(&end, End::WrongPassword { .. }), "{end}");
    let mut fresh = options("fresh", settings.clone());
    fresh.registration = Registration::WhenNoSecretYet;
    let (_session, mut events) = connect(fresh);
    reset(&mut events).await;
    let mut taken = options("me", settings);
    taken.registration = Registration::WhenNoSecretYet;
    let (_session, mut events) = connect(taken);
    let end = ended(&mut events).await;
    assert!(matches!(&end, End::RegistrationConflict { .. }), "{end}");
}

#[tokio::test]
async fn accounts_on_prosody() {
    accounts(ServerKind::Prosody).await;
}

#[tokio::test]
async fn accounts_on_ejabberd() {
    accounts(ServerKind::Ejabberd).await;
}

async fn closed_registration(kind: ServerKind) {
    let Some(server) = server("closed registration", kind, furnished()).await else {
        return;
    };
    let mut fresh = options("fresh", settings(&server));
    fresh.registration = Registration::WhenNoSecretYet;
    let (_session, mut events) = connect(fresh);
    let end = ended(&mut events).await;
    assert!(matches!(&end, End::NoRegistration { .. }), "{end}");
}

#[tokio::test]
async fn closed_registration_on_prosody() {
    closed_registration(ServerKind::Prosody).await;
}

#[tokio::test]
async fn closed_registration_on_ejabberd() {
    closed_registration(ServerKind::Ejabberd).await;
}

async fn clear_text(kind: ServerKind) {
    let Some(server) = server(
        "clear text",
        kind,
        furnished().encryption(Encryption::ClearText),
    )
    .await
    else {
        return;
    };
    let end = fails(settings(&server)).await;
    assert!(matches!(&end, End::NoTls { .. }), "{end}");
    let clear = BusSettings {
        tls: TlsMode::ClearTextOnLoopback,
        ..settings(&server)
    };
    talks(clear.clone()).await;
    let elsewhere: Endpoint = "192.0.2.1:5222".parse().unwrap();
    let end = fails(BusSettings {
        hosts: vec![elsewhere],
        ..clear
    })
    .await;
    assert!(matches!(&end, End::ClearTextRefused { .. }), "{end}");
}

#[tokio::test]
async fn clear_text_on_prosody() {
    clear_text(ServerKind::Prosody).await;
}

#[tokio::test]
async fn clear_text_on_ejabberd() {
    clear_text(ServerKind::Ejabberd).await;
}

async fn plain(kind: ServerKind) {
    let Some(server) = server("plain", kind, furnished().plain_only()).await else {
        return;
    };
    let end = fails(settings(&server)).await;
    assert!(matches!(&end, End::NoMechanism { .. }), "{end}");
    talks(BusSettings {
        allow_plain: true,
        ..settings(&server)
    })
    .await;
}

#[tokio::test]
async fn plain_on_prosody() {
    plain(ServerKind::Prosody).await;
}

#[tokio::test]
async fn plain_on_ejabberd() {
    plain(ServerKind::Ejabberd).await;
}

async fn second_login(kind: ServerKind) {
    let Some(server) = server("second login", kind, furnished()).await else {
        return;
    };
    let (_one, mut first) = connect(options("me", settings(&server)));
    reset(&mut first).await;
    let (_two, mut second) = connect(options("me", settings(&server)));
    reset(&mut second).await;
    let end = ended(&mut first).await;
    assert!(matches!(&end, End::Conflict { .. }), "{end}");
}

#[tokio::test]
async fn second_login_on_prosody() {
    second_login(ServerKind::Prosody).await;
}

#[tokio::test]
async fn second_login_on_ejabberd() {
    second_login(ServerKind::Ejabberd).await;
}
