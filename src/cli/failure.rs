//! How a command ends that did not do all it was asked.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use archipel_operator::{InviteError, OperatorError};
use archipel_protocol::failure::FailureKind;

/// The exit codes beside 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// Nobody reads the output any more: no failure of ours.
    Unread = 0,
    /// Some or all of it failed.
    Failed = 1,
    /// The command line cannot be understood or lacks a confirmation; nothing was sent.
    Usage = 2,
    /// Not connected, or not logged in.
    NotConnected = 3,
    /// Refused by permission.
    Forbidden = 4,
}

/// Why a command ends with something else than 0.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Code,
    text: String,
    interrupted: bool,
}

impl Failure {
    pub(crate) fn new(code: Code, text: impl fmt::Display) -> Self {
        Self {
            code,
            text: text.to_string(),
            interrupted: false,
        }
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn failed(text: impl fmt::Display) -> Self {
        Self::new(Code::Failed, text)
    }

    pub(crate) fn usage(text: impl fmt::Display) -> Self {
        Self::new(Code::Usage, text)
    }

    pub(crate) fn not_connected(text: impl fmt::Display) -> Self {
        Self::new(Code::NotConnected, text)
    }

    /// Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        let interrupted = true;
        let text = "interrupted; what was sent already goes on at its hypervisors";
        Self {
            interrupted,
            ..Self::failed(text)
        }
    }

    /// Success after all, if this is an interruption and one was the way to end.
    pub(crate) fn unless_interrupted(self, awaited: bool) -> Result<(), Self> {
        if self.interrupted && awaited {
            return Ok(());
        }
        Err(self)
    }

    /// Tells the operator, and gives the code to exit with.
    pub(crate) fn tell(&self) -> ExitCode {
        if !self.text.is_empty() {
            let text = archipel_protocol::text::clean_block(&self.text);
            // Without a standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "archipel: {text}");
        }
        ExitCode::from(self.code as u8)
    }
}

impl From<io::Error> for Failure {
    /// Of writing to standard output, or of a question at which somebody pressed Ctrl-C.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::Interrupted {
            return Self::failed("interrupted");
        }
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Code::Unread, "");
        }
        Self::failed(format_args!("the output could not be written: {error}"))
    }
}

impl From<InviteError> for Failure {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Operator(error) => error.into(),
            error @ InviteError::NotAdmin { .. } => Self::new(Code::Forbidden, error),
            error => Self::failed(error),
        }
    }
}

impl From<OperatorError> for Failure {
    fn from(error: OperatorError) -> Self {
        let code = match &error {
            OperatorError::NotConnected(_) => Code::NotConnected,
            OperatorError::Refused { failure, .. } if failure.kind == FailureKind::Forbidden => {
                Code::Forbidden
            }
            _ => Code::Failed,
        };
        Self::new(code, error)
    }
}
