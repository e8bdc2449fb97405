//! Ids, each a type of its own with a parser.

use std::{fmt, str::FromStr, sync::Arc};

use jid::BareJid;
use uuid::Uuid;

use crate::xml::shown;

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct InvalidId {
    text: String,
    wanted: &'static str,
}

fn invalid(text: &str, wanted: &'static str) -> InvalidId {
    InvalidId {
        text: shown(text),
        wanted,
    }
}

/// A machine: libvirt's uuid. Written in lower case with dashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VmId(Uuid);

impl VmId {
    /// From the sixteen bytes of a uuid.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The sixteen bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The first eight digits, for places where the whole does not fit.
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for VmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for VmId {
    type Err = InvalidId;

    /// Only the form with dashes: the id becomes an address and a file name.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        dashed(text)
            .map(Self)
            .ok_or_else(|| invalid(text, "a uuid"))
    }
}

/// A uuid of another kind than a machine's.
macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident, $wanted:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                dashed(text).map(Self).ok_or_else(|| invalid(text, $wanted))
            }
        }
    )* };
}

uuid_id! {
    /// A packaged machine of a feed; it becomes a file name.
    ApplianceId, "the uuid of an appliance";
    /// A feed of packaged machines.
    FeedId, "the uuid of a feed";
}

/// A uuid in the form with dashes: it may become an address or a file name.
fn dashed(text: &str) -> Option<Uuid> {
    (text.len() == 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}

/// The name of a file in a folder that the agent knows: no path, nothing hidden in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FileName {
    type Err = InvalidId;

    /// 1 to 255 bytes, without `/`, `\\` and control characters, and not beginning with a dot.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let odd = |c: char| matches!(c, '/' | '\\' | '\u{fffe}' | '\u{ffff}') || c.is_control();
        if text.is_empty() || text.len() > 255 || text.starts_with('.') || text.contains(odd) {
            return Err(invalid(text, "a file name"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A hypervisor: the bare address of its account. Clones share it: every machine of a fleet names its hypervisor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HypervisorId(Arc<BareJid>);

impl HypervisorId {
    /// The address.
    pub fn jid(&self) -> &BareJid {
        &self.0
    }
}

impl From<BareJid> for HypervisorId {
    fn from(jid: BareJid) -> Self {
        Self(Arc::new(jid))
    }
}

impl fmt::Display for HypervisorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for HypervisorId {
    type Err = InvalidId;

    /// `name@domain`, without a resource.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let wanted = "an address such as hv01@dc.example";
        let jid = BareJid::new(text).map_err(|_| invalid(text, wanted))?;
        if jid.node().is_none() {
            return Err(invalid(text, wanted));
        }
        Ok(jid.into())
    }
}

/// A short random token: letters, digits, `-`, `_` and `.`, at most 64.
macro_rules! token {
    ($(#[$doc:meta])* $name:ident, $wanted:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// From sixteen random bytes, as 32 hexadecimal digits.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes).simple().to_string())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
                if (1..=64).contains(&text.len()) && text.chars().all(sound) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(invalid(text, $wanted))
                }
            }
        }
    };
}

token!(
    /// One operation of one requester; the same id means the same operation.
    OperationId,
    "an operation id (1 to 64 letters, digits, `-`, `_` or `.`)"
);
token!(
    /// One watch on a feed.
    WatchId,
    "a watch id (1 to 64 letters, digits, `-`, `_` or `.`)"
);
token!(
    /// One life of an agent's numbering; a new one makes all known numbers worthless.
    Epoch,
    "an epoch (1 to 64 letters, digits, `-`, `_` or `.`)"
);
token!(
    /// A planned job of an entity's scheduler.
    JobId,
    "a job id (1 to 64 letters, digits, `-`, `_` or `.`)"
);

/// The number of a change in a feed, growing within one [`Epoch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

impl Seq {
    /// The number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seq {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_machine_id_is_canonical() {
        let id: VmId = "7D0C0D4E-0b6e-4f0e-9d5c-3f1c2a9b8e01".parse().unwrap();
        assert_eq!(id.to_string(), "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01");
        assert_eq!(id.short(), "7d0c0d4e");
        for bad in [
            "",
            "../../x",
            "7d0c0d4e0b6e4f0e9d5c3f1c2a9b8e01",
            "{7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e0}",
        ] {
            assert!(bad.parse::<VmId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hypervisor_is_an_account() {
        assert!("hv01@dc.example".parse::<HypervisorId>().is_ok());
        assert!("dc.example".parse::<HypervisorId>().is_err());
        assert!("hv01@dc.example/node".parse::<HypervisorId>().is_err());
    }

    #[test]
    fn a_file_name_is_no_path() {
        assert!("data disk.qcow2".parse::<FileName>().is_ok());
        for bad in [
            "",
            ".",
            "..",
            ".hidden",
            "a/b",
            "a\\b",
            "a\u{0}",
            &"x".repeat(256),
        ] {
            assert!(bad.parse::<FileName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tokens_are_short_and_plain() {
        assert_eq!(
            OperationId::from_random([0xab; 16]).as_str(),
            "ab".repeat(16)
        );
        assert!("a-b_c.1".parse::<WatchId>().is_ok());
        for bad in ["", "a b", "ü", &"x".repeat(65)] {
            assert!(bad.parse::<Epoch>().is_err(), "{bad}");
        }
    }
}
