//! What must not leave the host with a definition.

mod restore;

use crate::{
    Document, Element, Kind, Path, XmlError,
    change::{Cut, cut},
    tree::Span,
};

/// Stands where a secret was. Longer than any VNC password, so that it is never one.
pub const MASK: &str = "archipel:unchanged";

/// What a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// A `passwd`, wherever it stands (`<graphics>`, older `<auth>`).
    Password,
    /// A `<cookie>` of a network disk.
    Cookie,
    /// Which of the host's secrets is used: `uuid` and `usage` of `<secret>` in `<auth>` and `<encryption>`. The secret
    /// itself is not in the document: [`masked`] leaves it.
    Reference,
}

/// A secret of a document: where, not what.
#[derive(Debug, Clone)]
pub struct Secret<'d> {
    /// What it is.
    pub kind: SecretKind,
    owner: Element<'d>,
    /// The name of its attribute; `None` where it is the element's text.
    attribute: Option<&'d str>,
    place: Span,
}

impl Document {
    /// Everything secret in it, in the order of the text.
    pub fn secrets(&self) -> Vec<Secret<'_>> {
        let elements = self.root().descendants();
        elements.flat_map(secrets_of).collect()
    }

    /// The text with [`MASK`] in the place of each secret but the references. Every other byte stays.
    pub fn masked(&self) -> String {
        cut(self.text(), masks(self))
    }
}

/// The definition without its `<description>`: the original agent kept the password of the machine's account there.
/// Every other byte stays.
pub fn without_description(xml: &str) -> Result<String, XmlError> {
    let document = Document::parse_as(Kind::Domain, xml)?;
    Ok(cut(xml, descriptions(&document)))
}

/// The definition with [`MASK`] in the place of each password (`passwd`, wherever it stands) and each cookie of a network disk:
/// all that libvirt itself holds back without `VIR_DOMAIN_XML_SECURE`. Every other byte stays.
pub fn masked(xml: &str) -> Result<String, XmlError> {
    Ok(Document::parse_as(Kind::Domain, xml)?.masked())
}

/// The definition as it may be shown: [`masked`], and [`without_description`].
pub fn shareable(xml: &str) -> Result<String, XmlError> {
    let document = Document::parse_as(Kind::Domain, xml)?;
    let mut cuts = descriptions(&document);
    cuts.extend(masks(&document));
    Ok(cut(xml, cuts))
}

fn descriptions(document: &Document) -> Vec<Cut> {
    let found = document.root().children();
    found
        .filter(|element| element.local_name() == "description")
        .map(|element| Cut::new(element.whole(), ""))
        .collect()
}

fn masks(document: &Document) -> Vec<Cut> {
    let secrets = document.secrets().into_iter();
    secrets
        .filter(Secret::is_value)
        .map(|secret| Cut::new(secret.place, MASK))
        .collect()
}

/// Prefixes are no hiding place: names are compared without them.
fn secrets_of(owner: Element<'_>) -> Vec<Secret<'_>> {
    let is_reference = is_reference(owner);
    let attributes = owner.attributes().filter_map(|attribute| {
        let kind = match attribute.local_name() {
            "passwd" => SecretKind::Password,
            "uuid" | "usage" if is_reference => SecretKind::Reference,
            _ => return None,
        };
        Some((kind, Some(attribute.name()), attribute.value_place()))
    });
    let cookie = cookie(owner).map(|place| (SecretKind::Cookie, None, place));
    let found = attributes.chain(cookie);
    found
        .map(|(kind, attribute, place)| Secret {
            kind,
            owner,
            attribute,
            place,
        })
        .collect()
}

fn is_reference(element: Element<'_>) -> bool {
    let around = element.parent().map(|parent| parent.local_name());
    element.local_name() == "secret" && matches!(around, Some("auth" | "encryption"))
}

/// What is inside a `<cookie>`. A snapshot's own is none of a web server's.
fn cookie(element: Element<'_>) -> Option<Span> {
    let around = element.parent().map(|parent| parent.name());
    let is_one = element.local_name() == "cookie" && around != Some(Kind::Snapshot.element());
    Some(element.inside()).filter(|inside| is_one && inside.start < inside.end)
}

impl Secret<'_> {
    /// Where it is.
    pub fn path(&self) -> Path {
        Path {
            attribute: self.attribute.map(str::to_owned),
            ..Path::to(&self.owner)
        }
    }

    /// Whether it is the secret itself, which [`masked`] hides, or only says which it is.
    pub fn is_value(&self) -> bool {
        self.kind != SecretKind::Reference
    }

    /// What stands there, as written.
    pub(crate) fn source(&self) -> &str {
        let Span { start, end } = self.place;
        self.owner
            .document_text()
            .get(start..end)
            .unwrap_or_default()
    }

    pub(crate) fn place(&self) -> Span {
        self.place
    }
}

#[cfg(test)]
mod tests;
