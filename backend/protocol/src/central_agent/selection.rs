//! What originals ask the central database for. The wire carries raw SQL; only the two sentences that originals form are known, and
//! everything else is refused.

use crate::{
    ids::VmId,
    xml::{ParseError, shown},
};

/// Machines in the central database that are parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// A page of them, by name.
    Page {
        /// A part of the name.
        filter: Option<String>,
        /// How many come before the page.
        offset: u32,
    },
    /// These, as far as they are parked.
    These(Vec<VmId>),
}

const PARKED: &str =
    "(hypervisor='None' or hypervisor not in (select jid from hypervisors where status='Online'))";
const DEFINED: &str = "domain != 'None' and ";
const PAGE: &str = " order by name limit 30 offset ";

impl Selection {
    /// The condition as originals form it.
    pub fn condition(&self) -> String {
        match self {
            Self::Page { filter, offset } => {
                let filter = filter
                    .as_ref()
                    .map(|text| format!("name like '%{text}%' and "));
                let filter = filter.unwrap_or_default();
                format!("{filter}{DEFINED}{PARKED}{PAGE}{offset}")
            }
            Self::These(machines) => {
                let terms: Vec<_> = machines.iter().map(|vm| format!("uuid='{vm}'")).collect();
                format!("{} and {PARKED}", terms.join(" or "))
            }
        }
    }

    /// Reads a condition of an original.
    pub fn parse(condition: &str) -> Result<Self, ParseError> {
        let text = condition.trim();
        Self::page(text)
            .or_else(|| Self::these(text))
            .ok_or_else(|| {
                let why = format!("not a condition that originals send ({})", shown(text));
                ParseError::invalid("where_statement", why)
            })
    }

    fn page(text: &str) -> Option<Self> {
        let (head, offset) = text.split_once(PAGE)?;
        let head = head.strip_suffix(PARKED)?.strip_suffix(DEFINED)?;
        let filter = match head {
            "" => None,
            _ => Some(
                head.strip_prefix("name like '%")?
                    .strip_suffix("%' and ")
                    .filter(|text| !text.contains(['\'', '%', '\\']))?
                    .to_owned(),
            ),
        };
        let offset = offset.parse().ok()?;
        Some(Self::Page { filter, offset })
    }

    fn these(text: &str) -> Option<Self> {
        let terms = text.strip_suffix(PARKED)?.strip_suffix(" and ")?;
        let machine = |term: &str| {
            let id = term.strip_prefix("uuid='")?.strip_suffix('\'')?;
            id.parse().ok()
        };
        terms
            .split(" or ")
            .map(machine)
            .collect::<Option<_>>()
            .map(Self::These)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_originals_send_comes_back() {
        let vm: VmId = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01".parse().unwrap();
        for selection in [
            Selection::Page {
                filter: None,
                offset: 0,
            },
            Selection::Page {
                filter: Some("web".into()),
                offset: 60,
            },
            Selection::These(vec![vm]),
            Selection::These(vec![vm, vm]),
        ] {
            assert_eq!(Selection::parse(&selection.condition()).unwrap(), selection);
        }
    }

    #[test]
    fn other_sql_is_refused() {
        let injected = Selection::Page {
            filter: Some("x' or '1'='1".into()),
            offset: 0,
        };
        for bad in ["", "1=1", "uuid='../..' and x", &injected.condition()] {
            assert!(Selection::parse(bad).is_err(), "{bad}");
        }
    }
}
