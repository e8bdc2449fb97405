//! Putting secrets back in the place of their masks.

use super::{MASK, Secret};
use crate::{
    Document, EditError, Element,
    change::{Cut, cut},
};

/// The most secrets of a document in which masks are looked up: each is compared with each.
const MAX_SECRETS: usize = 256;

impl Document {
    /// The document with the base's secrets in the place of masks: whoever edited the text saw only those.
    ///
    /// A secret is found again by what its device is (the names, types, targets and hosts of the elements around it), not by
    /// where it stands: a cookie does not follow to another host. Where that is not clear, or the base has none,
    /// [`EditError::Mask`] says which secret has to be given.
    pub fn with_secrets_of(&self, base: &Document) -> Result<Document, EditError> {
        let (asked, known) = (things(self), things(base));
        refuse_beyond(self)?;
        let masked = asked.iter().filter(|(secret, _)| secret.source() == MASK);
        let cuts: Result<Vec<Cut>, EditError> = masked
            .map(|(secret, thing)| {
                let kept = counterpart(secret, thing, &asked, &known);
                let kept = kept.ok_or_else(|| EditError::Mask {
                    path: secret.path().to_string(),
                })?;
                let before = self.text().get(..secret.place().start);
                let quote = before.and_then(|before| before.chars().next_back());
                Ok(Cut::new(secret.place(), requoted(kept.source(), quote)))
            })
            .collect();
        Ok(Document::parse_as(self.kind(), cut(self.text(), cuts?))?)
    }
}

/// A mask that is not looked up must not pass for a secret.
fn refuse_beyond(document: &Document) -> Result<(), EditError> {
    let secrets = document.secrets().into_iter().filter(Secret::is_value);
    let mut beyond = secrets.skip(MAX_SECRETS);
    match beyond.find(|secret| secret.source() == MASK) {
        None => Ok(()),
        Some(secret) => Err(EditError::Mask {
            path: secret.path().to_string(),
        }),
    }
}

/// What tells whose a secret is.
type Thing = Vec<Option<String>>;

fn things(document: &Document) -> Vec<(Secret<'_>, Thing)> {
    let secrets = document.secrets().into_iter().filter(Secret::is_value);
    secrets
        .take(MAX_SECRETS)
        .map(|secret| {
            let thing = thing(&secret);
            (secret, thing)
        })
        .collect()
}

/// The known secret of the same thing; where there are several of it, the one at the same place among as many.
fn counterpart<'k, 'd>(
    secret: &Secret<'_>,
    thing: &Thing,
    asked: &[(Secret<'_>, Thing)],
    known: &'k [(Secret<'d>, Thing)],
) -> Option<&'k Secret<'d>> {
    let mut ours = asked.iter().filter(|(_, other)| other == thing);
    let theirs: Vec<&Secret<'d>> = known
        .iter()
        .filter(|(_, other)| other == thing)
        .map(|(secret, _)| secret)
        .collect();
    let as_many = ours.clone().count() == theirs.len();
    let position = ours.position(|(other, _)| other.place() == secret.place())?;
    let kept = theirs.get(position).filter(|_| as_many)?;
    Some(*kept).filter(|kept| kept.source() != MASK)
}

/// Names, types, targets and hosts of the elements around a secret, and its attribute.
fn thing(secret: &Secret<'_>) -> Thing {
    let outwards = std::iter::successors(Some(secret.owner), Element::parent);
    let facts = outwards.flat_map(|element| {
        let target = element.child("target");
        let hosts = element.all("host").map(|host| host.source());
        [
            Some(element.name().to_owned()),
            element.attribute("type"),
            element.attribute("protocol"),
            element.attribute("name"),
            target.and_then(|target| target.attribute("dev")),
            Some(hosts.collect()),
        ]
    });
    let attribute = secret.attribute.map(str::to_owned);
    facts.chain([attribute]).collect()
}

/// A value's source, fit for the quotes that stand around the mask.
fn requoted(source: &str, quote: Option<char>) -> String {
    match quote {
        Some('"') => source.replace('"', "&quot;"),
        Some('\'') => source.replace('\'', "&apos;"),
        _ => source.to_owned(),
    }
}
