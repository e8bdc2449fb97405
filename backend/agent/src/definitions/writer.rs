//! Writing a definition: on the text that was meant, by somebody who may, kept for the way back.

use archipel_domain::{Document, Edit, Kind};
use archipel_hypervisor::{Driver, View};
use archipel_protocol::{BareJid, VmId, chunks::Digest, definitions};
use jiff::Timestamp;

use super::{Definition, Limits, reach, read};
use crate::{
    messages::Refusal,
    modules::{Note, Outcome, Stop},
    store::{Store, Writing},
};

/// What is to be written.
#[derive(Debug)]
pub(crate) enum New {
    /// This text, whatever is there.
    Text(String),
    /// The text of a copy, and the files that libvirt made for it.
    Copy(String, Vec<String>),
    /// This text, made from that of the digest; `None`: for a machine without a definition.
    Upon(String, Option<Digest>),
    /// What is there with these edits, made for that of the digest.
    Edits(String, Digest),
    /// What was written before; `None`: what was there before the newest.
    Version(Option<u64>),
}

impl New {
    /// The files that libvirt made for it.
    fn made(&self) -> &[String] {
        match self {
            Self::Copy(_, made) => made,
            _ => &[],
        }
    }
}

/// Somebody's wish to write about a machine.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) vm: VmId,
    /// The machine's name.
    pub(crate) name: String,
    pub(crate) by: BareJid,
    pub(crate) at: Timestamp,
    pub(crate) verb: &'static str,
    pub(crate) store: Store,
    /// What is free; `None`: everything, to holders of `all`.
    pub(crate) limits: Option<Vec<String>>,
}

/// What is there.
struct Base {
    text: String,
    definition: Definition,
}

impl Writer {
    /// Writes it and tells what came of it.
    pub(crate) fn write(&self, driver: &dyn Driver, new: &New) -> Result<Outcome, Stop> {
        let base = self.base(driver)?;
        let wished = self.wished(base.as_ref(), new)?;
        let (document, rename) = self.identified(&wished, base.is_some())?;
        self.check(driver, &document, base.as_ref(), new.made())?;
        if let Some(base) = &base {
            self.keep(None, "found", &base.text);
        }
        if rename.is_some() && base.is_some() {
            driver.rename(self.vm, rename.as_deref().unwrap_or_default())?;
        }
        driver.define(document.text())?;
        self.outcome(driver, rename)
    }

    /// Keeps what is there and takes it away. Nothing there is no error.
    pub(crate) fn undefine(&self, driver: &dyn Driver) -> Result<Outcome, Stop> {
        if let Some(base) = self.base(driver)? {
            self.keep(None, "found", &base.text);
            driver.undefine(self.vm)?;
        }
        Ok(Outcome::default())
    }

    fn base(&self, driver: &dyn Driver) -> Result<Option<Base>, Stop> {
        let Some(text) = read(driver, self.vm, View::Next)? else {
            return Ok(None);
        };
        let definition = Definition::parse(&text)?;
        Ok(Some(Base { text, definition }))
    }

    /// The text that is wished for, with its secrets.
    fn wished(&self, base: Option<&Base>, new: &New) -> Result<Document, Refusal> {
        match new {
            New::Text(text) | New::Copy(text, _) => completed(text, base),
            New::Upon(text, digest) => {
                self.meant(base, *digest)?;
                completed(text, base)
            }
            New::Edits(edits, digest) => {
                let base = base.ok_or_else(|| Refusal::NotDefined(self.name.clone()))?;
                self.meant(Some(base), Some(*digest))?;
                edited(&base.definition, edits)
            }
            New::Version(number) => self.earlier(base, *number),
        }
    }

    /// Whether the text that is there is the one that was meant.
    fn meant(&self, base: Option<&Base>, digest: Option<Digest>) -> Result<(), Refusal> {
        if base.map(|base| base.definition.digest()) == digest {
            return Ok(());
        }
        Err(Refusal::OtherBase(self.name.clone()))
    }

    fn earlier(&self, base: Option<&Base>, number: Option<u64>) -> Result<Document, Refusal> {
        let failed = |error: crate::StoreError| Refusal::Store(error.to_string());
        let found = if number.is_some() {
            self.store.definition(self.vm, number).map_err(failed)?
        } else {
            let all = self.store.definitions(self.vm, None, u32::MAX);
            let now = base.map(|base| base.text.as_str());
            let mut older = all.map_err(failed)?.into_iter();
            older.find(|written| Some(written.text.as_str()) != now)
        };
        let found = found.ok_or_else(|| Refusal::NoHistory(self.name.clone()))?;
        Ok(Definition::parse(&found.text)?.document)
    }

