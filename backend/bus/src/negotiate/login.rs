//! Authentication (RFC 6120, 6).

use minidom::Element;
use rxml::xml_ncname;
use xmpp_parsers::ns;

use super::{Negotiator, Registered, Talk, leaf, with};
use crate::{
    End,
    features::{Condition, Features},
    sasl::{Distrust, Exchange, Terms},
    transport::{OpenError, Protection},
};

impl Negotiator<'_> {
    pub(super) async fn login(
        &self,
        talk: &mut Talk,
        features: &Features,
        protection: &Protection,
    ) -> Result<(), OpenError> {
        let account = &self.options.account;
        let terms = Terms {
            features,
            protection,
            allow_plain: self.options.settings.allow_plain,
        };
        let chosen = terms.choose(self.name()?, account.secret.expose());
        let chosen = chosen.ok_or_else(|| no_mechanism(features, &talk.server))?;
        let mut exchange = chosen.map_err(|error| talk.temporary(error))?;
        let first = exchange.initial();
        let auth = with(
            nonza("auth", &first),
            xml_ncname!("mechanism"),
            exchange.name(),
        );
        talk.send(&auth).await?;
        self.converse(talk, &mut exchange).await
    }

    /// The account's name part.
    pub(super) fn name(&self) -> Result<&str, OpenError> {
        let jid = &self.options.account.jid;
        let no_name = || End::NoName {
            account: jid.clone(),
        };
        Ok(jid.node().ok_or_else(no_name)?.as_str())
    }

    async fn converse(&self, talk: &mut Talk, exchange: &mut Exchange) -> Result<(), OpenError> {
        loop {
            let element = self.receive(talk).await?;
            match element.name() {
                "challenge" => {
                    let response = exchange.respond(&element.text());
                    let response =
                        response.map_err(|problem| self.impostor(&talk.server, &problem))?;
                    talk.send(&nonza("response", &response)).await?;
                }
                "success" => {
                    let proof = exchange.succeed(&element.text());
                    return proof.map_err(|problem| self.impostor(&talk.server, &problem));
                }
                "failure" => return Err(self.login_failure(&Condition::read(&element), talk)),
                other => return Err(talk.temporary(format!("<{other}> came during the login"))),
            }
        }
    }

    fn impostor(&self, server: &str, problem: &Distrust) -> OpenError {
        let end = End::Impostor {
            account: self.options.account.jid.clone(),
            server: server.to_owned(),
            problem: problem.to_string(),
        };
        end.into()
    }

    /// RFC 6120, 6.5.
    fn login_failure(&self, condition: &Condition, talk: &Talk) -> OpenError {
        let account = self.options.account.jid.clone();
        let server = talk.server.clone();
        let end = match condition.name.as_str() {
            // An account that could not be created and refuses our password is somebody else's.
            "not-authorized" | "invalid-authzid" if *self.registered == Registered::Unknown => {
                End::RegistrationConflict { account }
            }
            "not-authorized" | "invalid-authzid" => End::WrongPassword { account, server },
            "temporary-auth-failure" | "aborted" => {
                return talk.temporary(format!("login failed for now: {condition}"));
            }
            _ => End::AccountRefused {
                account,
                server,
                reason: condition.to_string(),
            },
        };
        end.into()
    }
}

fn no_mechanism(features: &Features, server: &str) -> OpenError {
    let offered = features.mechanisms.join(", ");
    let end = End::NoMechanism {
        server: server.to_owned(),
        offered: archipel_protocol::text::clean_line(&offered, 120),
    };
    end.into()
}

fn nonza(name: &str, text: &str) -> Element {
    leaf(name, ns::SASL, text)
}
