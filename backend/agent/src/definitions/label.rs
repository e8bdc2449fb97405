//! The account of a machine in the `<description>` of its definition: there a host with the original agent finds what it needs to let
//! the machine in. It is a secret that whoever may read libvirt's definitions reads, so it stands there only where the settings want it.

use archipel_domain::{Document, Kind};
use archipel_hypervisor::{Driver, DriverError, View};
use archipel_protocol::{VmId, migration::Account};

use super::read;

/// What is to stand in a machine's description.
#[derive(Debug)]
pub(crate) struct Label {
    pub(crate) vm: VmId,
    /// `None`: no account.
    pub(crate) account: Option<Account>,
}

/// What stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Labelled {
    /// The account.
    Account,
    /// No account.
    Nothing,
    /// A person's words, which are left alone.
    Words,
}

impl Label {
    /// Writes it, or takes it away. Only what is an account of this machine is replaced. Blocks.
    pub(crate) fn apply(&self, driver: &dyn Driver) -> Result<Labelled, DriverError> {
        let Some(text) = read(driver, self.vm, View::Next)? else {
            return Ok(Labelled::Nothing);
        };
        let found = description(&text);
        let known = found.as_deref().and_then(|text| Account::parse(text).ok());
        let known = known.filter(|account| account.vm == self.vm);
        match (&self.account, known) {
            (Some(wanted), Some(known)) if *wanted == known => Ok(Labelled::Account),
            (Some(wanted), known) if known.is_some() || found.is_none() => {
                driver.describe(self.vm, Some(wanted.description().reveal()))?;
                Ok(Labelled::Account)
            }
            (None, Some(_)) => {
                driver.describe(self.vm, None)?;
                Ok(Labelled::Nothing)
            }
            (Some(_), _) => Ok(Labelled::Words),
            (None, None) => Ok(Labelled::Nothing),
        }
    }
}

/// What a definition's `<description>` says; `None`: nothing.
fn description(text: &str) -> Option<String> {
    let document = Document::parse_as(Kind::Domain, text).ok()?;
    let said = document.root().child("description")?.text();
    Some(said.trim().to_owned()).filter(|said| !said.is_empty())
}
