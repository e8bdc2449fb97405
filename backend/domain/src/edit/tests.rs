#![allow(clippy::unwrap_used, clippy::panic)]
use proptest::prelude::*;

use super::*;
use crate::{Document, MASK};

const DOMAIN: &str = "<!-- mine -->\n<domain type='kvm'>\n  <name>a</name> <!-- the name -->\n  <memory unit='GiB'>4</memory>\n  \
    <vcpu current='2'>8</vcpu>\n  <os>\n    <type>hvm</type>\n    <boot dev='hd'/>\n  </os>\n  <devices>\n    \
    <disk type=\"file\"><target dev='vda'/></disk>\n    <disk type='file'>\n      <target dev='vdb'/>\n    </disk>\n    <memballoon model='none'/>\n  \
    </devices>\n</domain>\n";

fn document(text: &str) -> Document {
    Document::parse(text).unwrap()
}

fn edit(line: &str) -> Edit {
    line.parse().unwrap_or_else(|why| panic!("{line}: {why}"))
}

/// The text after the edits; their undo must lead back.
#[track_caller]
fn after(text: &str, lines: &[&str]) -> Result<String, EditError> {
    let edits: Vec<Edit> = lines.iter().map(|line| edit(line)).collect();
    let before = document(text);
    let edited = before.edited(&edits)?;
    assert_eq!(
        edited.document.edited(&edited.undo).unwrap().document,
        before
    );
    Ok(edited.document.into_text())
}

#[track_caller]
fn changes(line: &str, old: &str, new: &str) {
    assert_eq!(DOMAIN.matches(old).count(), 1, "{old}");
    assert_eq!(
        after(DOMAIN, &[line]).unwrap(),
        DOMAIN.replace(old, new),
        "{line}"
    );
}

#[test]
fn only_the_node_changes() {
    changes("set memory 8GiB", ">4<", ">8<");
    changes("set memory 4608MiB", "unit='GiB'>4<", "unit='KiB'>4718592<");
    changes("set vcpus 3", "'2'", "'3'");
    changes(
        "set boot cdrom,hd",
        "<boot dev='hd'/>",
        "<boot dev='cdrom'/>\n    <boot dev='hd'/>",
    );
    changes("set disk[vda].type block", "\"file\"", "\"block\"");
    changes(
        "set /devices/disk[2]/target/@dev v\"<d>",
        "'vdb'",
        "'v\"&lt;d&gt;'",
    );
    changes("unset vcpus", " current='2'", "");
    changes(
        "remove /devices/memballoon",
        "\n    <memballoon model='none'/>",
        "",
    );
    changes(
        "remove /devices/disk[2]",
        "\n    <disk type='file'>\n      <target dev='vdb'/>\n    </disk>",
        "",
    );
}

#[test]
fn what_is_so_already_changes_nothing() {
    for line in [
        "set memory 4GiB",
        "set memory 4096MiB",
        "set vcpus 2",
        "set boot hd",
        "unset title",
        "set name a",
        "set acpi off",
        "set /@type kvm",
    ] {
        let edited = document(DOMAIN).edited(&[edit(line)]).unwrap();
        assert!(
            edited.undo.is_empty() && edited.document.text() == DOMAIN,
            "{line}"
        );
    }
}

