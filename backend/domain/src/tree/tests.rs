#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Tree, XmlError> {
    Tree::parse(text.to_owned())
}

/// The text again, leaf by leaf: each must begin where the one before ended.
fn pieced_together(tree: &Tree) -> String {
    let mut out = String::new();
    let mut ends: Vec<Span> = Vec::new();
    let add = |out: &mut String, place: Span| {
        assert_eq!(
            out.len(),
            place.start,
            "a byte belongs to no leaf or to two"
        );
        out.push_str(tree.source(place));
    };
    for node in &tree.nodes {
        while let Some(end) = ends.pop_if(|end| end.start <= node.place.start) {
            add(&mut out, end);
        }
        match node.kind {
            NodeKind::Element(element) => {
                add(&mut out, element.open);
                ends.push(Span {
                    start: element.inside.end,
                    end: node.place.end,
                });
            }
            _ => add(&mut out, node.place),
        }
    }
    while let Some(end) = ends.pop() {
        add(&mut out, end);
    }
    out
}

#[test]
fn every_byte_has_its_leaf() {
    let text = "\u{feff}<?xml version='1.0'?>\r\n<!-- a -->\n<a  b = \"1\"\tc='&lt;&#10;'>x<![CDATA[<y>]]>&amp;<b/><?p i?><c></c >\n</a>\n<!--z-->";
    assert_eq!(pieced_together(&read(text).unwrap()), text);
}

#[test]
fn values_are_read_as_xml_says() {
    let tree =
        read("<a b='x&#10;y\n&quot;' c=\"'\">&lt;<!--no--><![CDATA[&lt;]]>\r\nd</a>").unwrap();
    let root = tree.root();
    assert_eq!(root.attribute("b").as_deref(), Some("x\ny \""));
    assert_eq!(root.attribute("c").as_deref(), Some("'"));
    assert_eq!(root.text(), "<&lt;\nd");
}

#[test]
fn namespaces_are_resolved_outwards() {
    let tree = read("<a xmlns:q='urn:q'><q:b xmlns='urn:d'><c/></q:b><d/></a>").unwrap();
    let found: Vec<_> = tree
        .root()
        .descendants()
        .map(|element| element.namespace())
        .collect();
    assert_eq!(
        found,
        [
            None,
            Some("urn:q".to_owned()),
            Some("urn:d".to_owned()),
            None
        ]
    );
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for text in [
        "",
        " ",
        "a",
        "<a>",
        "</a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "<a b/>",
        "<a b=c/>",
        "<a b='1' b='2'/>",
        "<a b='1'c='2'/>",
        "<a b='<'/>",
        "<a>&bomb;</a>",
        "<a>&#0;</a>",
        "<a>]]></a>",
        "<a>\u{1}</a>",
        "<a b='\u{fffe}'/>",
        "<a><!-- -- --></a>",
        "<a><!--x</a>",
        "<a><![CDATA[x</a>",
        "<![CDATA[x]]><a/>",
        "<a/><?xml version='1.0'?>",
        "<a><?XML x?></a>",
        "<a><?p",
        "<1/>",
        "< a/>",
        "<a / >",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>",
        "<a b='&lt'/>",
        " <?xml version='1.0'?><a/>",
    ] {
        assert!(
            matches!(read(text), Err(XmlError::Malformed { .. })),
            "{text}: {:?}",
            read(text).map(|_| ())
        );
    }
}

#[test]
fn the_place_of_a_fault_is_named() {
    assert_eq!(
        read("<a>\n  ä<b></c>\n</a>"),
        Err(XmlError::Malformed { line: 2, column: 7 })
    );
}

