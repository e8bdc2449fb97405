//! `archipel:permissions`: who may do what on an entity.

use jid::BareJid;
use minidom::Element;
use rxml::{NcNameStr, xml_ncname};

use crate::{
    ns,
    table::{Codec, Digit, Items, Loose, Plain, actions, is_yes, missing, record, replies},
    xml::{Build, ParseError, shown},
};

actions! {
    /// A request. The permission is `permission_` and the name of the action; the original asks none for `getown`.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "permission_", answered by Reply {
        /// Which permissions there are.
        List = "list", reads, -6 => Known(Vec<Known>),
        /// What somebody holds.
        Get = "get", reads, -4 {
            /// Whose.
            of: Subject = "permission_target" via Who,
        } => Held(Vec<Held>),
        /// What the asker holds.
        GetOwn = "getown", reads, -4 {
            /// The asker.
            of: Subject = "permission_target" via Who,
        } => Held(Vec<Held>),
        /// Grants and revokes.
        Set = "set", changes, -5 {
            /// In the order in which they are applied.
            grants: Vec<Grant> = "permission" via Items,
        } => Done,
        /// Grants and revokes for the asker.
        SetOwn = "setown", changes, -5 {
            /// In the order in which they are applied.
            grants: Vec<Grant> = "permission" via Items,
        } => Done,
    }
}

replies! {
    /// What an entity answers.
    pub enum Reply {
        /// Done.
        Done,
        /// The permissions that there are.
        Known(permissions: Vec<Known>),
        /// What was granted explicitly. Administrators and defaults do not show.
        Held(permissions: Vec<Held>),
    }
}

/// Who holds a permission.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An account.
    User(BareJid),
    /// A role. The original knows the word and fails on it.
    Role(String),
}

/// As the attributes `permission_type` and `permission_target`; without a type it is a user.
struct Who;

impl Codec<Subject> for Who {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Subject, ParseError> {
        match element.attr("permission_type") {
            None | Some("" | "user") => Plain::read(element, name).map(Subject::User),
            Some("role") => Plain::read(element, name).map(Subject::Role),
            Some(other) => Err(ParseError::invalid(
                "permission_type",
                format!("neither user nor role ({})", shown(other)),
            )),
        }
    }

    fn write(value: &Subject, name: &'static NcNameStr, build: Build) -> Build {
        let (kind, target) = match value {
            Subject::User(jid) => ("user", jid.to_string()),
            Subject::Role(role) => ("role", role.clone()),
        };
        build
            .attr(xml_ncname!("permission_type").to_owned(), kind)
            .attr(name.to_owned(), target)
    }
}

/// Yes or no; absent is an error, because it would revoke.
struct Granted;

impl Codec<bool> for Granted {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<bool, ParseError> {
        let text = element.attr(name.as_str());
        text.map(is_yes).ok_or_else(|| missing(element, name))
    }

    fn write(value: &bool, name: &'static NcNameStr, build: Build) -> Build {
        Digit::write(value, name, build)
    }
}

record! {
    /// A permission given or taken. Yes is `1`, `true`, `yes`, `y`, `oui` or `o` in any capitals, anything else is no.
    #[derive(Eq)]
    pub struct Grant = "permission" in ns::PERMISSIONS {
        /// Whose.
        subject: Subject = "permission_target" via Who,
        /// Which.
        name: String = "permission_name",
        /// Given, or taken.
        granted: bool = "permission_value" via Granted,
    }
}

record! {
    /// A permission that an entity knows.
    #[derive(Eq)]
    pub struct Known = "permission" in ns::PERMISSIONS {
        /// Its name.
        name: String = "name",
        /// Whether strangers hold it.
        default: bool = "default" via Digit,
        /// For people.
        description: String = "description" via Loose,
    }
}

record! {
    /// A permission that somebody was granted.
    #[derive(Eq)]
    pub struct Held = "permission" in ns::PERMISSIONS {
        /// Its name.
        name: String = "name",
    }
}
