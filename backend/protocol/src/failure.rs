//! Why a request failed: the closed list of conditions, in the original's error shape.
//!
//! ```xml
//! <error code='-1001' type='cancel'>
//!   <archipel-error-generic xmlns='archipel:error:generic'/>
//!   <text>…text…\n\nnamespace\naction</text>
//!   <unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
//!   <failure xmlns='urn:archipel:task:1' kind='wrong-state'/>
//! </error>
//! ```
//!
//! The first two children are what the original's clients read; the third is what RFC 6120 asks for; the fourth is ours.

use std::fmt;

use minidom::Element;

use crate::{
    ns,
    stanza::Iq,
    text::clean_block,
    xml::{Build, child, name},
};

/// The longest text that is read from an error, in bytes.
const TEXT_LIMIT: usize = 2_000;

/// The original's code while a machine migrates.
const MIGRATING: i32 = -43;
/// The original's code where there is no central agent to pass a question on to.
const NO_CENTRAL_AGENT: i32 = -10_000;

/// The class of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The requester lacks a permission.
    Forbidden,
    /// The entity or thing does not exist.
    NotFound,
    /// The state of the machine does not allow it.
    WrongState,
    /// Something else holds that name, id or base.
    Conflict,
    /// Something else is being done with it.
    Busy,
    /// The agent or its hypervisor cannot do it.
    Unsupported,
    /// An argument is wrong.
    Invalid {
        /// Which one.
        field: String,
    },
    /// A bound of the agent is reached.
    Limit,
    /// Too late to begin.
    Expired,
    /// It was begun and its end is not known.
    Interrupted,
    /// libvirt refused.
    Libvirt {
        /// libvirt's error number (`virErrorNumber`).
        code: i32,
    },
    /// What an original agent says without a condition.
    Other,
}

impl FailureKind {
    /// The word on the wire and in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::WrongState => "wrong-state",
            Self::Conflict => "conflict",
            Self::Busy => "busy",
            Self::Unsupported => "unsupported",
            Self::Invalid { .. } => "invalid",
            Self::Limit => "limit",
            Self::Expired => "expired",
            Self::Interrupted => "interrupted",
            Self::Libvirt { .. } => "libvirt",
            Self::Other => "failed",
        }
    }

    fn archipel_namespace(&self) -> &'static str {
        match self {
            Self::Forbidden => ns::ERROR_PERMISSION,
            Self::Libvirt { .. } => ns::ERROR_LIBVIRT,
            _ => ns::ERROR_GENERIC,
        }
    }

    /// The defined condition of RFC 6120, 8.3.3 that comes nearest.
    fn condition(&self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::NotFound => "item-not-found",
            Self::WrongState => "unexpected-request",
            Self::Conflict => "conflict",
            Self::Busy | Self::Limit => "resource-constraint",
            Self::Unsupported => "feature-not-implemented",
            Self::Invalid { .. } => "bad-request",
            Self::Expired => "not-acceptable",
            Self::Interrupted | Self::Libvirt { .. } | Self::Other => "internal-server-error",
        }
    }

    fn from_word(word: &str, element: &Element) -> Option<Self> {
        Some(match word {
            "forbidden" => Self::Forbidden,
            "not-found" => Self::NotFound,
            "wrong-state" => Self::WrongState,
            "conflict" => Self::Conflict,
            "busy" => Self::Busy,
            "unsupported" => Self::Unsupported,
            "invalid" => Self::Invalid {
                field: crate::xml::shown(element.attr("field").unwrap_or_default()),
            },
            "limit" => Self::Limit,
            "expired" => Self::Expired,
            "interrupted" => Self::Interrupted,
            "libvirt" => Self::Libvirt {
                code: element
                    .attr("code")
                    .and_then(|code| code.parse().ok())
                    .unwrap_or(0),
            },
            _ => return None,
        })
    }

    fn from_condition(name: &str) -> Option<Self> {
        Some(match name {
            "forbidden" | "not-allowed" | "not-authorized" => Self::Forbidden,
            "item-not-found" => Self::NotFound,
            "unexpected-request" => Self::WrongState,
            "conflict" => Self::Conflict,
            "resource-constraint" | "policy-violation" => Self::Limit,
            "feature-not-implemented" | "service-unavailable" => Self::Unsupported,
            _ => return None,
        })
    }
}