    /// Its uuid is the machine's. A machine that has a definition takes the name in the new one; else the name that the agent knows counts.
    fn identified(
        &self,
        wished: &Document,
        has_base: bool,
    ) -> Result<(Document, Option<String>), Refusal> {
        let said = |name: &str| {
            let mut children = wished.root().children();
            let child = children.find(|child| child.local_name() == name);
            child
                .map(|child| child.text().trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let id = self.vm.to_string();
        if said("uuid").is_some_and(|uuid| uuid.parse() != Ok(self.vm)) {
            return Err(Refusal::OtherUuid(self.vm));
        }
        let name = said("name").filter(|_| has_base);
        let name = name.unwrap_or_else(|| self.name.clone());
        let edits = [("name", name.as_str()), ("uuid", id.as_str())];
        let edits: Result<Vec<Edit>, _> = edits
            .into_iter()
            .map(|(path, value)| Ok(Edit::set(path.parse()?, value)))
            .collect();
        let edits = edits.map_err(|why: archipel_domain::PathError| bad(&why))?;
        let document = wished.edited(&edits).map_err(|why| bad(&why))?.document;
        let rename = (name != self.name).then_some(name);
        Ok((document, rename))
    }

    fn check(
        &self,
        driver: &dyn Driver,
        new: &Document,
        base: Option<&Base>,
        made: &[String],
    ) -> Result<(), Stop> {
        let Some(folders) = &self.limits else {
            return Ok(());
        };
        let limits = Limits {
            folders: folders.clone(),
            capabilities: driver.capabilities()?,
        };
        let known = reach::Known {
            base: base.map(|base| base.definition.document()),
            earlier: &self.history()?,
            made,
        };
        Ok(reach::refuse_beyond(new, known, self.vm, &limits)?)
    }

    /// All that is remembered of the machine's definitions. A text that cannot be read says nothing.
    fn history(&self) -> Result<Vec<Document>, Refusal> {
        let written = self.store.definitions(self.vm, None, u32::MAX);
        let written = written.map_err(|error| Refusal::Store(error.to_string()))?;
        let read = |text: &str| Some(Definition::parse(text).ok()?.document);
        Ok(written.iter().filter_map(|one| read(&one.text)).collect())
    }

    /// What is there now, as libvirt writes it.
    fn outcome(&self, driver: &dyn Driver, rename: Option<String>) -> Result<Outcome, Stop> {
        let text = driver.secure_definition(self.vm, View::Next)?;
        let written = definitions::Written {
            number: self.keep(Some(&self.by), self.verb, &text),
            digest: Definition::parse(&text)?.digest(),
            pending: driver.domain(self.vm)?.state.is_active(),
        };
        let notes = rename.map(|name| Note::Named(self.vm, name));
        Ok(Outcome {
            payload: vec![written.to_element()],
            notes: notes.into_iter().collect(),
        })
    }

    /// The number in the history. The machine has its definition whether it can be kept or not.
    fn keep(&self, by: Option<&BareJid>, verb: &str, text: &str) -> Option<u64> {
        let kept = self.store.write_definition(Writing {
            vm: self.vm,
            at: self.at,
            by,
            verb,
            text,
        });
        kept.unwrap_or_else(|error| {
            tracing::error!(vm = %self.vm, %error, "a definition is missing in the history");
            None
        })
    }
}

/// A whole text with the secrets for its placeholders.
fn completed(text: &str, base: Option<&Base>) -> Result<Document, Refusal> {
    let new = Definition::parse(text)?.document;
    let nothing = Document::parse_as(Kind::Domain, "<domain/>").map_err(|why| bad(&why))?;
    let known = base.map_or(&nothing, |base| base.definition.document());
    new.with_secrets_of(known).map_err(|why| bad(&why))
}

fn edited(base: &Definition, edits: &str) -> Result<Document, Refusal> {
    let lines = edits.lines().map(str::trim);
    let edits: Result<Vec<Edit>, _> = lines
        .filter(|line| !line.is_empty())
        .map(str::parse::<Edit>)
        .collect();
    let edits = edits.map_err(|why| bad(&why))?;
    let edited = base.document().edited(&edits);
    Ok(edited.map_err(|why| bad(&why))?.document)
}

fn bad(why: &impl ToString) -> Refusal {
    Refusal::BadDefinition(why.to_string())
}
