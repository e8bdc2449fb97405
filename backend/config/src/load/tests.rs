#![allow(clippy::unwrap_used)]
use super::*;
use crate::{BusSettings, Secret};

#[derive(Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    uri: String,
    password: Option<Secret>,
    bus: BusSettings,
}

fn refused(text: &str) -> String {
    parse::<Settings>("a.toml".as_ref(), text)
        .unwrap_err()
        .to_string()
}

#[test]
fn an_unknown_key_is_an_error_with_line_and_suggestion() {
    let said = refused("uri = 'x'\n[bus]\nhost = []\n");
    assert!(
        said.starts_with("a.toml:3: unknown key `host`, did you mean `hosts`?"),
        "{said}"
    );
    assert!(said.contains("ca_file"), "{said}");
    let said = refused("zzzzzz = 1");
    assert!(!said.contains("did you mean"), "{said}");
    assert!(said.contains("known: uri, password, bus"), "{said}");
}

#[test]
fn a_wrong_word_lists_the_right_ones() {
    let said = refused("[bus]\ntls = 'direkt'\n");
    assert!(
        said.starts_with("a.toml:2: `direkt` is not possible here, did you mean `direct`?"),
        "{said}"
    );
}

#[test]
fn a_wrong_value_says_what_is_expected() {
    let said = refused("[bus]\nhosts = ['nowhere']\n");
    assert!(
        said.starts_with("a.toml:2: `nowhere` is not a host and port"),
        "{said}"
    );
    assert!(refused("uri = 'x\n").starts_with("a.toml:1: "));
}

#[test]
fn a_password_never_shows_in_an_error() {
    for text in [
        "password = 4711",
        "password = ['4711']",
        "password = 4711.5",
        "uri = 1\npassword = '4711'",
    ] {
        assert!(!refused(text).contains("4711"), "{text}");
    }
}

#[test]
fn keys_are_found_by_line() {
    let text = "default = 'a'\n\n[profiles.a]\njid = 'x'\n[profiles.a.bus]\n\nhosts = []\n";
    assert_eq!(line_of(text, &["default"]), Some(1));
    assert_eq!(line_of(text, &["profiles", "a", "jid"]), Some(4));
    assert_eq!(line_of(text, &["profiles", "a", "bus", "hosts"]), Some(7));
    assert_eq!(line_of(text, &["profiles", "b", "jid"]), None);
    assert_eq!(line_of("broken = = 1", &["broken"]), None);
}

#[test]
fn an_absent_file_is_told_from_a_broken_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    assert!(load::<Settings>(&path).unwrap_err().is_absent());
    std::fs::write(&path, "uri = ").unwrap();
    assert!(!load::<Settings>(&path).unwrap_err().is_absent());
}

#[test]
fn a_private_file_must_not_be_readable_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    std::fs::write(&path, "uri = 'x'").unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o640);
    std::fs::set_permissions(&path, open).unwrap();
    let said = load_private::<Settings>(&path).unwrap_err().to_string();
    assert!(
        said.ends_with(&format!("chmod 600 {}", path.display())),
        "{said}"
    );
    crate::write_private(&path, b"uri = 'x'").unwrap();
    assert_eq!(load_private::<Settings>(&path).unwrap().uri, "x");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-z\\[\\]=\"'.\n #0-9`]{0,80}") {
        let _ = parse::<Settings>("a.toml".as_ref(), &text);
        let _ = line_of(&text, &["bus", "hosts"]);
    }
}
