#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

const DOMAIN: &str = "<?xml version='1.0'?>\n<!-- <description>kept</description> -->\n<domain type='kvm'>\n  \
    <name>w&#xe9;b</name>\r\n  <description a=\"1\"><![CDATA[login::hunter2]]></description>\n  <devices>\n    \
    <graphics type='vnc' passwd = \"hunter2\" passwdValidTo='2030-01-01'><listen/></graphics>\n    \
    <disk><description>a disk's own</description><source><cookies><cookie name='c'>hunter2<!--x-->3</cookie></cookies></source></disk>\n  \
    </devices>\n</domain>\n";

#[test]
fn only_the_machines_own_description_goes() {
    let cut = without_description(DOMAIN).unwrap();
    let piece = "<description a=\"1\"><![CDATA[login::hunter2]]></description>";
    assert_eq!(cut, DOMAIN.replace(piece, ""));
}

#[test]
fn passwords_and_cookies_are_masked_and_nothing_else() {
    let hidden = masked(DOMAIN).unwrap();
    let expected = DOMAIN
        .replace("\"hunter2\"", "\"archipel:unchanged\"")
        .replace("hunter2<!--x-->3", MASK);
    assert_eq!(hidden, expected);
    assert_eq!(masked(&hidden).unwrap(), hidden, "a mask stays a mask");
}

#[test]
fn what_is_shareable_holds_no_secret() {
    let shown = shareable(DOMAIN).unwrap();
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("w&#xe9;b") && shown.contains("a disk's own"));
}

#[test]
fn a_secret_within_a_description_goes_with_it() {
    let text = "<domain><description><graphics passwd='hunter2'/></description><a/></domain>";
    assert_eq!(shareable(text).unwrap(), "<domain><a/></domain>");
}

#[test]
fn many_spaces_hide_no_password() {
    let text = format!(
        "<domain><graphics passwd{0}={0}'hunter2'/></domain>",
        " ".repeat(700)
    );
    assert!(!masked(&text).unwrap().contains("hunter2"));
}

#[test]
fn other_documents_are_refused() {
    assert_eq!(shareable("<network/>"), Err(XmlError::Unexpected("domain")));
    assert!(matches!(
        shareable("<domain>"),
        Err(XmlError::Malformed { .. })
    ));
}

/// Text that may stand between two elements, with what an editor without care would lose.
fn filler() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n  ".to_owned()),
        Just("<a b='1'\tc=\"&lt;'\"/>".to_owned()),
        Just("<!-- <description>x</description> -->".to_owned()),
        Just("<![CDATA[<graphics passwd='no'/>]]>".to_owned()),
        Just("<m:x xmlns:m='urn:m'><description>inner</description></m:x>".to_owned()),
        "[a-zäöü€😀 &&[^<&]]{0,8}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn secret() -> impl Strategy<Value = String> {
    "[A-Z0-9ß]{12}"
}

const TWO: &str = "<domain><devices><graphics type='vnc' passwd='one'/><graphics type='spice' passwd='two&apos;s'/>\
    <disk><source><cookies><cookie name='c'>three</cookie></cookies></source><target dev='vda'/></disk></devices></domain>";

#[test]
fn secrets_come_back_in_the_place_of_their_masks() {
    let base = Document::parse(TWO).unwrap();
    let shown = Document::parse(base.masked()).unwrap();
    assert_eq!(shown.with_secrets_of(&base).unwrap(), base);
    // The screens in another order, and one gone.
    let edited = "<domain><devices><graphics passwd=\"archipel:unchanged\" type='spice'/></devices></domain>";
    let whole = Document::parse(edited)
        .unwrap()
        .with_secrets_of(&base)
        .unwrap();
    assert_eq!(whole.text(), edited.replace(MASK, "two&apos;s"));
}

