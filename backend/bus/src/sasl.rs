//! Logging in (RFC 6120, 6): SCRAM with proof from both sides, PLAIN only where configured.

use base64::{Engine, engine::general_purpose::STANDARD};
use sasl::{
    client::{
        Mechanism, MechanismError,
        mechanisms::{Plain, Scram},
    },
    common::{
        ChannelBinding, Credentials,
        scram::{Sha1, Sha256},
    },
};

use crate::{features::Features, transport::Protection};

/// Rounds of key derivation beyond which a server is refused: a hostile one could keep the CPU busy for minutes.
const MAX_ROUNDS: u32 = 1_000_000;

/// What decides how to log in.
#[derive(Debug)]
pub(crate) struct Terms<'a> {
    /// What the server offers.
    pub(crate) features: &'a Features,
    /// What protects the connection.
    pub(crate) protection: &'a Protection,
    /// Whether the configuration lets the password out.
    pub(crate) allow_plain: bool,
}

/// One login in progress.
pub(crate) struct Exchange {
    mechanism: Box<dyn Mechanism + Send + Sync>,
    /// Of SCRAM: what the server must build on, and whether it has proved that it knows the password.
    scram: Option<Proof>,
}

#[derive(Debug)]
struct Proof {
    nonce: String,
    given: bool,
}

/// Why an exchange was given up by this side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Distrust {
    #[error("its answer cannot be read")]
    Unreadable,
    #[error("it did not repeat the session's random number")]
    Nonce,
    #[error("it asks for {0} rounds of key derivation")]
    Rounds(String),
    #[error("its proof is wrong or missing")]
    Proof,
}

impl Terms<'_> {
    /// The best mechanism both sides accept. Channel binding is used only if the server announces the very type this side can do;
    /// otherwise an announced `-PLUS` mechanism might be of another type and fail.
    pub(crate) fn choose(
        &self,
        name: &str,
        password: &str,
    ) -> Option<Result<Exchange, MechanismError>> {
        let binding = self.binding();
        let offered = |mechanism: &str| {
            self.features
                .mechanisms
                .iter()
                .any(|offer| offer == mechanism)
        };
        let bound = || {
            scram_credentials(name, password)
                .with_channel_binding(binding.clone().unwrap_or(ChannelBinding::None))
        };
        let unbound =
            || scram_credentials(name, password).with_channel_binding(ChannelBinding::None);
        if binding.is_some() && offered("SCRAM-SHA-256-PLUS") {
            return Some(Exchange::scram(Scram::<Sha256>::from_credentials(bound())));
        }
        if binding.is_some() && offered("SCRAM-SHA-1-PLUS") {
            return Some(Exchange::scram(Scram::<Sha1>::from_credentials(bound())));
        }
        if offered("SCRAM-SHA-256") {
            return Some(Exchange::scram(
                Scram::<Sha256>::from_credentials(unbound()),
            ));
        }
        if offered("SCRAM-SHA-1") {
            return Some(Exchange::scram(Scram::<Sha1>::from_credentials(unbound())));
        }
        let plain = || {
            Plain::from_credentials(
                Credentials::default()
                    .with_username(name)
                    .with_password(password),
            )
        };
        (self.allow_plain && offered("PLAIN")).then(|| plain().map(Exchange::plain))
    }

    fn binding(&self) -> Option<ChannelBinding> {
        match self.protection {
            Protection::Tls {
                exporter: Some(data),
            } if self.features.exporter => Some(ChannelBinding::TlsExporter(data.clone())),
            _ => None,
        }
    }
}

/// SCRAM separates fields by commas (RFC 5802, 5.1), the library does not escape them.
fn scram_credentials(name: &str, password: &str) -> Credentials {
    let name = name.replace('=', "=3D").replace(',', "=2C");
    Credentials::default()
        .with_username(name)
        .with_password(password)
}

impl Exchange {
    fn scram<M: Mechanism + Send + Sync + 'static>(
        mechanism: Result<M, MechanismError>,
    ) -> Result<Self, MechanismError> {
        mechanism.map(|mechanism| Self {
            mechanism: Box::new(mechanism),
            scram: Some(Proof {
                nonce: String::new(),
                given: false,
            }),
        })
    }

    fn plain(mechanism: Plain) -> Self {
        Self {
            mechanism: Box::new(mechanism),
            scram: None,
        }
    }

    /// The mechanism's name.
    pub(crate) fn name(&self) -> &str {
        self.mechanism.name()
    }

    /// The first message, in base64.
    pub(crate) fn initial(&mut self) -> String {
        let first = self.mechanism.initial();
        if let Some(proof) = &mut self.scram {
            proof.nonce = field(&first, "r=").unwrap_or_default();
        }
        STANDARD.encode(first)
    }

    /// The answer to a challenge, both in base64. Some servers send their proof as a last challenge.
    pub(crate) fn respond(&mut self, challenge: &str) -> Result<String, Distrust> {
        let challenge = decode(challenge)?;
        if let Some(proof) = &mut self.scram {
            if field(&challenge, "v=").is_some() {
                self.mechanism
                    .success(&challenge)
                    .map_err(|_| Distrust::Proof)?;
                proof.given = true;
                return Ok(String::new());
            }
            check_challenge(&challenge, &proof.nonce)?;
        }
        let response = self
            .mechanism
            .response(&challenge)
            .map_err(|_| Distrust::Unreadable)?;
        Ok(STANDARD.encode(response))
    }

    /// Whether the server may say that the login succeeded. With SCRAM it must have proved that it knows the password, too.
    pub(crate) fn succeed(&mut self, data: &str) -> Result<(), Distrust> {
        let Some(proof) = &self.scram else {
            return Ok(());
        };
        if proof.given {
            return Ok(());
        }
        self.mechanism
            .success(&decode(data)?)
            .map_err(|_| Distrust::Proof)
    }
}

fn decode(text: &str) -> Result<Vec<u8>, Distrust> {
    // RFC 6120, 6.4.2: `=` stands for an empty message.
    let text = text.trim();
    if text == "=" {
        return Ok(Vec::new());
    }
    STANDARD.decode(text).map_err(|_| Distrust::Unreadable)
}

fn check_challenge(challenge: &[u8], nonce: &str) -> Result<(), Distrust> {
    let answered = field(challenge, "r=").ok_or(Distrust::Unreadable)?;
    if answered.len() <= nonce.len() || !answered.starts_with(nonce) {
        return Err(Distrust::Nonce);
    }
    let rounds = field(challenge, "i=").ok_or(Distrust::Unreadable)?;
    match rounds.parse::<u32>() {
        Ok(1..=MAX_ROUNDS) => Ok(()),
        _ => Err(Distrust::Rounds(archipel_protocol::text::clean_line(
            &rounds, 20,
        ))),
    }
}

/// The value of one field of a SCRAM message; the name includes the equals sign.
fn field(message: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(message).ok()?;
    text.split(',')
        .find_map(|part| part.strip_prefix(name))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
