//! Putting secrets back in the place of their masks.

use super::{MASK, Secret};
use crate::{
    Document, EditError, Element,
    change::{Cut, cut},
};

impl Document {
    /// The document with the base's secrets in the place of masks: whoever edited the text saw only those.
    ///
    /// A secret is found again by what its device is (its elements' names, types and targets), not by where it stands. Where
    /// that is not clear, or the base has none, [`EditError::Mask`] says which secret has to be given.
    pub fn with_secrets_of(&self, base: &Document) -> Result<Document, EditError> {
        let (asked, known) = (self.secrets(), base.secrets());
        let masked = asked
            .iter()
            .filter(|secret| secret.is_value() && secret.source() == MASK);
        let cuts: Result<Vec<Cut>, EditError> = masked
            .map(|secret| {
                let kept = counterpart(secret, &asked, &known).ok_or_else(|| EditError::Mask {
                    path: secret.path.to_string(),
                })?;
                let quote = self
                    .text()
                    .get(..secret.place().start)
                    .and_then(|before| before.chars().last());
                Ok(Cut::new(secret.place(), requoted(kept.source(), quote)))
            })
            .collect();
        Ok(Document::parse_as(self.kind(), cut(self.text(), cuts?))?)
    }
}

/// The known secret of the same thing; where there are several of it, the one at the same place among as many.
fn counterpart<'s, 'd>(
    secret: &Secret<'_>,
    asked: &[Secret<'_>],
    known: &'s [Secret<'d>],
) -> Option<&'s Secret<'d>> {
    let thing = thing(secret);
    let ours: Vec<&Secret<'_>> = asked
        .iter()
        .filter(|other| self::thing(other) == thing)
        .collect();
    let theirs: Vec<&Secret<'_>> = known
        .iter()
        .filter(|other| self::thing(other) == thing)
        .collect();
    let position = ours
        .iter()
        .position(|other| other.place() == secret.place())?;
    let place = theirs
        .get(position)
        .filter(|_| ours.len() == theirs.len())?
        .place();
    known
        .iter()
        .find(|other| other.place() == place && other.source() != MASK)
}

/// Names, types and targets of the elements around a secret, and its attribute.
fn thing(secret: &Secret<'_>) -> Vec<Option<String>> {
    let outwards = std::iter::successors(Some(secret.owner), Element::parent);
    let facts = outwards.flat_map(|element| {
        let target = element
            .child("target")
            .and_then(|target| target.attribute("dev"));
        [
            Some(element.name().to_owned()),
            element.attribute("type"),
            element.attribute("name"),
            target,
        ]
    });
    facts.chain([secret.path.attribute.clone()]).collect()
}

/// A value's source, fit for the quotes that stand around the mask.
fn requoted(source: &str, quote: Option<char>) -> String {
    match quote {
        Some('"') => source.replace('"', "&quot;"),
        Some('\'') => source.replace('\'', "&apos;"),
        _ => source.to_owned(),
    }
}
