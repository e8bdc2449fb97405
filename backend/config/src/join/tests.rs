#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// The code of [`sample`], for ever.
const GOLDEN: &str = "archipel1AIUBAA9odjAxQGRjLmV4YW1wbGUCABBhZG1pbkBkYy5leGFtcGxlAwALb3BlbiBzZXNhbWUEAAgAAAAAcN1VJQUAFHhtcHAuZGMuZ\
    XhhbXBsZTo1MjIyBQAKWzo6MV06NTIyMwgAIKurq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urg0UwcgYr";

fn sample() -> JoinCode {
    JoinCode {
        hypervisor: "hv01@dc.example".parse().unwrap(),
        inviter: "admin@dc.example".parse().unwrap(),
        secret: Secret::new("open sesame".to_owned()),
        expires: "2030-01-02T03:04:05Z".parse().unwrap(),
        servers: vec![
            "xmpp.dc.example:5222".parse().unwrap(),
            "[::1]:5223".parse().unwrap(),
        ],
        tls: TlsMode::Starttls,
        trust: ServerTrust::Pinned(Fingerprint([0xab; 32])),
        allow_plain: false,
        prepared: false,
    }
}

fn text_of(code: &JoinCode) -> String {
    code.to_text().unwrap().expose().to_owned()
}

