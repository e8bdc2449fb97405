//! Join codes: everything a new host must know to reach the bus and get into its account, as one line of text that can be pasted.
//!
//! A code is `archipel1` (the digit is the version of the form) and base64url of a payload with its length in front and a check sum
//! behind. Blanks and line breaks anywhere in it do not matter. It holds a password, so the text is a [`Secret`] too.

mod certificate;
mod payload;
#[cfg(test)]
mod tests;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use archipel_protocol::BareJid;

use crate::{Endpoint, Fingerprint, Secret, TlsMode};
pub use certificate::{Certificate, InvalidCertificates};

/// What every code begins with.
const PREFIX: &str = "archipel";
/// The form that is written and read.
const VERSION: char = '1';
/// Bytes of the check sum: the first of the SHA-256 of all before them, prefix included.
const CHECK: usize = 6;
/// Bytes of the length in front of the payload.
const LENGTH: usize = 2;
/// The longest code in characters, blanks apart: what a terminal takes as one line (POSIX allows it 4,096).
pub const JOIN_CODE_LIMIT: usize = 4_000;

/// Everything a new host must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinCode {
    /// The hypervisor's account, made for it. Its domain is the domain of the bus.
    pub hypervisor: BareJid,
    /// Who invites: becomes the root admin of the new agent.
    pub inviter: BareJid,
    /// The account's password until the host has joined.
    pub secret: Secret,
    /// When the invitation ends; to the second.
    pub expires: Timestamp,
    /// The servers of the bus in the order to try. Empty: what the DNS says about the domain.
    pub servers: Vec<Endpoint>,
    /// How the connection is protected. A code for clear text is neither written nor read.
    pub tls: TlsMode,
    /// By what the server is known.
    pub trust: ServerTrust,
    /// Whether the password may be sent as it is, inside TLS, to a server without SCRAM.
    pub allow_plain: bool,
    /// Whether the account was made by hand. Then the server need not allow a change of the password.
    pub prepared: bool,
}

/// By what a host knows the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerTrust {
    /// By an authority that the host's system trusts.
    System,
    /// By one of these authorities.
    Authorities(Vec<Certificate>),
    /// By the fingerprint of the server's own certificate.
    Pinned(Fingerprint),
}

/// A code that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnwritableJoinCode {
    /// More than fits.
    #[error(
        "the join code would be longer than {JOIN_CODE_LIMIT} characters: leave in `ca_file` only the authority that signed the server's certificate, \
         or use `pinned` instead"
    )]
    TooLong,
    /// A part that no reader would accept.
    #[error("the join code cannot hold this {0}")]
    Part(&'static str),
}

/// A text that is no join code. No part of the text is in the message: it may be nearly a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJoinCode {
    /// Something else.
    #[error("this is not a join code: one begins with `{PREFIX}{VERSION}`")]
    NotACode,
    /// The form of another version.
    #[error(
        "this join code is of form {0}, and this program reads form {VERSION}. Install the same version on the host and at your desk"
    )]
    OtherVersion(char),
    /// More than a code ever has.
    #[error("this join code is longer than any: paste it alone")]
    TooLong,
    /// Its end is missing.
    #[error("this join code is cut off: copy it again, to its end")]
    CutOff,
    /// Letters are missing, wrong or in the wrong place.
    #[error("this join code is damaged: copy it again, from its first letter to its last")]
    Damaged,
    /// It is what somebody wrote, and makes no sense.
    #[error("this join code has no usable {0}: it was made by another version, or by hand")]
    Part(&'static str),
}

impl JoinCode {
    /// The code as one line of letters, digits, `-` and `_`.
    pub fn to_text(&self) -> Result<Secret, UnwritableJoinCode> {
        let payload = payload::write(self)?;
        let length = u16::try_from(payload.len()).map_err(|_| UnwritableJoinCode::TooLong)?;
        let mut bytes = Zeroizing::new(length.to_be_bytes().to_vec());
        bytes.extend_from_slice(&payload);
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        let text = format!(
            "{PREFIX}{VERSION}{}",
            BASE64_URL_SAFE_NO_PAD.encode(&*bytes)
        );
        let text = Secret::new(text);
        if text.expose().len() > JOIN_CODE_LIMIT {
            return Err(UnwritableJoinCode::TooLong);
        }
        Ok(text)
    }

    /// Reads a code. Blanks and line breaks do not count.
    pub fn parse(text: &str) -> Result<Self, InvalidJoinCode> {
        let body = body(text)?;
        let bytes = Zeroizing::new(decoded(&body)?);
        let (length, rest) = bytes
            .split_first_chunk::<LENGTH>()
            .ok_or(InvalidJoinCode::CutOff)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if rest.len() < length + CHECK {
            return Err(InvalidJoinCode::CutOff);
        }
        let (signed, given) = bytes.split_at(LENGTH + length);
        if given != check(signed) {
            return Err(InvalidJoinCode::Damaged);
        }
        payload::read(signed.get(LENGTH..).unwrap_or_default()).map_err(InvalidJoinCode::Part)
    }

    /// Whether the invitation has ended.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires <= now
    }
}

/// What stands behind the prefix, without blanks.
fn body(text: &str) -> Result<Zeroizing<String>, InvalidJoinCode> {
    let letters = text.chars().filter(|letter| !letter.is_whitespace());
    // One more than the limit, to tell; never more, whatever is pasted.
    let letters = letters.take(JOIN_CODE_LIMIT + 1);
    let packed: Zeroizing<String> = Zeroizing::new(letters.collect());
    if PREFIX.starts_with(&**packed) {
        return Err(if packed.is_empty() {
            InvalidJoinCode::NotACode
        } else {
            InvalidJoinCode::CutOff
        });
    }
    let rest = packed.strip_prefix(PREFIX);
    let mut rest = rest.ok_or(InvalidJoinCode::NotACode)?.chars();
    match rest.next() {
        Some(VERSION) if packed.chars().count() > JOIN_CODE_LIMIT => Err(InvalidJoinCode::TooLong),
        Some(VERSION) => Ok(Zeroizing::new(rest.as_str().to_owned())),
        Some(other) if other.is_ascii_digit() => Err(InvalidJoinCode::OtherVersion(other)),
        _ => Err(InvalidJoinCode::NotACode),
    }
}

/// The bytes of `body`. A number of letters that cannot be a whole code is one that was cut off.
fn decoded(body: &str) -> Result<Vec<u8>, InvalidJoinCode> {
    use base64::DecodeError;
    BASE64_URL_SAFE_NO_PAD
        .decode(body)
        .map_err(|error| match error {
            // Too few letters, or bits that hang over in the last one.
            DecodeError::InvalidLength(_) | DecodeError::InvalidLastSymbol(..) => {
                InvalidJoinCode::CutOff
            }
            DecodeError::InvalidByte(..) | DecodeError::InvalidPadding => InvalidJoinCode::Damaged,
        })
}

fn check(signed: &[u8]) -> [u8; CHECK] {
    let mut hash = Sha256::new();
    hash.update(PREFIX);
    hash.update([VERSION as u8]);
    hash.update(signed);
    let hash: [u8; 32] = hash.finalize().into();
    std::array::from_fn(|at| hash.get(at).copied().unwrap_or_default())
}
