//! What an entity shows of itself besides its state: its card, and in presence the hash of the picture on it.

use archipel_bus::{RequestError, Session};
use archipel_protocol::{
    Element, Failure, Iq, IqKind,
    failure::FailureKind,
    vcard::{self, Card, Photo},
};

use super::bus::DEADLINE;

/// What presence says of the card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Face {
    /// Nothing: the server did not tell of the card yet.
    #[default]
    Unknown,
    /// The hash of its picture; `None`: it has none.
    Known(Option<String>),
}

impl Face {
    fn of(photo: Option<&Photo>) -> Self {
        Self::Known(photo.and_then(Photo::hash))
    }
}

/// Makes the account's card say what `wanted` says. A picture that is there stays, unless `picture` takes its place. `Unknown`: the
/// server does not keep cards, or did not answer.
///
/// The original's shape is tried first, with that of XEP-0054 beside it. A server that accepts it and keeps nothing gets the latter alone.
pub(crate) async fn publish_card(session: &Session, wanted: Card, picture: Option<Photo>) -> Face {
    let Ok(known) = own_card(session).await else {
        return Face::Unknown;
    };
    let known_photo = known.as_ref().and_then(|card| card.photo.clone());
    let wanted = Card {
        photo: picture.or(known_photo),
        ..wanted
    };
    let is_kept = |found: Option<&Card>| found == Some(&wanted);
    if is_kept(known.as_ref()) {
        return Face::of(wanted.photo.as_ref());
    }
    for shape in [wanted.to_both_elements(), wanted.to_sound_element()] {
        if let Err(failure) = set(session, shape).await {
            tracing::debug!(%failure, "the card was not taken");
            continue;
        }
        if own_card(session)
            .await
            .is_ok_and(|found| is_kept(found.as_ref()))
        {
            return Face::of(wanted.photo.as_ref());
        }
    }
    tracing::info!(
        name = wanted.name,
        "the server keeps no card of this entity"
    );
    Face::Unknown
}

/// What the server holds; `None`: nothing that says a role.
async fn own_card(session: &Session) -> Result<Option<Card>, RequestError> {
    let ask = Iq::request(IqKind::Get, None, vcard::query());
    let answer = match session.request(ask, DEADLINE).await {
        Ok(answer) => answer,
        // No card yet.
        Err(RequestError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let card = answer.payload().and_then(|card| Card::parse(card).ok());
    Ok(card.filter(|card| card.role.is_some()))
}

async fn set(session: &Session, card: Element) -> Result<(), Failure> {
    let set = Iq::request(IqKind::Set, None, card);
    match session.request(set, DEADLINE).await {
        Ok(_) => Ok(()),
        Err(RequestError::Refused(iq)) => Err(Failure::parse(&iq)),
        Err(error) => Err(Failure::new(FailureKind::Other, error.to_string())),
    }
}