#[test]
fn missing_parents_come_in_order_and_manner() {
    changes(
        "set title The <shop>",
        "<!-- the name -->\n",
        "<!-- the name -->\n  <title>The &lt;shop&gt;</title>\n",
    );
    changes(
        "set acpi on",
        "  </os>\n",
        "  </os>\n  <features>\n    <acpi/>\n  </features>\n",
    );
    changes(
        "set emulator /usr/bin/qemu",
        "<devices>\n",
        "<devices>\n    <emulator>/usr/bin/qemu</emulator>\n",
    );
    changes(
        "set disk[vda].cache none",
        "\"file\"><target",
        "\"file\"><driver cache='none'/><target",
    );
    changes(
        "set disk[vdb].cache none",
        "    <disk type='file'>\n",
        "    <disk type='file'>\n      <driver cache='none'/>\n",
    );
    changes(
        "set balloon-period 5",
        "<memballoon model='none'/>",
        "<memballoon model='none'>\n      <stats period='5'/>\n    </memballoon>",
    );
    changes(
        "set current-memory 1GiB",
        "</memory>\n",
        "</memory>\n  <currentMemory unit='KiB'>1048576</currentMemory>\n",
    );
    changes(
        "set topology 2x2x2",
        "  </os>\n",
        "  </os>\n  <cpu>\n    <topology sockets='2' cores='2' threads='2'/>\n  </cpu>\n",
    );
    changes(
        "set /devices/disk[target/@dev='sda']/@device cdrom",
        "    </disk>\n",
        "    </disk>\n    <disk device='cdrom'>\n      <target dev='sda'/>\n    </disk>\n",
    );
    changes(
        "add /devices <sound model='ich9'/>",
        "    <memballoon",
        "    <sound model='ich9'/>\n    <memballoon",
    );
}

#[test]
fn other_manners_are_kept() {
    for (text, line, outcome) in [
        (
            "<domain><name>a</name><os/></domain>",
            "set machine q35",
            "<domain><name>a</name><os><type machine='q35'/></os></domain>",
        ),
        (
            "<domain/>",
            "set name a",
            "<domain>\n  <name>a</name>\n</domain>",
        ),
        (
            "<domain>\n</domain>",
            "set name a",
            "<domain>\n  <name>a</name>\n</domain>",
        ),
        (
            "<domain>\r\n\t<name>a</name>\r\n</domain>",
            "set machine q35",
            "<domain>\r\n\t<name>a</name>\r\n\t<os>\r\n\t\t<type machine='q35'/>\r\n\t</os>\r\n</domain>",
        ),
        (
            "<domain a=\"1\">\n    <name/>\n</domain>",
            "set clock utc",
            "<domain a=\"1\">\n    <name/>\n    <clock offset=\"utc\"/>\n</domain>",
        ),
        (
            "<domain><name>x<!--c-->y<![CDATA[z]]></name></domain>",
            "set name a&b",
            "<domain><name>a&amp;b<!--c--></name></domain>",
        ),
        (
            "<domain>\n  <!-- nothing yet -->\n</domain>",
            "set name a",
            "<domain>\n  <!-- nothing yet -->\n  <name>a</name>\n</domain>",
        ),
        (
            "<domain><name  >a</name ></domain>",
            "set name \"\"",
            "<domain><name  ></name ></domain>",
        ),
    ] {
        assert_eq!(after(text, &[line]).unwrap(), outcome, "{line}");
    }
}

