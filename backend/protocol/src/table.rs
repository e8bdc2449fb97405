//! Payloads as tables: each field of an element is said once; reading and writing follow from that row.
//!
//! [`actions!`] makes the requests of a namespace, [`replies!`] their answers, [`record!`] an element with fields, [`words!`] a
//! closed list of words. How a field stands in its element is its [`Codec`]: [`Plain`] unless the row says `via …`.

mod macros;

pub(crate) use macros::{actions, changes, codec, permission, record, replies, words};

use minidom::Element;
use rxml::NcNameStr;

use crate::xml::{Build, ParseError, no_child, shown};

/// The actions of a family, for reference pages and for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The namespace of the query. Two families may share one: their words differ.
    pub namespace: &'static str,
    /// Who is asked, and what about.
    pub summary: &'static str,
    /// What can be asked.
    pub actions: &'static [ActionRow],
}

/// An action as it stands in the table of its namespace, for reference pages and for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionRow {
    /// The value of the attribute `action`.
    pub word: &'static str,
    /// Other words that are read.
    pub aliases: &'static [&'static str],
    /// The permission that is asked for.
    pub permission: &'static str,
    /// Whether it changes something.
    pub is_change: bool,
    /// The original's code for a failure.
    pub failure_code: i32,
    /// What it does.
    pub summary: &'static str,
    /// Its arguments.
    pub fields: &'static [FieldRow],
    /// What answers it, as a type of this crate; empty where nothing but the success is told.
    pub answer: &'static str,
}

/// An argument of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRow {
    /// The attribute or child that holds it; what takes several attributes is named after the most telling one.
    pub name: &'static str,
    /// Its type, as this crate names it.
    pub kind: &'static str,
    /// What it says.
    pub summary: &'static str,
}

impl FieldRow {
    /// Whether it may be absent.
    pub fn is_optional(&self) -> bool {
        self.kind.starts_with("Option")
    }
}

/// The longest text of a plain attribute that is read, in bytes.
pub(crate) const TEXT_LIMIT: usize = 4_096;

/// Something that an attribute's text can hold.
pub(crate) trait Value: Sized {
    fn from_text(text: &str) -> Result<Self, String>;
    fn to_text(&self) -> String;
}

/// Types whose text form is the wire's.
macro_rules! values {
    ($($ty:ty),* $(,)?) => { $(
        impl $crate::table::Value for $ty {
            fn from_text(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|why| format!("{why}"))
            }

            fn to_text(&self) -> String {
                self.to_string()
            }
        }
    )* };
}

values!(
    u16,
    u32,
    u64,
    i32,
    i64,
    jid::Jid,
    jid::BareJid,
    jiff::Timestamp,
    crate::ids::VmId,
    crate::ids::OperationId,
    crate::ids::ApplianceId,
    crate::ids::FeedId,
    crate::ids::JobId,
    crate::ids::FileName,
    crate::chunks::Digest,
);

