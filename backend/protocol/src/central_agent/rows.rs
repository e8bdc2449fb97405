//! The two tables of the central database as types.

use jid::Jid;

use super::Entry;
use crate::{
    document::Document,
    ids::VmId,
    table::words,
    xml::{ParseError, shown},
};

words! {
    /// What the central agent knows of a hypervisor.
    pub enum HypervisorStatus, "a status (Online, Unreachable, Off)" {
        /// It gives signs of life.
        Online = "online",
        /// It gave none for a while.
        Unreachable = "unreachable",
        /// Its agent said good-bye.
        Off = "off",
    }
}

impl HypervisorStatus {
    /// The original's spelling.
    const fn spelling(self) -> &'static str {
        match self {
            Self::Online => "Online",
            Self::Unreachable => "Unreachable",
            Self::Off => "Off",
        }
    }
}

/// A hypervisor in the central database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HypervisorRow {
    /// Its full address.
    pub jid: Jid,
    /// When it gave its last sign of life: the central agent's local time, without a zone.
    pub last_seen: Option<String>,
    /// What is known of it.
    pub status: HypervisorStatus,
    /// The statistics that the central agent asked for, in its order.
    pub statistics: [Option<String>; 3],
}

impl HypervisorRow {
    /// As a row with all six columns.
    pub fn to_entry(&self) -> Entry {
        let [first, second, third] = self.statistics.clone();
        Entry::new([
            ("jid", Some(self.jid.to_string())),
            ("status", Some(self.status.spelling().to_owned())),
            ("last_seen", self.last_seen.clone()),
            ("stat1", first),
            ("stat2", second),
            ("stat3", third),
        ])
    }

    /// Reads a row.
    pub fn parse(entry: &Entry) -> Result<Self, ParseError> {
        let text = |key| entry.get(key).map(str::to_owned);
        Ok(Self {
            jid: field(entry, "jid")?,
            last_seen: text("last_seen"),
            status: field(entry, "status")?,
            statistics: [text("stat1"), text("stat2"), text("stat3")],
        })
    }
}

/// A machine in the central database.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineRow {
    /// Its id.
    pub vm: VmId,
    /// Its name.
    pub name: Option<String>,
    /// Who parked it.
    pub parker: Option<String>,
    /// When it was made, if it was parked from the beginning.
    pub created: Option<String>,
    /// Its definition, with the account and its password in the description.
    pub domain: Option<Document>,
    /// Full address of its hypervisor; nothing when it is parked.
    pub hypervisor: Option<Jid>,
}

impl MachineRow {
    /// As a row with all six columns.
    pub fn to_entry(&self) -> Entry {
        Entry::new([
            ("uuid", Some(self.vm.to_string())),
            ("name", self.name.clone()),
            ("parker", self.parker.clone()),
            ("creation_date", self.created.clone()),
            ("domain", self.domain.as_ref().map(Document::text)),
            ("hypervisor", self.hypervisor.as_ref().map(Jid::to_string)),
        ])
    }

    /// Reads a row; columns that were not asked for are nothing.
    pub fn parse(entry: &Entry) -> Result<Self, ParseError> {
        let text = |key| entry.get(key).map(str::to_owned);
        let domain = entry.get("domain").map(Document::from_text);
        Ok(Self {
            vm: field(entry, "uuid")?,
            name: text("name"),
            parker: text("parker"),
            created: text("creation_date"),
            domain: domain.transpose()?,
            hypervisor: entry
                .get("hypervisor")
                .map(|_| field(entry, "hypervisor"))
                .transpose()?,
        })
    }
}

fn field<T: std::str::FromStr>(entry: &Entry, key: &'static str) -> Result<T, ParseError>
where
    T::Err: std::fmt::Display,
{
    let text = entry
        .get(key)
        .ok_or_else(|| ParseError::invalid(key, "not in the row"))?;
    text.parse()
        .map_err(|why| ParseError::invalid(key, format!("{why} ({})", shown(text))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_come_back() {
        let hypervisor = HypervisorRow {
            jid: "hv-a@dc.example/node-a".parse().unwrap(),
            last_seen: Some("2015-03-02 10:15:42.103311".into()),
            status: HypervisorStatus::Online,
            statistics: [Some("41210044".into()), None, None],
        };
        let entry = hypervisor.to_entry();
        assert_eq!(entry.get("status"), Some("Online"));
        assert_eq!(HypervisorRow::parse(&entry).unwrap(), hypervisor);
        let machine = MachineRow {
            vm: "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01".parse().unwrap(),
            name: Some("web".into()),
            parker: None,
            created: None,
            domain: Some(Document::from_text("<domain><name>web</name></domain>").unwrap()),
            hypervisor: None,
        };
        assert_eq!(MachineRow::parse(&machine.to_entry()).unwrap(), machine);
    }

    #[test]
    fn a_row_without_its_key_is_refused() {
        let entry = |key, value: &str| Entry::new([(key, Some(value.to_owned()))]);
        assert!(MachineRow::parse(&entry("uuid", "../..")).is_err());
        assert!(MachineRow::parse(&entry("name", "web")).is_err());
        assert!(HypervisorRow::parse(&entry("jid", "a@b/c")).is_err());
    }
}