/// Any payload as a code with a sound check sum: what somebody could write by hand.
fn forged(payload: &[u8]) -> String {
    let mut bytes = u16::try_from(payload.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(payload);
    let check = check(&bytes);
    bytes.extend_from_slice(&check);
    format!("archipel1{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

#[test]
fn the_form_of_version_1_never_changes() {
    assert_eq!(text_of(&sample()), GOLDEN);
    assert_eq!(JoinCode::parse(GOLDEN), Ok(sample()));
}

#[test]
fn a_code_survives_wrapping_and_blanks() {
    let whole = text_of(&sample());
    let pieces: Vec<&str> = (0..whole.len())
        .step_by(40)
        .map(|at| &whole[at..whole.len().min(at + 40)])
        .collect();
    for between in ["\n", "\r\n", "  \n\t ", "\u{a0}"] {
        let wrapped = format!("\n  {} \n", pieces.join(between));
        assert_eq!(JoinCode::parse(&wrapped), Ok(sample()), "{between:?}");
    }
}

#[test]
fn every_wrong_letter_and_every_missing_end_is_noticed() {
    let whole = text_of(&sample());
    for at in 0..whole.len() {
        let other = if &whole[at..=at] == "A" { "B" } else { "A" };
        let wrong = format!("{}{other}{}", &whole[..at], &whole[at + 1..]);
        assert!(JoinCode::parse(&wrong).is_err(), "letter {at}");
        let missing = format!("{}{}", &whole[..at], &whole[at + 1..]);
        assert!(JoinCode::parse(&missing).is_err(), "without letter {at}");
        let cut = JoinCode::parse(&whole[..at]).unwrap_err();
        let wanted = if at == 0 {
            InvalidJoinCode::NotACode
        } else {
            InvalidJoinCode::CutOff
        };
        assert_eq!(cut, wanted, "cut at {at}");
    }
    assert_eq!(
        JoinCode::parse(&format!("{whole}AAAA")),
        Err(InvalidJoinCode::Damaged)
    );
}

#[test]
fn what_is_no_code_is_told_apart() {
    let error = |text: &str| JoinCode::parse(text).unwrap_err();
    assert_eq!(error("hunter2"), InvalidJoinCode::NotACode);
    assert_eq!(error("Archipel1AAAA"), InvalidJoinCode::NotACode);
    assert_eq!(error("archipel2AAAA"), InvalidJoinCode::OtherVersion('2'));
    assert_eq!(error("archipel1AA+A"), InvalidJoinCode::Damaged);
    let long = format!("archipel1{}", "A".repeat(1 << 20));
    assert_eq!(error(&long), InvalidJoinCode::TooLong);
}

#[test]
fn neither_the_secret_nor_the_text_shows() {
    let code = sample();
    let shown = format!("{code:?} {:?} {}", code.to_text(), InvalidJoinCode::Damaged);
    assert!(
        !shown.contains("sesame") && !shown.contains("archipel1"),
        "{shown}"
    );
}

#[test]
fn clear_text_and_what_is_too_long_are_not_written() {
    let clear = JoinCode {
        tls: TlsMode::ClearTextOnLoopback,
        ..sample()
    };
    assert_eq!(
        clear.to_text().unwrap_err(),
        UnwritableJoinCode::Part("kind of connection")
    );
    let big = Certificate::from_der(vec![0; 4_000]);
    let long = JoinCode {
        trust: ServerTrust::Authorities(vec![big]),
        ..sample()
    };
    assert_eq!(long.to_text().unwrap_err(), UnwritableJoinCode::TooLong);
    let empty = JoinCode {
        secret: Secret::new(String::new()),
        ..sample()
    };
    assert_eq!(
        empty.to_text().unwrap_err(),
        UnwritableJoinCode::Part("password")
    );
}

#[test]
fn parts_that_would_do_harm_are_refused() {
    let field = |tag: u8, value: &[u8]| {
        let mut bytes = vec![tag];
        bytes.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(value);
        bytes
    };
    let good = [
        field(1, b"hv01@dc.example"),
        field(2, b"admin@dc.example"),
        field(3, b"x"),
        field(4, &9_u64.to_be_bytes()),
    ];
    assert!(JoinCode::parse(&forged(&good.concat())).is_ok());
    let with = |at: usize, value: Vec<u8>| {
        let mut fields = good.clone();
        fields[at] = value;
        JoinCode::parse(&forged(&fields.concat()))
    };
    let part = |name| Err(InvalidJoinCode::Part(name));
    assert_eq!(with(0, field(1, b"dc.example")), part("account"));
    assert_eq!(with(0, field(1, b"hv01@dc.example/x")), part("account"));
    assert_eq!(with(1, field(2, b"\xff@dc")), part("inviter"));
    assert_eq!(with(2, field(3, b"two\nlines")), part("password"));
    assert_eq!(with(3, field(4, &[0xff; 8])), part("expiry"));
    assert_eq!(with(3, field(4, b"9")), part("expiry"));
    assert_eq!(with(1, field(1, b"hv01@dc.example")), part("fields"));
    let more = |value: Vec<u8>| with(3, [good[3].clone(), value].concat());
    assert_eq!(more(field(5, b"x\"]\n[bus]:1")), part("server address"));
    assert_eq!(more(field(5, b"no-port")), part("server address"));
    assert_eq!(more(field(5, b"a:1").repeat(9)), part("server address"));
    assert_eq!(more(field(6, b"yes")), part("settings"));
    assert_eq!(more(field(7, b"")), part("certificate"));
    assert_eq!(more(field(8, b"short")), part("fingerprint"));
    assert_eq!(
        more([field(7, b"der"), field(8, &[0; 32])].concat()),
        part("certificate")
    );
    assert_eq!(more(field(11, b"")), part("fields"));
    assert_eq!(more(vec![5, 0]), part("fields"));
}

#[test]
fn certificates_come_back_as_pem() {
    let one = Certificate::from_der((0..=255).collect());
    let two = Certificate::from_der(b"short".to_vec());
    let pem = one.to_pem() + &two.to_pem();
    assert!(pem.lines().all(|line| line.len() <= 64), "{pem}");
    assert_eq!(Certificate::all_of_pem(pem.as_bytes()).unwrap(), [one, two]);
    assert!(Certificate::all_of_pem(b"nothing").is_err());
}

fn any_trust() -> impl Strategy<Value = ServerTrust> {
    let der = prop::collection::vec(any::<u8>(), 1..200).prop_map(Certificate::from_der);
    prop_oneof![
        Just(ServerTrust::System),
        prop::collection::vec(der, 1..4).prop_map(ServerTrust::Authorities),
        any::<[u8; 32]>().prop_map(|pin| ServerTrust::Pinned(Fingerprint(pin))),
    ]
}

prop_compose! {
    fn any_code()(
        name in "[a-z0-9]{1,20}",
        secret in "[^\\pC]{1,40}",
        seconds in 0_i64..200_000_000_000,
        ports in prop::collection::vec(any::<u16>(), 0..8),
        trust in any_trust(),
        flags in any::<[bool; 3]>(),
    ) -> JoinCode {
        JoinCode {
            hypervisor: format!("{name}@dc.example").parse().unwrap(),
            inviter: format!("admin-{name}@dc.example").parse().unwrap(),
            secret: Secret::new(secret),
            expires: Timestamp::from_second(seconds).unwrap(),
            servers: ports.into_iter().map(|port| Endpoint { host: format!("{name}.example"), port }).collect(),
            tls: if flags[0] { TlsMode::Direct } else { TlsMode::Starttls },
            trust,
            allow_plain: flags[1],
            prepared: flags[2],
        }
    }
}

proptest! {
    #[test]
    fn every_code_comes_back(code in any_code()) {
        prop_assert_eq!(JoinCode::parse(&text_of(&code)), Ok(code));
    }

    #[test]
    fn no_text_is_a_panic(text in ".*", payload in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = JoinCode::parse(&text);
        let _ = JoinCode::parse(&format!("archipel1{text}"));
        // What can be read is what would have been written.
        if let Ok(code) = JoinCode::parse(&forged(&payload)) {
            let again = text_of(&code);
            prop_assert_eq!(again, forged(&payload));
        }
    }
}