/// A failed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class.
    pub kind: FailureKind,
    /// What failed and why, for people; already free of control characters when read.
    pub text: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FailureKind::Invalid { field } => write!(f, "{} (`{field}`)", self.text),
            FailureKind::Libvirt { code } => write!(f, "{} (libvirt error {code})", self.text),
            _ => f.write_str(&self.text),
        }
    }
}

impl std::error::Error for Failure {}

/// What the error repeats of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Namespace of the request.
    pub namespace: &'a str,
    /// Its action.
    pub action: &'a str,
    /// The original's code for a failure of this action, such as -1001 for `create`.
    pub code: i32,
}

impl Failure {
    /// A failure of `kind` with `text` for people.
    pub fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }

    /// The element `<error/>`; without `asked` the request was too malformed to tell.
    pub fn to_element(&self, asked: Option<Asked<'_>>) -> Element {
        let archipel = self.kind.archipel_namespace();
        Build::new("error", ns::CLIENT)
            .attr(name!("code"), self.code(asked))
            .attr(name!("type"), "cancel")
            .child(Build::new(&archipel.replace(':', "-"), archipel))
            .child(Build::new("text", ns::CLIENT).text(&self.long_text(asked)))
            .child(Build::new(self.kind.condition(), ns::STANZA_ERRORS))
            .child(self.own_element())
            .done()
    }

    fn code(&self, asked: Option<Asked<'_>>) -> i32 {
        match self.kind {
            FailureKind::Forbidden => -1,
            FailureKind::Libvirt { code } => code,
            _ => asked.map_or(-42, |asked| asked.code),
        }
    }

    fn long_text(&self, asked: Option<Asked<'_>>) -> String {
        match asked {
            Some(asked) => format!("{}\n\n{}\n{}", self.text, asked.namespace, asked.action),
            None => self.text.clone(),
        }
    }

    fn own_element(&self) -> Element {
        let build = Build::new("failure", ns::TASK).attr(name!("kind"), self.kind.word());
        match &self.kind {
            FailureKind::Invalid { field } => build.attr(name!("field"), field).done(),
            FailureKind::Libvirt { code } => build.attr(name!("code"), code).done(),
            _ => build.done(),
        }
    }

    /// The failure as what came of a task: `<failure kind='…'>text</failure>`.
    pub(crate) fn to_outcome(&self) -> Element {
        let mut element = self.own_element();
        element.append_text_node(crate::text::valid_xml(&self.text));
        element
    }

    /// Reads what came of a task; a kind of a later version is [`FailureKind::Other`].
    pub(crate) fn from_outcome(element: &Element) -> Self {
        let word = element.attr("kind").unwrap_or_default();
        Self {
            kind: FailureKind::from_word(word, element).unwrap_or(FailureKind::Other),
            text: clean_block(&first_chars(&element.text(), TEXT_LIMIT)).into_owned(),
        }
    }

    /// Reads the error of an answer: ours, the original's, or a server's.
    pub fn parse(iq: &Iq) -> Self {
        let Some(error) = iq.error() else {
            return Self::new(FailureKind::Other, "refused without a reason");
        };
        let kind = Self::parse_kind(error).unwrap_or(FailureKind::Other);
        let text = Self::parse_text(error).unwrap_or_else(|| fallback_text(error));
        Self { kind, text }
    }

    fn parse_kind(error: &Element) -> Option<FailureKind> {
        let own = error.get_child("failure", ns::TASK);
        own.and_then(|own| FailureKind::from_word(own.attr("kind")?, own))
            .or_else(|| Self::original_kind(error))
            .or_else(|| {
                error
                    .children()
                    .find_map(|child| FailureKind::from_condition(child.name()))
            })
    }

    fn original_kind(error: &Element) -> Option<FailureKind> {
        let code = error.attr("code").and_then(|code| code.trim().parse().ok());
        let has = |name| child(error, name).is_some();
        match code {
            _ if has("archipel-error-permission") => Some(FailureKind::Forbidden),
            _ if has("libvirt-error-generic") => Some(FailureKind::Libvirt {
                code: code.unwrap_or(0),
            }),
            Some(MIGRATING) => Some(FailureKind::Busy),
            Some(NO_CENTRAL_AGENT) => Some(FailureKind::NotFound),
            _ => None,
        }
    }

    /// The text without the two lines that repeat the request.
    fn parse_text(error: &Element) -> Option<String> {
        let long = child(error, "text")?.text();
        let long = first_chars(&long, TEXT_LIMIT);
        let text = long.split("\n\n").next().unwrap_or_default().trim();
        (!text.is_empty()).then(|| clean_block(text).into_owned())
    }
}

