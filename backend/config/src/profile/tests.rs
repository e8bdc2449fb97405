#![allow(clippy::unwrap_used)]
use super::*;
use crate::{Endpoint, write_private};

struct Place {
    _folder: tempfile::TempDir,
    paths: Paths,
}

impl Place {
    fn with(operator: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::under(folder.path());
        if !operator.is_empty() {
            write_private(&paths.operator_file(), operator.as_bytes()).unwrap();
        }
        Self {
            _folder: folder,
            paths,
        }
    }

    fn drop_in(self, name: &str, text: &str) -> Self {
        let path = self.paths.drop_ins().join(format!("{name}.toml"));
        write_private(&path, text.as_bytes()).unwrap();
        self
    }

    fn load(&self, flags: &Flags, set: &[(&str, &str)]) -> Result<Profile, ProfileError> {
        let lookup = |name: &str| {
            let found = set.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Profile::load(&self.paths, flags, &Environment::from_lookup(lookup))
    }

    fn said(&self, set: &[(&str, &str)]) -> String {
        self.load(&Flags::default(), set).unwrap_err().to_string()
    }
}

const TWO: &str = r#"default = "prod"

[profiles.prod]
jid = "admin@dc.example"
password_file = "prod.password"
read_only = true

[profiles.prod.bus]
hosts = ["xmpp.dc.example:5222"]
ca_file = "ca.pem"

[profiles.lab]
jid = "me@lab.example"
theme = "light"
"#;

fn named(name: &str) -> Flags {
    Flags {
        profile: Some(name.parse().unwrap()),
        ..Flags::default()
    }
}

fn origin(profile: &Profile, key: &str) -> String {
    let rows = profile.rows();
    let row = rows.iter().find(|row| row.key == key).unwrap();
    row.origin.to_string()
}

#[test]
fn a_profile_is_complete_and_knows_its_origins() {
    let place = Place::with(TWO);
    let profile = place.load(&Flags::default(), &[]).unwrap();
    assert_eq!(profile.name.as_str(), "prod");
    assert!(profile.read_only);
    assert_eq!(profile.theme, "dark");
    let beside = |name| place.paths.config.join(name);
    assert_eq!(
        profile.password,
        PasswordSource::File(beside("prod.password"))
    );
    assert_eq!(profile.bus.ca_file, Some(beside("ca.pem")));
    let file = place.paths.operator_file();
    for (key, line) in [
        ("jid", 4),
        ("password", 5),
        ("read_only", 6),
        ("bus.hosts", 9),
        ("bus.ca_file", 10),
    ] {
        let expected = format!("{}:{line}", file.display());
        assert_eq!(origin(&profile, key), expected, "{key}");
    }
    assert_eq!(origin(&profile, "theme"), "preset");
}

#[test]
fn flag_beats_environment_beats_file_beats_preset() {
    let place = Place::with(TWO);
    let set = [
        ("ARCHIPEL_PROFILE", "prod"),
        ("ARCHIPEL_THEME", "mono"),
        ("ARCHIPEL_HOSTS", "a.example:5222, [::1]:5223"),
    ];
    let mut flags = named("lab");
    flags.read_only = true;
    let profile = place.load(&flags, &set).unwrap();
    assert_eq!(profile.jid.to_string(), "me@lab.example");
    assert_eq!(profile.theme, "mono");
    assert!(profile.read_only);
    let second: Endpoint = "[::1]:5223".parse().unwrap();
    assert_eq!(profile.bus.hosts.last(), Some(&second));
    assert_eq!(origin(&profile, "profile"), "--profile");
    assert_eq!(origin(&profile, "read_only"), "--read-only");
    assert_eq!(origin(&profile, "theme"), "$ARCHIPEL_THEME");
    assert_eq!(origin(&profile, "bus.hosts"), "$ARCHIPEL_HOSTS");
}

#[test]
fn a_drop_in_is_a_profile_of_its_own() {
    let place = Place::with(TWO).drop_in("demo", "jid = 'admin@demo.example'\n");
    let profile = place.load(&named("demo"), &[]).unwrap();
    assert_eq!(profile.password, PasswordSource::Prompt);
    assert!(origin(&profile, "jid").ends_with("demo.toml:1"));
    let place = place.drop_in("lab", "jid = 'x@y.example'");
    let error = place.load(&named("lab"), &[]).unwrap_err();
    assert!(error.to_string().contains("remove one of the two"));
}

#[test]
fn which_profile_is_never_guessed() {
    let said = Place::with("").said(&[]);
    assert!(said.contains("archipel config init"), "{said}");
    let place = Place::with("[profiles.a]\njid='a@x.example'\n[profiles.b]\njid='b@x.example'");
    assert!(place.said(&[]).contains("a, b"));
    let said = Place::with(TWO).said(&[("ARCHIPEL_PROFILE", "prodd")]);
    assert!(said.contains("did you mean `prod`?"), "{said}");
    let only = Place::with("[profiles.a]\njid='a@x.example'");
    assert_eq!(
        only.load(&Flags::default(), &[]).unwrap().name.as_str(),
        "a"
    );
}

#[test]
fn an_account_in_the_environment_is_enough() {
    let set = [
        ("ARCHIPEL_JID", "ci@dc.example"),
        ("ARCHIPEL_PASSWORD", "x"),
    ];
    let profile = Place::with("").load(&Flags::default(), &set).unwrap();
    let source = PasswordSource::Environment("ARCHIPEL_PASSWORD".to_owned());
    assert_eq!(profile.password, source);
}

#[test]
fn mistakes_name_their_place() {
    let said = Place::with("[profiles.a]\njid = 'dc.example'").said(&[]);
    assert!(
        said.contains("operator.toml:2: `dc.example` is no account"),
        "{said}"
    );
    let said = Place::with("[profiles.a]\njid = 'a@x.example'\nthem = 'x'").said(&[]);
    assert!(
        said.contains(":3: unknown key `them`, did you mean `theme`?"),
        "{said}"
    );
    let said = Place::with(TWO).said(&[("ARCHIPEL_READ_ONLY", "perhaps")]);
    assert_eq!(said, "$ARCHIPEL_READ_ONLY: `read_only`: write yes or no");
    let said = Place::with("[profiles.a]\ntheme = 'x'").said(&[]);
    assert!(said.contains("has no account"), "{said}");
    let said = Place::with(
        "[profiles.a]\njid='a@x.example'\npassword_file='x'\npassword_command=['pass']",
    )
    .said(&[]);
    assert!(said.contains("password_file, password_command"), "{said}");
}

#[test]
fn the_shipped_file_is_a_profile() {
    let place = Place::with(include_str!("../../../../conf/operator.toml"));
    let profile = place.load(&Flags::default(), &[]).unwrap();
    assert_eq!(profile.password, PasswordSource::Prompt);
    assert_eq!(profile.bus, BusSettings::default());
    assert_eq!(origin(&profile, "bus.pinned"), "preset");
    assert!(origin(&profile, "bus.allow_plain").contains("operator.toml:"));
}

#[test]
fn a_profile_name_is_a_safe_file_name() {
    for bad in ["", "../x", "a b", "a.b", &"x".repeat(33)] {
        assert!(bad.parse::<ProfileName>().is_err(), "{bad}");
    }
}
