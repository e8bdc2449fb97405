//! From text to tree.

use super::{
    AttributePlace, ElementPlace, MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENT_ATTRIBUTES,
    MAX_NODES, Node, NodeKind, Root, Span, Tree, cursor::Cursor,
};
use crate::{
    XmlError,
    text::{is_space, is_speakable, reference},
};

const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn parse(text: String) -> Result<Tree, XmlError> {
    if text.len() > MAX_BYTES {
        return Err(XmlError::TooLong { bytes: text.len() });
    }
    let mut parser = Parser::new(&text);
    parser.run()?;
    let Parser {
        nodes, attributes, ..
    } = parser;
    let root = root_of(&nodes).ok_or_else(|| XmlError::malformed(&text, text.len()))?;
    Ok(Tree {
        text,
        nodes,
        attributes,
        root,
    })
}

fn root_of(nodes: &[Node]) -> Option<Root> {
    nodes
        .iter()
        .enumerate()
        .find_map(|(id, node)| match node.kind {
            NodeKind::Element(place) => Some(Root {
                id,
                place,
                whole: node.place,
            }),
            _ => None,
        })
}

struct Parser<'t> {
    text: &'t str,
    cursor: Cursor<'t>,
    nodes: Vec<Node>,
    attributes: Vec<AttributePlace>,
    /// The elements that are open, outermost first, each with its newest child.
    open: Vec<(usize, Option<usize>)>,
    /// The newest node outside of all elements.
    newest: Option<usize>,
    has_root: bool,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        Parser {
            text,
            cursor: Cursor::new(text),
            nodes: Vec::new(),
            attributes: Vec::new(),
            open: Vec::new(),
            newest: None,
            has_root: false,
        }
    }

    fn run(&mut self) -> Result<(), XmlError> {
        if self.cursor.eat(BYTE_ORDER_MARK) {
            self.leaf(NodeKind::Text, 0)?;
        }
        if self.cursor.is_at("<?xml") && self.cursor.rest().chars().nth(5).is_some_and(is_space) {
            let start = self.cursor.at;
            self.cursor.through("?>")?;
            self.leaf(NodeKind::Instruction, start)?;
        }
        while !self.cursor.rest().is_empty() {
            self.step()?;
        }
        if self.open.is_empty() {
            Ok(())
        } else {
            Err(self.cursor.fault())
        }
    }

    /// One tag, text, comment ...
    fn step(&mut self) -> Result<(), XmlError> {
        let start = self.cursor.at;
        if self.cursor.eat("<!--") {
            self.comment(start)
        } else if self.cursor.eat("<![CDATA[") {
            self.cdata(start)
        } else if self.cursor.eat("<?") {
            self.instruction(start)
        } else if self.cursor.eat("</") {
            self.end_tag(start)
        } else if self.cursor.eat("<") {
            self.start_tag(start)
        } else {
            self.characters(start)
        }
    }

    fn comment(&mut self, start: usize) -> Result<(), XmlError> {
        let inside = self.cursor.through("--")?;
        if !self.cursor.eat(">") {
            return Err(self.cursor.fault_at(inside.end));
        }
        self.leaf(NodeKind::Comment, start)
    }

    fn cdata(&mut self, start: usize) -> Result<(), XmlError> {
        if self.open.is_empty() {
            return Err(self.cursor.fault_at(start));
        }
        self.cursor.through("]]>")?;
        self.leaf(NodeKind::Cdata, start)
    }

    fn instruction(&mut self, start: usize) -> Result<(), XmlError> {
        let target = self.cursor.name()?;
        let target = self.text.get(target.start..target.end).unwrap_or_default();
        // A second declaration, or one that is not at the beginning.
        if target.eq_ignore_ascii_case("xml") {
            return Err(self.cursor.fault_at(start));
        }
        if !self.cursor.is_at("?>") && !self.cursor.spaces() {
            return Err(self.cursor.fault());
        }
        self.cursor.through("?>")?;
        self.leaf(NodeKind::Instruction, start)
    }

    fn characters(&mut self, start: usize) -> Result<(), XmlError> {
        let end = self.cursor.run(|c| c != '<').end;
        let source = self.text.get(start..end).unwrap_or_default();
        let outside = self.open.is_empty();
        let bad = if outside {
            source.find(|c| !is_space(c))
        } else {
            source.find("]]>").or_else(|| unsound(source))
        };
        match bad {
            Some(at) => Err(self.cursor.fault_at(start + at)),
            None => self.leaf(NodeKind::Text, start),
        }
    }

    fn start_tag(&mut self, start: usize) -> Result<(), XmlError> {
        if self.open.is_empty() && self.has_root {
            return Err(self.cursor.fault_at(start));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(XmlError::TooDeep);
        }
        let name = self.cursor.name()?;
        let attributes = self.attribute_list()?;
        let alone = self.cursor.eat("/");
        self.cursor.expect(">")?;
        let end = self.cursor.at;
        let element = ElementPlace {
            name,
            open: Span { start, end },
            inside: Span { start: end, end },
            attributes,
            first: None,
        };
        let id = self.add(NodeKind::Element(element), Span { start, end })?;
        self.has_root = true;
        if !alone {
            self.open.push((id, None));
        }
        Ok(())
    }

    fn attribute_list(&mut self) -> Result<Span, XmlError> {
        let start = self.attributes.len();
        while self.cursor.spaces() && !self.cursor.is_at("/") && !self.cursor.is_at(">") {
            let attribute = self.attribute()?;
            let own = self.attributes.len() - start;
            if self.attributes.len() >= MAX_ATTRIBUTES || own >= MAX_ELEMENT_ATTRIBUTES {
                return Err(XmlError::TooMany);
            }
            self.attributes.push(attribute);
        }
        let end = self.attributes.len();
        self.refuse_twins(Span { start, end })?;
        Ok(Span { start, end })
    }

    fn attribute(&mut self) -> Result<AttributePlace, XmlError> {
        let name = self.cursor.name()?;
        self.cursor.spaces();
        self.cursor.expect("=")?;
        self.cursor.spaces();
        let quote = if self.cursor.eat("'") { "'" } else { "\"" };
        if quote == "\"" {
            self.cursor.expect(quote)?;
        }
        let value = self.cursor.through(quote)?;
        let source = self.text.get(value.start..value.end).unwrap_or_default();
        match source.find('<').or_else(|| unsound(source)) {
            Some(at) => Err(self.cursor.fault_at(value.start + at)),
            None => Ok(AttributePlace { name, value }),
        }
    }

    /// Two attributes of one name.
    fn refuse_twins(&self, list: Span) -> Result<(), XmlError> {
        let mine = self.attributes.get(list.start..list.end);
        let mut names: Vec<(&str, usize)> = mine
            .unwrap_or_default()
            .iter()
            .map(|attribute| {
                let Span { start, end } = attribute.name;
                (self.text.get(start..end).unwrap_or_default(), start)
            })
            .collect();
        names.sort_unstable();
        let twin = names
            .iter()
            .zip(names.iter().skip(1))
            .find(|(one, two)| one.0 == two.0);
        match twin {
            Some((_, second)) => Err(self.cursor.fault_at(second.1)),
            None => Ok(()),
        }
    }

    fn end_tag(&mut self, start: usize) -> Result<(), XmlError> {
        let name = self.cursor.name()?;
        self.cursor.spaces();
        self.cursor.expect(">")?;
        let end = self.cursor.at;
        let text = self.text;
        let opened = self.open.pop().and_then(|(id, _)| self.nodes.get_mut(id));
        let Some(Node {
            kind: NodeKind::Element(element),
            place,
            ..
        }) = opened
        else {
            return Err(self.cursor.fault_at(start));
        };
        let source = |place: Span| text.get(place.start..place.end);
        if source(element.name) != source(name) {
            return Err(self.cursor.fault_at(start));
        }
        element.inside.end = start;
        place.end = end;
        Ok(())
    }

    fn leaf(&mut self, kind: NodeKind, start: usize) -> Result<(), XmlError> {
        let end = self.cursor.at;
        self.add(kind, Span { start, end }).map(|_| ())
    }

    /// Hangs a node behind the newest one of the same parent.
    fn add(&mut self, kind: NodeKind, place: Span) -> Result<usize, XmlError> {
        let id = self.nodes.len();
        if id >= MAX_NODES {
            return Err(XmlError::TooMany);
        }
        let parent = self.open.last().map(|(id, _)| *id);
        let newest = match self.open.last_mut() {
            Some((_, newest)) => newest,
            None => &mut self.newest,
        };
        let before = newest.replace(id);
        self.nodes.push(Node {
            kind,
            place,
            parent,
            next: None,
        });
        self.link(before, parent, id);
        Ok(id)
    }

    fn link(&mut self, before: Option<usize>, parent: Option<usize>, id: usize) {
        if let Some(node) = before.and_then(|before| self.nodes.get_mut(before)) {
            node.next = Some(id);
        } else if let Some(Node {
            kind: NodeKind::Element(element),
            ..
        }) = parent.and_then(|parent| self.nodes.get_mut(parent))
        {
            element.first = Some(id);
        }
    }
}

/// Where a text holds what XML cannot say, or a reference to nothing.
fn unsound(source: &str) -> Option<usize> {
    source
        .char_indices()
        .find(|(at, c)| {
            let after = source.get(*at..).unwrap_or_default();
            !is_speakable(*c) || (*c == '&' && reference(after).is_none())
        })
        .map(|(at, _)| at)
}
