#![allow(clippy::unwrap_used)]

use super::*;

fn features(mechanisms: &[&str], exporter: bool) -> Features {
    Features {
        mechanisms: mechanisms.iter().map(|name| (*name).to_owned()).collect(),
        exporter,
        ..Features::default()
    }
}

fn chosen(features: &Features, protection: &Protection, allow_plain: bool) -> Option<String> {
    let terms = Terms {
        features,
        protection,
        allow_plain,
    };
    terms
        .choose("me", "secret")
        .map(|exchange| exchange.unwrap().name().to_owned())
}

const TLS13: fn() -> Protection = || Protection::Tls {
    exporter: Some(vec![7; 32]),
};

#[test]
fn the_strongest_mechanism_wins() {
    let offer = features(&["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"], false);
    assert_eq!(
        chosen(&offer, &TLS13(), true).as_deref(),
        Some("SCRAM-SHA-256")
    );
    let offer = features(&["PLAIN", "SCRAM-SHA-1"], false);
    assert_eq!(
        chosen(&offer, &TLS13(), true).as_deref(),
        Some("SCRAM-SHA-1")
    );
}

#[test]
fn the_password_leaves_only_where_configured() {
    let offer = features(&["PLAIN", "X-OTHER"], false);
    assert_eq!(chosen(&offer, &TLS13(), false), None);
    assert_eq!(chosen(&offer, &TLS13(), true).as_deref(), Some("PLAIN"));
}

#[test]
fn channel_binding_needs_the_announced_type_and_tls_1_3() {
    let offer = ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"];
    assert_eq!(
        chosen(&features(&offer, true), &TLS13(), false).as_deref(),
        Some("SCRAM-SHA-256-PLUS")
    );
    assert_eq!(
        chosen(&features(&offer, false), &TLS13(), false).as_deref(),
        Some("SCRAM-SHA-1")
    );
    let old = Protection::Tls { exporter: None };
    assert_eq!(
        chosen(&features(&offer, true), &old, false).as_deref(),
        Some("SCRAM-SHA-1")
    );
}

/// A SCRAM exchange up to the first challenge, and the client's nonce.
fn begun(name: &str) -> (Exchange, String, String) {
    let offer = features(&["SCRAM-SHA-1"], false);
    let terms = Terms {
        features: &offer,
        protection: &Protection::Private,
        allow_plain: false,
    };
    let mut exchange = terms.choose(name, "secret").unwrap().unwrap();
    let first = String::from_utf8(STANDARD.decode(exchange.initial()).unwrap()).unwrap();
    let nonce = field(first.as_bytes(), "r=").unwrap();
    (exchange, first, nonce)
}

fn challenge(text: &str) -> String {
    STANDARD.encode(text)
}

#[test]
fn names_are_escaped() {
    let (_, first, _) = begun("a,b=c");
    assert!(first.contains("n=a=2Cb=3Dc,"), "{first}");
}

#[test]
fn a_server_without_the_nonce_or_with_absurd_rounds_is_refused() {
    let (mut exchange, _, _) = begun("me");
    assert_eq!(
        exchange.respond(&challenge("r=other,s=c2FsdA==,i=4096")),
        Err(Distrust::Nonce)
    );
    let (mut exchange, _, nonce) = begun("me");
    assert_eq!(
        exchange.respond(&challenge(&format!("r={nonce},s=c2FsdA==,i=4096"))),
        Err(Distrust::Nonce)
    );
    for rounds in ["0", "4294967295", "many"] {
        let (mut exchange, _, nonce) = begun("me");
        let answer = exchange.respond(&challenge(&format!("r={nonce}x,s=c2FsdA==,i={rounds}")));
        assert_eq!(answer, Err(Distrust::Rounds(rounds.to_owned())));
    }
}

#[test]
fn success_without_proof_is_no_success() {
    let (mut exchange, _, nonce) = begun("me");
    assert_eq!(exchange.succeed(""), Err(Distrust::Proof));
    exchange
        .respond(&challenge(&format!("r={nonce}x,s=c2FsdA==,i=16")))
        .unwrap();
    assert_eq!(exchange.succeed(""), Err(Distrust::Proof));
    assert_eq!(exchange.succeed(&challenge("v=AAAA")), Err(Distrust::Proof));
    assert_eq!(exchange.respond(&challenge("v=AAAA")), Err(Distrust::Proof));
}

#[test]
fn a_proof_that_holds_is_accepted_in_either_place() {
    use sasl::common::{Password, scram::ScramProvider};
    let (mut exchange, first, nonce) = begun("me");
    let server_first = format!("r={nonce}x,s=c2FsdA==,i=16");
    let answer = exchange.respond(&challenge(&server_first)).unwrap();
    let answer = String::from_utf8(STANDARD.decode(answer).unwrap()).unwrap();
    let without_proof = answer.split(",p=").next().unwrap();
    let bare = first.strip_prefix("n,,").unwrap();
    let key = Sha1::derive(&Password::Plain("secret".into()), b"salt", 16).unwrap();
    let key = Sha1::hmac(b"Server Key", &key).unwrap();
    let proof = Sha1::hmac(
        format!("{bare},{server_first},{without_proof}").as_bytes(),
        &key,
    )
    .unwrap();
    let message = challenge(&format!("v={}", STANDARD.encode(proof)));
    assert_eq!(exchange.succeed(&message), Ok(()));
    assert_eq!(exchange.respond(&message), Ok(String::new()));
    assert_eq!(exchange.succeed(""), Ok(()));
}
