//! Creating the account on the stream that then logs in (XEP-0077).

use minidom::Element;
use xmpp_parsers::ns;

use super::{Negotiator, Registered, Talk, leaf, request};
use crate::{
    End,
    features::{Condition, Features},
    transport::OpenError,
};

impl Negotiator<'_> {
    /// Creates the account if that is still wanted.
    pub(super) async fn register(
        &mut self,
        talk: &mut Talk,
        features: &Features,
    ) -> Result<(), OpenError> {
        if *self.registered == Registered::Settled {
            return Ok(());
        }
        let account = &self.options.account;
        if !features.registration {
            let account = account.jid.clone();
            return Err(End::NoRegistration { account }.into());
        }
        let mut query = Element::bare("query", ns::REGISTER);
        query.append_child(leaf("username", ns::REGISTER, self.name()?));
        query.append_child(leaf("password", ns::REGISTER, account.secret.expose()));
        let unsure = *self.registered == Registered::Unknown;
        *self.registered = Registered::Unknown;
        talk.send(&request("register", query)).await?;
        let answer = self.receive(talk).await?;
        self.registration_answer(&answer, unsure, talk)
    }

    fn registration_answer(
        &mut self,
        answer: &Element,
        unsure: bool,
        talk: &Talk,
    ) -> Result<(), OpenError> {
        let Some(error) = answer.get_child("error", archipel_protocol::ns::CLIENT) else {
            *self.registered = Registered::Settled;
            return Ok(());
        };
        let account = self.options.account.jid.clone();
        let condition = Condition::read(error);
        let end = match condition.name.as_str() {
            // Perhaps our own, of an attempt whose answer was lost: the login that follows will tell.
            "conflict" if unsure => return Ok(()),
            "conflict" => End::RegistrationConflict { account },
            // ejabberd allows one registration per address and interval.
            "resource-constraint" => {
                *self.registered = Registered::Wanted;
                return Err(talk.temporary(format!("registration is refused for now: {condition}")));
            }
            "service-unavailable" | "feature-not-implemented" => End::NoRegistration { account },
            _ => End::RegistrationRefused {
                account,
                reason: condition.to_string(),
            },
        };
        Err(end.into())
    }
}
