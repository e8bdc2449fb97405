//! Creating the account on the stream that then logs in (XEP-0077).

use archipel_protocol::ns as protocol_ns;
use minidom::Element;
use xmpp_parsers::ns;

use super::{Negotiator, Registered, leaf, request};
use crate::{
    End,
    features::{Condition, Features},
    transport::OpenError,
    wire::Wire,
};

impl Negotiator<'_> {
    /// Creates the account if that is still wanted.
    pub(super) async fn register(
        &mut self,
        wire: &mut Wire,
        features: &Features,
        server: &str,
    ) -> Result<(), OpenError> {
        if *self.registered == Registered::Settled {
            return Ok(());
        }
        let account = &self.options.account;
        let Some(name) = account.jid.node() else {
            return Err(End::NoName {
                account: account.jid.clone(),
            }
            .into());
        };
        if !features.registration {
            return Err(End::NoRegistration {
                account: account.jid.clone(),
            }
            .into());
        }
        let mut query = Element::bare("query", ns::REGISTER);
        query.append_child(leaf("username", ns::REGISTER, name.as_str()));
        query.append_child(leaf("password", ns::REGISTER, account.secret.expose()));
        let unsure = std::mem::replace(self.registered, Registered::Unknown) == Registered::Unknown;
        self.send(wire, &request("register", query), server).await?;
        let answer = self.receive(wire, server).await?;
        self.registration_answer(&answer, unsure, server)
    }

    fn registration_answer(
        &mut self,
        answer: &Element,
        unsure: bool,
        server: &str,
    ) -> Result<(), OpenError> {
        let Some(error) = answer.get_child("error", protocol_ns::CLIENT) else {
            *self.registered = Registered::Settled;
            return Ok(());
        };
        let account = self.options.account.jid.clone();
        let condition = Condition::read(error);
        match condition.name.as_str() {
            // Perhaps our own, of an attempt whose answer was lost: the login that follows will tell.
            "conflict" if unsure => Ok(()),
            "conflict" => Err(End::RegistrationConflict { account }.into()),
            // ejabberd allows one registration per address and interval.
            "resource-constraint" => {
                *self.registered = Registered::Wanted;
                Err(super::temporary(
                    server,
                    &format!("registration is refused for now: {condition}"),
                ))
            }
            "service-unavailable" | "feature-not-implemented" => {
                Err(End::NoRegistration { account }.into())
            }
            _ => Err(End::RegistrationRefused {
                account,
                reason: condition.to_string(),
            }
            .into()),
        }
    }
}
