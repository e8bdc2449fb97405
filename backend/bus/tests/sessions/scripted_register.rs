//! Creating the account before the first login.

use archipel_bus::{End, Registration};

use crate::{
    common::{ended, reset, suspended},
    peer::{BIND_SM, PLAIN, Peer, options, start},
};

const OFFERED: &str = "<register xmlns='http://jabber.org/features/iq-register'/>";

fn registering() -> archipel_bus::Options {
    let mut options = options();
    options.registration = Registration::WhenNoSecretYet;
    options
}

fn features() -> String {
    format!("{OFFERED}{PLAIN}")
}

async fn asked(peer: &mut Peer) {
    peer.open(&features()).await;
    let request = peer.expect("</iq>").await;
    assert!(
        request.contains("<username>me</username>")
            && request.contains("<password>secret</password>"),
        "{request}"
    );
}

fn error(condition: &str) -> String {
    format!(
        "<iq type='error' id='register'><error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
}

#[tokio::test]
async fn a_new_account_is_created_and_used_on_one_connection() {
    let (_session, mut events, mut server) = start(registering());
    let mut peer = server.accept().await;
    asked(&mut peer).await;
    peer.say("<iq type='result' id='register'/>").await;
    peer.authenticate(BIND_SM).await;
    peer.bind().await;
    peer.enable("").await;
    reset(&mut events).await;
    drop(peer);
    // The next login must not register again.
    let mut peer = server.accept().await;
    peer.open(&features()).await;
    assert!(peer.expect("</auth>").await.starts_with("<auth"));
}

#[tokio::test]
async fn a_taken_name_is_reported() {
    let (_session, mut events, mut server) = start(registering());
    let mut peer = server.accept().await;
    asked(&mut peer).await;
    peer.say(&error("conflict")).await;
    assert!(matches!(
        ended(&mut events).await,
        End::RegistrationConflict { .. }
    ));
}

#[tokio::test]
async fn a_server_without_registration_is_reported() {
    let (_session, mut events, mut server) = start(registering());
    let mut peer = server.accept().await;
    peer.open(PLAIN).await;
    assert!(matches!(
        ended(&mut events).await,
        End::NoRegistration { .. }
    ));
}

#[tokio::test]
async fn a_refused_registration_is_reported_with_its_condition() {
    let (_session, mut events, mut server) = start(registering());
    let mut peer = server.accept().await;
    asked(&mut peer).await;
    peer.say(&error("not-acceptable")).await;
    let end = ended(&mut events).await;
    assert!(
        matches!(&end, End::RegistrationRefused { reason, .. } if reason == "not-acceptable"),
        "{end}"
    );
}

#[tokio::test]
async fn a_registration_whose_answer_was_lost_may_be_our_own() {
    let (_session, mut events, mut server) = start(registering());
    let mut peer = server.accept().await;
    asked(&mut peer).await;
    drop(peer);
    suspended(&mut events).await;
    let mut peer = server.accept().await;
    asked(&mut peer).await;
    peer.say(&error("conflict")).await;
    peer.authenticate(BIND_SM).await;
    peer.bind().await;
    peer.enable("").await;
    reset(&mut events).await;
}

#[tokio::test]
async fn a_registration_whose_answer_was_lost_may_be_somebody_elses() {
    let (_session, mut events, mut server) = start(registering());
    let mut peer = server.accept().await;
    asked(&mut peer).await;
    drop(peer);
    let mut peer = server.accept().await;
    asked(&mut peer).await;
    peer.say(&error("conflict")).await;
    peer.expect("</auth>").await;
    peer.say("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
        .await;
    assert!(matches!(
        ended(&mut events).await,
        End::RegistrationConflict { .. }
    ));
}

#[tokio::test]
async fn a_server_that_wants_a_pause_between_registrations_gets_it() {
    let (_session, mut events, mut server) = start(registering());
    let mut peer = server.accept().await;
    asked(&mut peer).await;
    peer.say(&error("resource-constraint")).await;
    assert!(suspended(&mut events).await.contains("resource-constraint"));
    asked(&mut server.accept().await).await;
}