impl Value for String {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.len() > TEXT_LIMIT {
            return Err(format!("longer than {TEXT_LIMIT} bytes"));
        }
        Ok(crate::text::valid_xml(text).into_owned())
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

impl Value for f64 {
    fn from_text(text: &str) -> Result<Self, String> {
        let number: Self = text.trim().parse().map_err(|why| format!("{why}"))?;
        if number.is_finite() {
            Ok(number)
        } else {
            Err("not a finite number".to_owned())
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

/// How a field of type `T` stands in its element.
pub(crate) trait Codec<T> {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<T, ParseError>;
    fn write(value: &T, name: &'static NcNameStr, build: Build) -> Build;
}

/// As an attribute. Absent and empty are the same: `None` where the field is optional, an error where it is not.
pub(crate) struct Plain;

fn attribute<T: Value>(
    element: &Element,
    name: &'static NcNameStr,
) -> Result<Option<T>, ParseError> {
    match element.attr(name.as_str()) {
        None | Some("") => Ok(None),
        Some(text) => parse_value(text, name).map(Some),
    }
}

pub(crate) fn parse_value<T: Value>(text: &str, name: &'static NcNameStr) -> Result<T, ParseError> {
    T::from_text(text)
        .map_err(|why| ParseError::invalid(name.as_str(), format!("{why} ({})", shown(text))))
}

pub(crate) fn missing(element: &Element, name: &'static NcNameStr) -> ParseError {
    ParseError::MissingAttribute {
        element: shown(element.name()),
        attribute: name.as_str(),
    }
}

impl<T: Value> Codec<T> for Plain {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<T, ParseError> {
        attribute(element, name)?.ok_or_else(|| missing(element, name))
    }

    fn write(value: &T, name: &'static NcNameStr, build: Build) -> Build {
        build.attr(name.to_owned(), value.to_text())
    }
}

impl<T: Value> Codec<Option<T>> for Plain {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<T>, ParseError> {
        attribute(element, name)
    }

    fn write(value: &Option<T>, name: &'static NcNameStr, build: Build) -> Build {
        build.maybe(name.to_owned(), value.as_ref().map(Value::to_text))
    }
}

/// As an attribute that is the type's default where it is absent or empty, and is always written.
pub(crate) struct Loose;

impl<T: Value + Default> Codec<T> for Loose {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<T, ParseError> {
        attribute(element, name).map(Option::unwrap_or_default)
    }

    fn write(value: &T, name: &'static NcNameStr, build: Build) -> Build {
        build.attr(name.to_owned(), value.to_text())
    }
}

/// As an attribute that is the literal `None` where there is no value, as the original writes it.
pub(crate) struct OrNone;

impl<T: Value> Codec<Option<T>> for OrNone {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<T>, ParseError> {
        match element.attr(name.as_str()) {
            None | Some("" | "None") => Ok(None),
            Some(text) => parse_value(text, name).map(Some),
        }
    }

    fn write(value: &Option<T>, name: &'static NcNameStr, build: Build) -> Build {
        let text = value.as_ref().map_or_else(|| "None".into(), Value::to_text);
        build.attr(name.to_owned(), text)
    }
}

/// Yes and no. Any of the usual spellings in any capitals is read; absent is no.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident: $no:literal, $yes:literal;)*) => { $(
        $(#[$doc])*
        pub(crate) struct $name;

        impl Codec<bool> for $name {
            fn read(element: &Element, name: &'static NcNameStr) -> Result<bool, ParseError> {
                Ok(element.attr(name.as_str()).is_some_and(is_yes))
            }

            fn write(value: &bool, name: &'static NcNameStr, build: Build) -> Build {
                build.attr(name.to_owned(), if *value { $yes } else { $no })
            }
        }

        impl Codec<Option<bool>> for $name {
            fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<bool>, ParseError> {
                Ok(element.attr(name.as_str()).filter(|text| !text.is_empty()).map(is_yes))
            }

            fn write(value: &Option<bool>, name: &'static NcNameStr, build: Build) -> Build {
                match value {
                    Some(value) => Self::write(value, name, build),
                    None => build,
                }
            }
        }
    )* };
}

flags! {
    /// Written `True` and `False`, with the original's capitals.
    Capital: "False", "True";
    /// Written `true` and `false`.
    Lower: "false", "true";
    /// Written `yes` and `no`.
    YesNo: "no", "yes";
    /// Written `1` and `0`.
    Digit: "0", "1";
}

/// The spellings that the original's two sides take for yes, in any capitals.
pub(crate) fn is_yes(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    matches!(text.as_str(), "1" | "true" | "yes" | "y" | "oui" | "o")
}

/// As the text of a child element.
pub(crate) struct Leaf;

fn leaf<T: Value>(element: &Element, name: &'static NcNameStr) -> Result<Option<T>, ParseError> {
    let text = crate::xml::child(element, name.as_str()).map(Element::text);
    match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => parse_value(text, name).map(Some),
    }
}

fn write_leaf<T: Value>(value: &T, name: &'static NcNameStr, build: Build) -> Build {
    let child = Build::new(name.as_str(), &build.namespace()).text(&value.to_text());
    build.child(child)
}

impl<T: Value> Codec<Option<T>> for Leaf {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<T>, ParseError> {
        leaf(element, name)
    }

    fn write(value: &Option<T>, name: &'static NcNameStr, build: Build) -> Build {
        match value {
            Some(value) => write_leaf(value, name, build),
            None => build,
        }
    }
}

impl<T: Value> Codec<T> for Leaf {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<T, ParseError> {
        leaf(element, name)?.ok_or_else(|| no_child(element, name.as_str()))
    }

    fn write(value: &T, name: &'static NcNameStr, build: Build) -> Build {
        write_leaf(value, name, build)
    }
}

/// As the element's own text; the row's name serves errors only.
pub(crate) struct Content;

impl<T: Value> Codec<T> for Content {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<T, ParseError> {
        parse_value(element.text().trim(), name)
    }

    fn write(value: &T, _: &'static NcNameStr, build: Build) -> Build {
        build.text(&value.to_text())
    }
}

/// As the element's own text of up to 256 KiB, such as a picture in base64.
pub(crate) struct Whole;

impl Codec<String> for Whole {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<String, ParseError> {
        bounded_text(element.text().trim(), name)
    }