#[test]
fn a_list_of_edits_is_one_change() {
    let lines = [
        "set max-vcpus 16",
        "set vcpus 16",
        "unset title",
        "set title x",
        "remove /devices/disk[1]",
        "set disk[1].bus sata",
        "unset boot",
    ];
    let text = after(DOMAIN, &lines).unwrap();
    assert!(
        text.contains("<vcpu current='16'>16</vcpu>")
            && text.contains("<target dev='vdb' bus='sata'/>")
            && !text.contains("<boot")
    );
    assert!(matches!(
        after(DOMAIN, &["set title x", "remove /title[2]"]),
        Err(EditError::Nothing { .. })
    ));
    assert_eq!(
        document(DOMAIN).edited(&vec![edit("unset title"); MAX_EDITS + 1]),
        Err(EditError::TooMany {
            count: MAX_EDITS + 1
        })
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    for (line, said) in [
        (
            "set memroy 1GiB",
            "`memroy` is no field of a <domain>; did you mean `memory`?",
        ),
        (
            "set disk[vda].cach none",
            "`disk[vda].cach` is no field of a <domain>; did you mean `disk[vda].cache`?",
        ),
        (
            "set disk[vdz].cache none",
            "there is nothing at `devices/disk[target/@dev='vdz']`",
        ),
        (
            "set memory 8",
            "`memory` cannot be `8`: it must be an amount such as 8GiB or 512MiB",
        ),
        (
            "set vcpus 9",
            "`vcpus` cannot be `9`: it must be a number of processors, at most max-vcpus",
        ),
        (
            "set boot hd,usb",
            "`boot` cannot be `hd,usb`: it must be some of hd, cdrom, network, fd, separated by commas",
        ),
        (
            "set disk[vda].cache some",
            "`disk[vda].cache` cannot be `some`: it must be one of default, none, writethrough, writeback, directsync, unsafe",
        ),
        (
            "set /devices/disk/driver/@io native",
            "`devices/disk` leads to 2 places; say which, for example `devices/disk[1]`",
        ),
        (
            "set /devices/disk[4]/driver/@io native",
            "there is nothing at `devices/disk[4]/driver/@io`, and what should be made there is not clear: a new one comes behind the last one of its name",
        ),
        (
            "set /devices/*[boot]/@x y",
            "there is nothing at `devices/*[boot]/@x`, and what should be made there is not clear: `*` names no element",
        ),
        (
            "set /devices x",
            "`devices` holds elements: set one of them, or remove it and add it anew",
        ),
        (
            "set /qemu:commandline/qemu:arg/@value -S",
            "no namespace is declared for `qemu:commandline`; first `set /@xmlns:qemu URI`",
        ),
        (
            "set title \"\\u{1}\"",
            "the value for `title` holds a control character, which no document can say",
        ),
        (
            "set /devices/disk[target/@dev='vda']/target/@dev vdz",
            "there is nothing at `devices/disk[target/@dev='vda']/target/@dev`, and what should be made there is not clear: it would not lead to the value that is set",
        ),
        (
            "add /devices <a/><b/>",
            "what should be added to `devices` is not one well-formed element",
        ),
        (
            "add /devices <a>",
            "what should be added to `devices` is not one well-formed element",
        ),
        ("remove /.", "the outermost element stays"),
        (
            "remove /devices/disk",
            "`devices/disk` leads to 2 places; say which, for example `devices/disk[1]`",
        ),
        (
            "replace 3 \"x\" \"y\"",
            "the text that should be replaced at byte 3 is not there: the document has changed",
        ),
        (
            "replace 0 \"<!-- mine -->\" \"<\"",
            "the edit would break the document: the document is no well-formed XML: look at line 1, column 2",
        ),
    ] {
        let refused = document(DOMAIN).edited(&[edit(line)]).unwrap_err();
        assert_eq!(refused.to_string(), said, "{line}");
    }
    for line in [
        format!("set /devices/graphics[@type='vnc']/@passwd {MASK}"),
        format!("add /devices <graphics passwd='{MASK}'/>"),
    ] {
        assert!(
            matches!(
                document(DOMAIN).edited(&[edit(&line)]),
                Err(EditError::Mask { .. })
            ),
            "{line}"
        );
    }
    let crowd = document(&format!(
        "<domain><os>{}</os></domain>",
        "<boot dev='hd'/>".repeat(1_000)
    ));
    assert!(matches!(
        crowd.edited(&[edit("set boot hd")]),
        Err(EditError::TooMany { .. })
    ));
}

#[test]
fn an_edit_is_taken_back_in_words() {
    for (line, back) in [
        ("set memory 8GiB", "set memory 4GiB"),
        ("set title x", "unset /title"),
        (
            "set topology 1x2x3",
            "unset /cpu/topology/@threads; unset /cpu/topology/@cores; unset /cpu",
        ),
        ("set boot cdrom,hd", "set boot hd"),
        (
            "set disk[vda].cache none",
            "unset /devices/disk[target/@dev='vda']/driver",
        ),
        ("set /@type qemu", "set /@type kvm"),
        ("unset vcpus", "set /vcpu/@current 2"),
        ("unset title", ""),
        ("add /devices <disk/>", "remove /devices/disk[3]"),
        (
            "remove /devices/disk[1]",
            "add /devices <disk type=\"file\"><target dev='vda'/></disk>",
        ),
        (
            "remove /devices/disk[1]/@type",
            "set /devices/disk[1]/@type file",
        ),
    ] {
        let shown: Vec<String> = edit(line)
            .inverse(&document(DOMAIN))
            .unwrap()
            .iter()
            .map(Edit::to_string)
            .collect();
        assert_eq!(shown.join("; "), back, "{line}");
    }
    assert!(
        edit("set /devices/disk/@type x")
            .inverse(&document(DOMAIN))
            .is_err()
    );
}

#[test]
fn declared_prefixes_can_be_written() {
    let lines = [
        "set /@xmlns:q http://libvirt.org/schemas/domain/qemu/1.0",
        "set /q:commandline/q:arg/@value -S",
    ];
    let text = after(DOMAIN, &lines).unwrap();
    assert!(
        text.contains("  <q:commandline>\n    <q:arg value='-S'/>\n  </q:commandline>\n</domain>"),
        "{text}"
    );
    let added = after(DOMAIN, &["add /. <p:a xmlns:p='urn:p' p:b=''><p:c/></p:a>"]).unwrap();
    assert!(
        added.ends_with("  <p:a xmlns:p='urn:p' p:b=''><p:c/></p:a>\n</domain>\n"),
        "{added}"
    );
    assert!(matches!(
        after(DOMAIN, &["add /devices <a><b p:c=''/></a>"]),
        Err(EditError::Prefix { .. })
    ));
}

#[test]
fn an_edit_is_a_line() {
    for line in [
        "set memory 8GiB",
        "set disk[vda].cache none",
        "set title a \"b\" c",
        "set title \" a\\n\\u{1}\"",
        "set title \"\"",
        "unset title",
        "set /devices/disk[alias/@name='a ]b']/@x y",
        "add /devices <a b='c'> </a>",
        "remove /devices/disk[2]/@device",
        "replace 12 \"a\\\"\\\\\" \"\\tb\"",
        "unset interface[52:54:00:12:34:56].mtu",
    ] {
        assert_eq!(edit(line).to_string(), line);
    }
    for line in [
        "",
        "sett a b",
        "set",
        "set memory",
        "set memory \"",
        "set memory \"a\"b",
        "set a/b c",
        "unset",
        "remove title",
        "add /devices",
        "replace x \"\" \"\"",
        "replace 1 \"a\"",
        "set disk[] x",
        "set /a[ b",
    ] {
        assert!(line.parse::<Edit>().is_err(), "{line}");
    }
}

#[test]
fn what_is_printed_for_developers_holds_no_value() {
    for line in [
        "set graphics[vnc].password hunter2",
        "add /devices <graphics passwd='hunter2'/>",
        "replace 1 \"hunter2\" \"hunter2\"",
    ] {
        assert!(!format!("{:?}", edit(line)).contains("hunter2"), "{line}");
    }
}

proptest! {
    #[test]
    fn print_and_parse_is_the_identity(value in "[ -~ä\n\t\u{1}\u{85}]{0,12}", old in any::<String>(), at: usize) {
        for edit in [Edit::set("a/@b".parse().unwrap(), value.clone()), Edit::Add { parent: "a".parse().unwrap(), xml: value.clone() }, Edit::Replace { at, old: old.clone(), new: value.clone() }] {
            prop_assert_eq!(edit.to_string().parse::<Edit>().unwrap(), edit);
        }
    }

    #[test]
    fn any_value_can_be_set_and_read(value in "[ -~äß€😀\r\n\t]{0,20}") {
        for path in ["title", "@type", "devices/disk[1]/target/@dev", "metadata/shop", "devices/memballoon/alias/@name"] {
            let path: Path = path.parse().unwrap();
            let before = document(DOMAIN);
            let edited = before.edited(&[Edit::set(path.clone(), value.clone())]).unwrap();
            prop_assert_eq!(edited.document.get(&path), Some(value.clone()));
            prop_assert_eq!(edited.document.edited(&edited.undo).unwrap().document, before);
        }
    }

    #[test]
    fn nothing_makes_it_panic(line in "(set|unset|add|remove|replace) [ -~]{0,30}") {
        if let Ok(edit) = line.parse::<Edit>() {
            let _ = document(DOMAIN).edited(&[edit]);
        }
    }
}
