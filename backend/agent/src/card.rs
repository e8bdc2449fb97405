//! What a machine's card says besides its name: whose it is and where.

use archipel_protocol::text::clean_line;

/// The longest text of a field, characters: as many as a card shows.
const TEXT: usize = 128;

/// Organisation data. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Organisation {
    /// Organisation.
    pub(crate) name: String,
    /// Unit of the organisation.
    pub(crate) unit: String,
    /// Place.
    pub(crate) locality: String,
    /// Owner, a mail address as a rule.
    pub(crate) owner: String,
    /// Free words.
    pub(crate) categories: String,
}

/// What a request says of it; what it leaves out stays.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) locality: Option<&'a str>,
    pub(crate) owner: Option<&'a str>,
    pub(crate) categories: Option<&'a str>,
}

impl Organisation {
    /// With what was said.
    #[must_use]
    pub(crate) fn with(mut self, said: Said<'_>) -> Self {
        for (field, said) in [
            (&mut self.name, said.name),
            (&mut self.unit, said.unit),
            (&mut self.locality, said.locality),
            (&mut self.owner, said.owner),
            (&mut self.categories, said.categories),
        ] {
            if let Some(said) = said {
                *field = clean_line(said, TEXT);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays() {
        let said = Said {
            name: Some("Lab"),
            owner: Some("o@d\u{1b}[2J"),
            ..Said::default()
        };
        let known = Organisation {
            unit: "Ops".into(),
            owner: "else".into(),
            ..Organisation::default()
        };
        let wanted = Organisation {
            name: "Lab".into(),
            unit: "Ops".into(),
            owner: "o@d[2J".into(),
            ..Organisation::default()
        };
        assert_eq!(known.with(said), wanted);
    }
}
