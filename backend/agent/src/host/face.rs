//! What an entity shows of itself besides its state: its card, and in presence the hash of the picture on it.

use std::sync::Arc;

use archipel_bus::{RequestError, Session};
use archipel_protocol::{
    Element, Failure, Iq, IqKind,
    failure::FailureKind,
    vcard::{self, Card, Organisation, Photo},
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

/// What a card is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its fields.
    pub(crate) card: Card,
    /// `None`: a picture that is there stays.
    pub(crate) picture: Option<Arc<Photo>>,
    /// Whose it is and where stays as it is: the card of an entity that the original looked after says it, and nobody else does.
    pub(crate) keeps_organisation: bool,
}

impl Wanted {
    /// With what stays of the card that is there.
    fn upon(self, known: Option<&Card>) -> Card {
        let mut card = self.card;
        card.photo = match self.picture {
            Some(picture) => Some(picture.as_ref().clone()),
            None => known.and_then(|card| card.photo.clone()),
        };
        if let Some(known) = known.filter(|_| self.keeps_organisation) {
            card.organisation.clone_from(&known.organisation);
        }
        card
    }
}

/// What became of a card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    /// What presence says of it.
    pub(crate) face: Face,
    /// Whether it says something else than before.
    pub(crate) is_new: bool,
    /// What it said of whose the entity is and where, and goes on saying.
    pub(crate) organisation: Option<Organisation>,
}

/// Makes the account's card say what is wanted. Nothing is shown where the server does not keep cards, or did not answer.
///
/// The original's shape is tried first, with that of XEP-0054 beside it. A server that accepts it and keeps nothing gets the latter alone.
pub(crate) async fn publish_card(session: &Session, wanted: Wanted) -> Shown {
    let Ok(known) = own_card(session).await else {
        return Shown::default();
    };
    let keeps_organisation = wanted.keeps_organisation;
    let wanted = wanted.upon(known.as_ref());
    let mut is_new = false;
    if known.as_ref() != Some(&wanted) {
        let Some(found) = set_card(session, &wanted).await else {
            return Shown::default();
        };
        is_new = known != Some(found);
    }
    let kept = Some(wanted.organisation).filter(|kept| keeps_organisation && !kept.is_empty());
    Shown {
        face: Face::of(wanted.photo.as_ref()),
        is_new,
        organisation: kept,
    }
}

/// What the server keeps of the card; `None`: not enough of it. A shape of which everything is kept is not followed by another.
async fn set_card(session: &Session, wanted: &Card) -> Option<Card> {
    let mut found = None;
    for shape in [wanted.to_both_elements(), wanted.to_sound_element()] {
        if let Err(failure) = set(session, shape).await {
            tracing::debug!(%failure, "the card was not taken");
            continue;
        }
        found = own_card(session).await.ok().flatten();
        if found.as_ref() == Some(wanted) {
            break;
        }
    }
    let found = found.filter(|found| is_kept(found, wanted));
    if found.is_none() {
        tracing::info!(
            name = wanted.name,
            "the server keeps no card of this entity"
        );
    }
    found
}

/// Servers that make another document of the card drop fields such as the unit of an organisation.
fn is_kept(found: &Card, wanted: &Card) -> bool {
    let fields = |card: &Card| {
        let of = card.organisation.clone();
        [of.name, of.unit, of.locality, of.owner, of.categories]
    };
    let mut pairs = fields(found).into_iter().zip(fields(wanted));
    let rest = |card: &Card| Card {
        organisation: Organisation::default(),
        ..card.clone()
    };
    rest(found) == rest(wanted) && pairs.all(|(found, wanted)| found.is_empty() || found == wanted)
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
