//! What is written about machines: read as it may be shown, changed on the machine's own definition, kept with who and when.

mod copy;
mod label;
mod reach;
mod staging;
mod writer;

use archipel_domain::{Document, Kind};
use archipel_hypervisor::{Driver, DriverError, ErrorKind, View};
use archipel_protocol::{VmId, chunks::Digest, migration::Account};

use crate::messages::Refusal;

pub(crate) use self::{
    copy::Copy,
    label::{Label, Labelled},
    reach::{Limits, common_folder, is_own_file, own_folder},
    staging::Staging,
    writer::{New, Writer},
};

/// A definition in the agent's hands: the text with its secrets.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    document: Document,
}

impl Definition {
    /// From libvirt's or a person's text. An account in the `<description>`, where original agents keep it, is left out.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let bad = |why: archipel_domain::XmlError| Refusal::BadDefinition(why.to_string());
        let document = Document::parse_as(Kind::Domain, text).map_err(bad)?;
        if !holds_account(&document) {
            return Ok(Self { document });
        }
        let text = archipel_domain::without_description(text).map_err(bad)?;
        let document = Document::parse_as(Kind::Domain, text).map_err(bad)?;
        Ok(Self { document })
    }

    pub(crate) fn document(&self) -> &Document {
        &self.document
    }

    /// The text as it may be shown: placeholders where secrets are.
    pub(crate) fn shown(&self) -> String {
        self.document.masked()
    }

    /// What names it.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.shown())
    }
}

fn holds_account(document: &Document) -> bool {
    let description = document
        .root()
        .children()
        .find(|child| child.local_name() == "description");
    description.is_some_and(|description| Account::parse(&description.text()).is_ok())
}

/// A machine's definition; `None` where it has none.
pub(crate) fn read(
    driver: &dyn Driver,
    vm: VmId,
    view: View,
) -> Result<Option<String>, DriverError> {
    match driver.secure_definition(vm, view) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