    fn write(value: &String, _: &'static NcNameStr, build: Build) -> Build {
        build.text(value)
    }
}

/// As an attribute of up to 256 KiB, such as a definition inside an attribute.
pub(crate) struct Long;

impl Codec<String> for Long {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<String, ParseError> {
        bounded_text(element.attr(name.as_str()).unwrap_or_default(), name)
    }

    fn write(value: &String, name: &'static NcNameStr, build: Build) -> Build {
        build.attr(name.to_owned(), value)
    }
}

fn bounded_text(text: &str, name: &'static NcNameStr) -> Result<String, ParseError> {
    if text.len() > crate::xml::DOCUMENT_LIMIT {
        return Err(ParseError::invalid(name.as_str(), "longer than 256 KiB"));
    }
    Ok(crate::text::valid_xml(text).into_owned())
}

/// An element with fields.
pub(crate) trait Record: Sized {
    /// Local name of the element.
    const NAME: &'static str;
    fn read(element: &Element) -> Result<Self, ParseError>;
    fn write(&self, build: Build) -> Build;

    /// The element in the namespace of what will hold it.
    fn element(&self, namespace: &str) -> Element {
        self.write(Build::new(Self::NAME, namespace)).done()
    }
}

/// All children of the record's name, in order. Others are passed over.
pub(crate) fn records<R: Record>(parent: &Element) -> Result<Vec<R>, ParseError> {
    parent
        .children()
        .filter(|child| child.name() == R::NAME)
        .map(R::read)
        .collect()
}

/// As child elements; the row's name repeats the record's.
pub(crate) struct Items;

impl<R: Record> Codec<Vec<R>> for Items {
    fn read(element: &Element, _: &'static NcNameStr) -> Result<Vec<R>, ParseError> {
        records(element)
    }

    fn write(value: &Vec<R>, _: &'static NcNameStr, build: Build) -> Build {
        let namespace = build.namespace();
        build.children(value.iter().map(|item| item.element(&namespace)))
    }
}

impl<R: Record> Codec<Option<R>> for Items {
    fn read(element: &Element, _: &'static NcNameStr) -> Result<Option<R>, ParseError> {
        crate::xml::child(element, R::NAME).map(R::read).transpose()
    }

    fn write(value: &Option<R>, _: &'static NcNameStr, build: Build) -> Build {
        let namespace = build.namespace();
        build.children(value.iter().map(|item| item.element(&namespace)))
    }
}

impl<R: Record> Codec<R> for Items {
    fn read(element: &Element, _: &'static NcNameStr) -> Result<R, ParseError> {
        R::read(crate::xml::require(element, R::NAME)?)
    }

    fn write(value: &R, _: &'static NcNameStr, build: Build) -> Build {
        let child = value.element(&build.namespace());
        build.child(child)
    }
}

/// As a child element that has the row's name instead of the record's.
pub(crate) struct Named;

impl<R: Record> Codec<Option<R>> for Named {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<R>, ParseError> {
        crate::xml::child(element, name.as_str())
            .map(R::read)
            .transpose()
    }

    fn write(value: &Option<R>, name: &'static NcNameStr, build: Build) -> Build {
        let namespace = build.namespace();
        let child = |record: &R| record.write(Build::new(name.as_str(), &namespace)).done();
        build.children(value.as_ref().map(child))
    }
}

/// What an answer holds besides nothing.
pub(crate) trait Payload: Sized {
    fn read(body: &Element) -> Result<Self, ParseError>;
    fn write(&self, namespace: &str) -> Vec<Element>;
}

impl<R: Record> Payload for R {
    fn read(body: &Element) -> Result<Self, ParseError> {
        R::read(crate::xml::require(body, R::NAME)?)
    }

    fn write(&self, namespace: &str) -> Vec<Element> {
        vec![self.element(namespace)]
    }
}

impl<R: Record> Payload for Option<R> {
    fn read(body: &Element) -> Result<Self, ParseError> {
        crate::xml::child(body, R::NAME).map(R::read).transpose()
    }

    fn write(&self, namespace: &str) -> Vec<Element> {
        self.iter().map(|item| item.element(namespace)).collect()
    }
}

impl<R: Record> Payload for Vec<R> {
    fn read(body: &Element) -> Result<Self, ParseError> {
        records(body)
    }

    fn write(&self, namespace: &str) -> Vec<Element> {
        self.iter().map(|item| item.element(namespace)).collect()
    }
}
