//! Texts for people that the screen itself gives.

use std::fmt;

use archipel_fleet::Reason;
use archipel_language::Verb;

/// Something that the screen tells the operator.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// A verb without a machine.
    NothingSelected { verb: &'a Verb },
    /// A verb for one machine, with many selected.
    OneOnly { verb: &'a Verb },
    /// What was said with a verb cannot be sent.
    BadValue { verb: &'a Verb, why: &'a str },
    /// A verb that read-only mode takes away.
    ReadOnly { verb: &'a Verb },
    /// A verb that cannot be done to the one machine.
    Refused {
        verb: &'a Verb,
        name: &'a str,
        reason: &'a Reason,
    },
    /// A hypervisor verb without a hypervisor.
    NoHypervisor { verb: &'a Verb },
    /// A side of a machine without a machine.
    NoMachine { tab: &'static str },
    /// Keys that mean nothing here.
    Unbound { keys: &'a str },
    /// A word that is no command.
    NoCommand {
        word: &'a str,
        near: Option<&'a str>,
    },
    /// A selector that cannot be read.
    BadSelector { text: &'a str, why: &'a str },
    /// A selector that picks nothing.
    NothingMatches { text: &'a str },
    /// An address that is none.
    BadAddress { why: &'a str },
    /// A count that is not the plan's.
    WrongCount { typed: &'a str, wanted: usize },
    /// Nothing failed.
    NothingToRetry,
    /// A text went to the clipboard.
    Copied { text: &'a str },
    /// What was to be opened is gone.
    NoMore { name: &'a str },
    /// Something that does not work in this view.
    NotHere { what: &'a str },
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingSelected { verb } => write!(
                f,
                "no machine to {}: put the cursor on one, or mark some with space",
                verb.word
            ),
            Self::OneOnly { verb } => write!(
                f,
                "`{}` is for one machine at a time: put the cursor on one",
                verb.word
            ),
            Self::BadValue { verb, why } => {
                let names = verb.own_arguments().map(|argument| argument.name);
                let names: Vec<&str> = names.collect();
                write!(
                    f,
                    "{why}; it is :{} {} [machines]",
                    verb.word,
                    names.join(" ")
                )
            }
            Self::ReadOnly { verb } => write!(f, "`{}` is off: this is read-only mode", verb.word),
            Self::Refused { verb, name, reason } => {
                write!(f, "cannot {} `{name}`: {reason}", verb.word)
            }
            Self::NoHypervisor { verb } => write!(
                f,
                "no hypervisor to {}: put the cursor on one, or type its address after the word",
                verb.word
            ),
            Self::NoMachine { tab } => write!(f, "{tab}: put the cursor on one machine"),
            Self::Unbound { keys } => write!(f, "`{keys}` does nothing here; ? shows the keys"),
            Self::NoCommand { word, near: None } => {
                write!(f, "there is no command `{word}`; ? lists them")
            }
            Self::NoCommand {
                word,
                near: Some(near),
            } => write!(f, "there is no command `{word}`; did you mean `{near}`?"),
            Self::BadSelector { text, why } => {
                write!(f, "cannot read the selector `{text}`: {why}")
            }
            Self::NothingMatches { text } => write!(f, "no machine matches `{text}`"),
            Self::BadAddress { why } => write!(f, "{why}"),
            Self::WrongCount { typed, wanted } => {
                write!(f, "`{typed}` is not {wanted}: nothing was done")
            }
            Self::NothingToRetry => write!(f, "nothing failed in this run"),
            Self::Copied { text } => write!(f, "copied `{text}`"),
            Self::NoMore { name } => write!(f, "`{name}` is no more"),
            Self::NotHere { what } => write!(f, "this view has no {what}"),
        }
    }
}
