//! What a machine's card says besides its name: whose it is and where.

use archipel_protocol::text::clean_line;
pub(crate) use archipel_protocol::vcard::Organisation;

/// The longest text of a field, characters: as many as a card shows.
const TEXT: usize = 128;

/// What a request says of it; what it leaves out stays.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) locality: Option<&'a str>,
    pub(crate) owner: Option<&'a str>,
    pub(crate) categories: Option<&'a str>,
}

impl Said<'_> {
    /// What is known, with what was said.
    pub(crate) fn about(self, mut known: Organisation) -> Organisation {
        for (field, said) in [
            (&mut known.name, self.name),
            (&mut known.unit, self.unit),
            (&mut known.locality, self.locality),
            (&mut known.owner, self.owner),
            (&mut known.categories, self.categories),
        ] {
            if let Some(said) = said {
                *field = clean_line(said, TEXT);
            }
        }
        known
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
        assert_eq!(said.about(known), wanted);
    }
}