#[test]
fn size_depth_and_number_are_bounded() {
    let deep = |depth: usize| {
        read(&format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth))).map(|_| ())
    };
    assert_eq!(deep(MAX_DEPTH), Ok(()));
    assert_eq!(deep(MAX_DEPTH + 1), Err(XmlError::TooDeep));
    assert_eq!(deep(100_000), Err(XmlError::TooDeep));
    let long = format!("<a>{}</a>", " ".repeat(MAX_BYTES));
    assert_eq!(
        read(&long),
        Err(XmlError::TooLong {
            bytes: MAX_BYTES + 7
        })
    );
    assert_eq!(
        read(&format!("<a>{}</a>", "<a/>".repeat(MAX_NODES))),
        Err(XmlError::TooMany)
    );
    let attributes = |number: usize| {
        (0..number)
            .map(|n| [" a", &n.to_string(), "=''"].concat())
            .collect::<String>()
    };
    assert!(read(&format!("<a{}/>", attributes(MAX_ELEMENT_ATTRIBUTES))).is_ok());
    assert_eq!(
        read(&format!("<a{}/>", attributes(MAX_ELEMENT_ATTRIBUTES + 1))),
        Err(XmlError::TooMany)
    );
    let crowd = format!(
        "<a>{}</a>",
        format!("<b{}/>", " a='' b='' c='' d=''").repeat(MAX_ATTRIBUTES / 4 + 1)
    );
    assert_eq!(read(&crowd), Err(XmlError::TooMany));
}

/// What a tree takes besides its text; lists grow by doubling.
#[test]
fn memory_is_bounded() {
    let nodes = MAX_NODES * size_of::<Node>();
    let attributes = MAX_ATTRIBUTES * size_of::<AttributePlace>();
    assert!(
        2 * (nodes + attributes) <= 40 << 20,
        "{nodes} + {attributes}"
    );
}

/// Pieces whose every row is nearly XML.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<a>".to_owned()),
        Just("</a>".to_owned()),
        Just("<b c='1' d=\"&amp;\"/>".to_owned()),
        Just("<!--x-->".to_owned()),
        Just("<![CDATA[<]]>".to_owned()),
        Just("&#65;".to_owned()),
        Just("<?p q?>".to_owned()),
        Just("\r\n ".to_owned()),
        "[ -~ä€😀\t]{0,6}",
        "[<>/='\"&;a!\\[\\]?-]{0,4}",
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_read_is_the_text(text in nearly()) {
        let whole = format!("<a>{text}</a>");
        if let Ok(tree) = read(&whole) {
            prop_assert_eq!(pieced_together(&tree), whole);
        }
    }

    /// Another reader of XML agrees on what is well-formed and on what it says.
    #[test]
    fn another_reader_agrees(text in nearly()) {
        // It takes an instruction without white space behind its name, which XML does not.
        prop_assume!(!text.replace("<?p q?>", "").contains("<?"));
        let whole = format!("<a>{text}</a>");
        let (ours, theirs) = (read(&whole), roxmltree::Document::parse(&whole));
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}", theirs.map(|_| ()));
        if let (Ok(ours), Ok(theirs)) = (ours, roxmltree::Document::parse(&whole)) {
            let facts = |name: &str, attributes: Vec<(String, String)>| (name.to_owned(), attributes);
            let mine: Vec<_> = ours.root().descendants()
                .map(|e| facts(e.name(), e.attributes().map(|a| (a.name().to_owned(), a.value())).collect())).collect();
            let its: Vec<_> = theirs.root_element().descendants().filter(roxmltree::Node::is_element)
                .map(|e| facts(e.tag_name().name(), e.attributes().map(|a| (a.name().to_owned(), a.value().to_owned())).collect())).collect();
            prop_assert_eq!(mine, its);
            let its: String = theirs.root_element().children().filter_map(|n| n.is_text().then(|| n.text()).flatten()).collect();
            prop_assert_eq!(ours.root().text(), its);
        }
    }
}

/// What walks a document walks it with a stack of its own.
#[test]
#[allow(clippy::disallowed_types)]
fn depth_costs_no_stack() {
    let deep = format!(
        "<domain>{}{}</domain>",
        "<a>".repeat(MAX_DEPTH - 1),
        "</a>".repeat(MAX_DEPTH - 1)
    );
    let walk = move || {
        let document = crate::Document::parse(deep).unwrap();
        let innermost = document.root().descendants().last().unwrap();
        let (path, depth) = (document.path_to(&innermost), MAX_DEPTH - 1);
        assert_eq!(path.to_string(), vec!["a"; depth].join("/"));
        assert!(document.reaches().len() <= 1 && document.masked() == document.text());
        let edited = document.edited(&[crate::Edit::set(path, "x")]).unwrap();
        assert_eq!(
            edited.document.edited(&edited.undo).unwrap().document,
            document
        );
    };
    let small = std::thread::Builder::new().stack_size(128 << 10);
    small.spawn(walk).unwrap().join().unwrap();
}
