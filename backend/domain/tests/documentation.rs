//! The fragments of libvirt's own documentation are edited without loss.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod common;
#[path = "common/values.rs"]
mod values;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use archipel_domain::{Document, Edit, FieldName, Kind, Target, fields};
use archipel_lab::skip;
use common::{nodes, set_one};
use proptest::{prelude::*, sample::Index, test_runner::TestRunner};

/// Where packages put it: Debian's libvirt-doc, Fedora's libvirt-docs.
const FOLDERS: [&str; 2] = [
    "/usr/share/doc/libvirt-doc/html",
    "/usr/share/doc/libvirt-docs/html",
];

const MISSING: &str = "libvirt's documentation is not installed; `conf/setup/packages.sh test` installs it (package libvirt-doc)";

/// All fragments of all pages.
struct Corpus {
    /// The well-formed ones.
    sound: Vec<Fragment>,
    /// The others: the name, and the text that was tried.
    broken: Vec<(String, String)>,
}

struct Fragment {
    /// The page, and which of its fragments.
    name: String,
    document: Document,
}

fn pages() -> Option<Vec<PathBuf>> {
    let folder = FOLDERS
        .iter()
        .map(Path::new)
        .find(|folder| folder.is_dir())?;
    let mut pages: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|page| page.extension().is_some_and(|ending| ending == "html"))
        .collect();
    pages.sort();
    Some(pages)
}

/// Everything that looks like a part of a document, as text: what the page has between `<pre>` and `</pre>`.
fn sources(page: &Path) -> Vec<String> {
    let html = fs::read_to_string(page).unwrap();
    let blocks = html
        .split("<pre")
        .skip(1)
        .filter_map(|block| block.split_once('>')?.1.split_once("</pre>"));
    let texts = blocks.map(|(inside, _)| plain(inside));
    texts
        .filter(|text| {
            text.trim_start_matches(['.', ' ', '\n']).starts_with('<') && text.contains('>')
        })
        .collect()
}

/// HTML without its tags, references resolved.
fn plain(html: &str) -> String {
    let mut text = String::new();
    for (at, part) in html.split('<').enumerate() {
        text.push_str(if at == 0 {
            part
        } else {
            part.split_once('>').map_or("", |(_, text)| text)
        });
    }
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    named.iter().fold(text, |text, (reference, meaning)| {
        text.replace(reference, meaning)
    })
}

/// As it is if it is a whole document, else within one.
fn document(source: &str) -> Result<Document, String> {
    let whole = source.trim_matches(['.', ' ', '\n']);
    if let Ok(document) = Document::parse(whole) {
        return Ok(document);
    }
    let text = format!("<domain>\n{source}\n</domain>\n");
    Document::parse(text.as_str()).map_err(|_| text)
}

fn fragments() -> Option<&'static Corpus> {
    static FRAGMENTS: OnceLock<Option<Corpus>> = OnceLock::new();
    FRAGMENTS
        .get_or_init(|| {
            let (mut sound, mut broken) = (Vec::new(), Vec::new());
            for page in pages()? {
                for (at, source) in sources(&page).iter().enumerate() {
                    let name = format!(
                        "{}, fragment {}",
                        page.file_name().unwrap().to_string_lossy(),
                        at + 1
                    );
                    match document(source) {
                        Ok(document) => sound.push(Fragment { name, document }),
                        Err(text) => broken.push((name, text)),
                    }
                }
            }
            Some(Corpus { sound, broken })
        })
        .as_ref()
}

#[test]
fn nearly_all_are_read_and_the_others_are_not_well_formed() {
    let Some(Corpus { sound, broken }) = fragments() else {
        return skip(
            "nearly_all_are_read_and_the_others_are_not_well_formed",
            MISSING,
        );
    };
    for (name, text) in broken {
        assert!(
            roxmltree::Document::parse(text).is_err(),
            "{name} is well-formed:\n{text}"
        );
    }
    let (read, all) = (sound.len(), sound.len() + broken.len());
    let _ = writeln!(
        std::io::stderr(),
        "fragments: {read} of {all} are well-formed"
    );
    assert!(read >= 200 && read * 5 >= all * 4, "{read} of {all}");
    assert!(
        [
            Kind::Domain,
            Kind::Network,
            Kind::Filter,
            Kind::Pool,
            Kind::Volume,
            Kind::Snapshot
        ]
        .iter()
        .all(|kind| sound
            .iter()
            .any(|fragment| fragment.document.kind() == *kind))
    );
}

#[test]
fn every_node_reads_back() {
    let Some(Corpus { sound, .. }) = fragments() else {
        return skip("every_node_reads_back", MISSING);
    };
    for Fragment { name, document } in sound {
        for node in nodes(document) {
            set_one(name, document, &node, "<ä> & \"two\" 'one'\n");
        }
    }
}

/// Where a fragment has something else at a field's path, the field says so; it never guesses, and never breaks the text.
#[test]
fn every_field_reads_back_or_says_why_not() {
    let Some(Corpus { sound, .. }) = fragments() else {
        return skip("every_field_reads_back_or_says_why_not", MISSING);
    };
    let (mut set, mut refused) = (0, 0);
    for Fragment { name, document } in sound {
        for field in fields(document.kind()) {
            let target: FieldName = field.name.parse().unwrap();
            let [value, _] = values::of(field);
            let edit = Edit::Set {
                target: Target::Field(target.clone()),
                value: value.clone(),
            };
            let Ok(edited) = document.edited(&[edit]) else {
                refused += 1;
                continue;
            };
            set += 1;
            assert_eq!(
                edited.document.field(&target),
                Ok(Some(value)),
                "{name}: {target}"
            );
            assert_eq!(
                &edited.document.edited(&edited.undo).unwrap().document,
                document,
                "{name}: {target}"
            );
        }
    }
    assert!(set > 50 * refused, "{set} set, {refused} refused");
}

#[test]
fn any_value_goes_anywhere() {
    let Some(Corpus { sound, .. }) = fragments() else {
        return skip("any_value_goes_anywhere", MISSING);
    };
    let mut runner = TestRunner::new(ProptestConfig::with_cases(2_000));
    let cases = (any::<Index>(), any::<Index>(), "[ -~äß€😀\r\n\t]{0,24}");
    runner
        .run(&cases, |(fragment, node, value)| {
            let Fragment { name, document } = fragment.get(sound);
            set_one(name, document, node.get(&nodes(document)), &value);
            Ok(())
        })
        .unwrap();
}
