//! What a private server shall be like.

use super::Crowd;

/// Whether the server speaks TLS on its STARTTLS port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encryption {
    /// STARTTLS is required before anything else.
    #[default]
    Required,
    /// STARTTLS is not even offered. The direct TLS port stays.
    ClearText,
}

/// How much a client may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Limits {
    /// 10 MiB a stanza, any rate: what a hostile account needs to reach the others.
    #[default]
    Raised,
    /// As installed: 256 KiB a stanza; Prosody 10 kB/s, ejabberd 3 kB/s a client.
    Stock,
}

/// Whose configuration a server runs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// The lab's own, with nothing in the way: what tests of hostile accounts need.
    #[default]
    Open,
    /// The lab's own with the limits of the distribution's configuration.
    Stock,
    /// The one of `conf/servers/`, as shipped: only ports, addresses and folders are the lab's. A [`ServerOptions::group`] is then
    /// `Operators` or `Hypervisors`, registration is for loopback, and clear text is allowed beside TLS instead of in its place.
    Fleet,
}

/// The bytes of a stanza under [`Limits::Raised`].
pub(super) const RAISED_STANZA: usize = 10 * 1024 * 1024;

/// The bytes of a stanza under [`Limits::Stock`].
pub(super) const STOCK_STANZA: usize = 256 * 1024;

/// What a private server shall be like. TLS required, SCRAM, no registration, raised limits unless said otherwise.
#[derive(Clone)]
pub struct ServerOptions {
    pub(super) domain: String,
    pub(super) accounts: Vec<(String, String)>,
    pub(super) crowds: Vec<Crowd>,
    pub(super) registration: bool,
    pub(super) groups: Vec<(String, Vec<String>)>,
    pub(super) encryption: Encryption,
    pub(super) profile: Profile,
    pub(super) plain_only: bool,
    pub(super) account_commands: bool,
}

impl ServerOptions {
    /// A server for `domain` without accounts.
    pub fn new(domain: impl Into<String>) -> ServerOptions {
        ServerOptions {
            domain: domain.into(),
            accounts: Vec::new(),
            crowds: Vec::new(),
            registration: false,
            groups: Vec::new(),
            encryption: Encryption::default(),
            profile: Profile::default(),
            plain_only: false,
            account_commands: true,
        }
    }

    /// With this account from the start.
    #[must_use]
    pub fn account(
        mut self,
        name: impl Into<String>,
        password: impl Into<String>,
    ) -> ServerOptions {
        self.accounts.push((name.into(), password.into()));
        self
    }

    /// With a crowd of accounts from the start, however many.
    #[must_use]
    pub fn crowd(mut self, crowd: Crowd) -> ServerOptions {
        self.crowds.push(crowd);
        self
    }

    /// With in-band registration (XEP-0077) open to everybody.
    #[must_use]
    pub fn registration(mut self) -> ServerOptions {
        self.registration = true;
        self
    }

    /// With a shared roster group: its members (bare JIDs) are in each other's rosters under its name, subscription
    /// both.
    #[must_use]
    pub fn group<Member: Into<String>>(
        mut self,
        name: impl Into<String>,
        members: impl IntoIterator<Item = Member>,
    ) -> ServerOptions {
        let members = members.into_iter().map(Into::into).collect();
        self.groups.push((name.into(), members));
        self
    }

    /// With or without TLS on the STARTTLS port.
    #[must_use]
    pub fn encryption(mut self, encryption: Encryption) -> ServerOptions {
        self.encryption = encryption;
        self
    }

    /// With this configuration.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> ServerOptions {
        self.profile = profile;
        self
    }

    /// With these limits: [`Profile::Open`] or [`Profile::Stock`].
    #[must_use]
    pub fn limits(self, limits: Limits) -> ServerOptions {
        self.profile(match limits {
            Limits::Raised => Profile::Open,
            Limits::Stock => Profile::Stock,
        })
    }

    /// Without the commands by which an admin makes and deletes accounts (XEP-0133).
    #[must_use]
    pub fn without_account_commands(mut self) -> ServerOptions {
        self.account_commands = false;
        self
    }

    /// With SASL PLAIN as the only mechanism.
    #[must_use]
    pub fn plain_only(mut self) -> ServerOptions {
        self.plain_only = true;
        self
    }
}

impl std::fmt::Debug for ServerOptions {
    /// Names the accounts, not their passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self
            .accounts
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        f.debug_struct("ServerOptions")
            .field("domain", &self.domain)
            .field("accounts", &names)
            .field("crowds", &self.crowds)
            .field("registration", &self.registration)
            .field("groups", &self.groups)
            .field("encryption", &self.encryption)
            .field("profile", &self.profile)
            .field("plain_only", &self.plain_only)
            .field("account_commands", &self.account_commands)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_names_no_password() {
        let options = ServerOptions::new("dc.example").account("admin", "open sesame");
        let text = format!("{options:?}");
        assert!(text.contains("admin") && !text.contains("sesame"), "{text}");
    }
}