#[test]
fn a_mask_that_stands_for_nothing_is_refused() {
    let base = Document::parse(TWO).unwrap();
    for devices in [
        "<graphics type='sdl' passwd='archipel:unchanged'/>",
        "<graphics type='vnc' passwd='archipel:unchanged'/><graphics type='vnc' passwd='archipel:unchanged'/>",
    ] {
        let edited =
            Document::parse(format!("<domain><devices>{devices}</devices></domain>")).unwrap();
        let refused = edited.with_secrets_of(&base).unwrap_err();
        assert!(
            matches!(refused, crate::EditError::Mask { .. }),
            "{refused}"
        );
    }
}

#[test]
fn a_prefix_hides_no_password() {
    let text = "<domain><x:graphics x:passwd='hunter2'/><x:cookie>hunter2</x:cookie></domain>";
    assert!(!masked(text).unwrap().contains("hunter2"));
}

#[test]
fn a_secret_fits_other_quotes() {
    let with = |value: &str| {
        Document::parse(format!(
            "<domain><graphics type='vnc' passwd={value}/></domain>"
        ))
        .unwrap()
    };
    let restored = with("'archipel:unchanged'")
        .with_secrets_of(&with("\"it's\""))
        .unwrap();
    assert_eq!(restored, with("'it&apos;s'"));
    let restored = with("\"archipel:unchanged\"")
        .with_secrets_of(&with("'say \"a\"'"))
        .unwrap();
    assert_eq!(restored, with("\"say &quot;a&quot;\""));
}

#[test]
fn a_cookie_does_not_follow_to_another_host() {
    let disk = |host: &str, cookie: &str| {
        let source = format!(
            "<source protocol='https' name='a'><host name='{host}'/><cookies><cookie name='c'>{cookie}</cookie></cookies></source>"
        );
        Document::parse(format!("<domain><devices><disk type='network'>{source}<target dev='vda'/></disk></devices></domain>")).unwrap()
    };
    let base = disk("here.example", "hunter2");
    assert_eq!(
        disk("here.example", MASK).with_secrets_of(&base).unwrap(),
        base
    );
    assert!(disk("evil.example", MASK).with_secrets_of(&base).is_err());
}

#[test]
fn a_crowd_of_secrets_is_hidden_and_not_looked_up() {
    let crowd = Document::parse(format!(
        "<domain>{}</domain>",
        "<a passwd='x'></a>".repeat(20_000)
    ))
    .unwrap();
    let masked = crowd.masked();
    assert!(!masked.contains("'x'"));
    assert!(
        Document::parse(masked)
            .unwrap()
            .with_secrets_of(&crowd)
            .is_err()
    );
}

#[test]
fn references_are_found_and_not_hidden() {
    let text = "<domain><devices><disk><auth username='u'><secret type='ceph' usage='shop'/></auth></disk></devices></domain>";
    let document = Document::parse(text).unwrap();
    let found: Vec<_> = document
        .secrets()
        .iter()
        .map(|secret| (secret.kind, secret.path().to_string()))
        .collect();
    assert_eq!(
        found,
        [(
            SecretKind::Reference,
            "devices/disk/auth/secret/@usage".to_owned()
        )]
    );
    assert_eq!(document.masked(), text);
}

proptest! {
    #[test]
    fn everything_but_the_secrets_survives(before in filler(), between in filler(), after in filler(), secret in secret()) {
        let description = format!("<description>{secret}</description>");
        let graphics = |value: &str| format!("<devices><graphics type='spice' passwd='{value}'/></devices>");
        let whole = format!("<domain>{before}{description}{between}{}{after}</domain>", graphics(&secret));
        let expected = format!("<domain>{before}{between}{}{after}</domain>", graphics(MASK));
        let shown = shareable(&whole).unwrap();
        prop_assert_eq!(&shown, &expected);
        prop_assert!(!shown.contains(&secret));
        prop_assert_eq!(shareable(&shown).unwrap(), shown);
    }

    #[test]
    fn nothing_makes_it_panic(text in ".{0,200}", inside in "[<>/='\"& a-d!\\[\\]-]{0,80}") {
        let _ = shareable(&text);
        let _ = shareable(&format!("<domain>{inside}</domain>"));
    }
}