fn first_chars(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

fn fallback_text(error: &Element) -> String {
    let condition = error
        .children()
        .find(|child| child.has_ns(ns::STANZA_ERRORS));
    condition.map_or_else(
        || "refused without a reason".to_owned(),
        |condition| condition.name().replace('-', " "),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::stanza::IqKind;

    const ASKED: Asked<'static> = Asked {
        namespace: ns::VM_CONTROL,
        action: "create",
        code: -1001,
    };

    fn answer(error: Element) -> Iq {
        let payloads = vec![
            "<query xmlns='archipel:vm:control'/>".parse().unwrap(),
            error,
        ];
        Iq {
            kind: IqKind::Error,
            id: "1".into(),
            from: None,
            to: None,
            payloads,
        }
    }

    #[test]
    fn every_kind_comes_back() {
        for kind in [
            FailureKind::Forbidden,
            FailureKind::NotFound,
            FailureKind::WrongState,
            FailureKind::Conflict,
            FailureKind::Busy,
            FailureKind::Unsupported,
            FailureKind::Invalid {
                field: "value".into(),
            },
            FailureKind::Limit,
            FailureKind::Expired,
            FailureKind::Interrupted,
            FailureKind::Libvirt { code: 55 },
        ] {
            let failure = Failure::new(kind, "machine is running");
            assert_eq!(
                Failure::parse(&answer(failure.to_element(Some(ASKED)))),
                failure
            );
        }
    }

    #[test]
    fn the_shape_is_the_originals() {
        let error = Failure::new(
            FailureKind::Libvirt { code: 55 },
            "domain is already running",
        )
        .to_element(Some(ASKED));
        let children: Vec<_> = error
            .children()
            .map(|child| (child.name(), child.ns()))
            .collect();
        assert_eq!(
            children[0],
            ("libvirt-error-generic", ns::ERROR_LIBVIRT.into())
        );
        assert_eq!(children[1], ("text", ns::CLIENT.into()));
        assert_eq!(
            (error.attr("code"), error.attr("type")),
            (Some("55"), Some("cancel"))
        );
        assert_eq!(
            child(&error, "text").unwrap().text(),
            "domain is already running\n\narchipel:vm:control\ncreate"
        );
    }

    #[test]
    fn the_originals_errors_are_understood() {
        let denied = "<error xmlns='jabber:client' code='-1' type='cancel'><archipel-error-permission xmlns='archipel:error:permission'/><text>Cannot use 'x': permission denied\n\na\nb</text></error>";
        let failure = Failure::parse(&answer(denied.parse().unwrap()));
        assert_eq!(failure.kind, FailureKind::Forbidden);
        assert_eq!(failure.text, "Cannot use 'x': permission denied");
        let odd = "<error xmlns='jabber:client' code='archipel:error:permission'/>";
        assert_eq!(
            Failure::parse(&answer(odd.parse().unwrap())).kind,
            FailureKind::Other
        );
    }

    #[test]
    fn a_server_condition_gives_kind_and_text() {
        let gone = "<error xmlns='jabber:client' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
        let failure = Failure::parse(&answer(gone.parse().unwrap()));
        assert_eq!(
            (failure.kind, failure.text.as_str()),
            (FailureKind::Unsupported, "service unavailable")
        );
    }

    #[test]
    fn hostile_texts_are_cut_and_cleaned() {
        let long = format!(
            "<error xmlns='jabber:client'><text>\u{202e}{}</text></error>",
            "ü".repeat(50_000)
        );
        let failure = Failure::parse(&answer(long.parse().unwrap()));
        assert!(failure.text.chars().count() <= TEXT_LIMIT && !failure.text.contains('\u{202e}'));
    }
}
