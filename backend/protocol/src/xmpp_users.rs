//! `archipel:xmppserver:users`: accounts of the XMPP server. The central agent answers; hypervisors and machines pass questions on
//! to it, and their answers then hold two `<query/>`, the first of them empty.

use jid::BareJid;
use minidom::Element;
use rxml::NcNameStr;

use crate::{
    ns,
    secret::Secret,
    table::{Codec, Items, Lower, actions, record, replies, words},
    xml::{Build, ParseError},
};

/// The most accounts in one answer to [`Action::List`].
pub const PAGE: usize = 50;

actions! {
    /// A request. The permission is `xmppserver_users_` and the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "xmppserver_users_", answered by Reply {
        /// Makes accounts.
        Register = "register", changes, -30004 {
            /// Which ones.
            accounts: Vec<Account> = "user" via Items,
        } => Done,
        /// Removes accounts.
        Unregister = "unregister", changes, -30005 {
            /// Which ones.
            accounts: Vec<Removal> = "user" via Items,
        } => Done,
        /// Changes passwords.
        ChangePassword = "changepassword", changes, -30001 {
            /// Accounts with their new passwords.
            accounts: Vec<Account> = "user" via Items,
        } => Done,
        /// How many accounts there are.
        Number = "number", reads, -30003 {
            /// Whether only people count.
            humans_only: Option<bool> = "humans_only" via Lower,
        } => Number(Number),
        /// Which accounts there are.
        List = "list", reads, -30003 {
            /// Which page of [`PAGE`], from 0.
            page: u32 = "page",
            /// Whether only people count.
            humans_only: Option<bool> = "humans_only" via Lower,
        } => Users(Vec<User>),
        /// Accounts whose address contains a text.
        Filter = "filter", reads, -30002 {
            /// The text.
            filter: String = "filter",
        } => Users(Vec<User>),
    }
}

replies! {
    /// What the central agent answers.
    pub enum Reply {
        /// Accepted; the end is seen through pushes.
        Done,
        /// How many there are.
        Number(number: Number),
        /// Accounts.
        Users(users: Vec<User>),
    }
}

record! {
    /// An account with its password.
    #[derive(Eq)]
    pub struct Account = "user" in ns::XMPP_USERS {
        /// Its address.
        jid: BareJid = "jid",
        /// Its password.
        password: Secret = "password",
    }
}

record! {
    /// An account to be removed.
    #[derive(Eq)]
    pub struct Removal = "user" in ns::XMPP_USERS {
        /// Its address.
        jid: BareJid = "jid",
    }
}

record! {
    /// How many accounts there are.
    #[derive(Copy, Eq)]
    pub struct Number = "users" in ns::XMPP_USERS {
        /// So many.
        total: u64 = "total",
    }
}

words! {
    /// What an account is.
    pub enum Kind, "a kind of account (user, hypervisor, virtualmachine)" {
        /// A person, or anything else.
        User = "user",
        /// A hypervisor.
        Hypervisor = "hypervisor",
        /// A machine.
        VirtualMachine = "virtualmachine",
    }
}

record! {
    /// An account.
    #[derive(Eq)]
    pub struct User = "user" in ns::XMPP_USERS {
        /// Its address.
        jid: BareJid = "jid",
        /// What it is; of another kind of a later version it is a user.
        kind: Kind = "type" via KindOrUser,
    }
}

/// A kind that is not known must not hide the other accounts.
struct KindOrUser;

impl Codec<Kind> for KindOrUser {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Kind, ParseError> {
        let kind = element.attr(name.as_str()).unwrap_or_default();
        Ok(kind.parse().unwrap_or(Kind::User))
    }

    fn write(value: &Kind, name: &'static NcNameStr, build: Build) -> Build {
        build.attr(name.to_owned(), value)
    }
}
