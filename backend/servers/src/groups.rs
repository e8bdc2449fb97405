//! Who has whom in the contact list: operators have every hypervisor; hypervisors do not have each other.

use std::{fmt, str::FromStr};

use archipel_protocol::BareJid;

/// A group of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Persons.
    Operators,
    /// Hosts.
    Hypervisors,
}

impl Group {
    /// Its name: in contact lists, in Prosody's file, and for `trusted_groups` of an operator's profile.
    pub fn name(self) -> &'static str {
        match self {
            Group::Operators => "Operators",
            Group::Hypervisors => "Hypervisors",
        }
    }
}

/// The members of both groups, in the form of Prosody's file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    /// Persons.
    pub operators: Vec<BareJid>,
    /// Hosts.
    pub hypervisors: Vec<BareJid>,
}

/// A line that no group's file has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line}: `{text}` is neither [Operators], [Hypervisors] nor an account below one of them"
)]
pub struct InvalidGroups {
    line: usize,
    text: String,
}

impl Groups {
    /// The members of one.
    pub fn of(&self, group: Group) -> &[BareJid] {
        match group {
            Group::Operators => &self.operators,
            Group::Hypervisors => &self.hypervisors,
        }
    }

    /// Adds a member; whether it is new.
    pub fn add(&mut self, group: Group, member: BareJid) -> bool {
        let members = match group {
            Group::Operators => &mut self.operators,
            Group::Hypervisors => &mut self.hypervisors,
        };
        let new = !members.contains(&member);
        if new {
            members.push(member);
        }
        new
    }
}

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in [Group::Operators, Group::Hypervisors] {
            writeln!(f, "[{}]", group.name())?;
            for member in self.of(group) {
                writeln!(f, "{member}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Groups {
    type Err = InvalidGroups;

    fn from_str(text: &str) -> Result<Self, InvalidGroups> {
        let mut groups = Self::default();
        let mut current = None;
        for (at, line) in text.lines().enumerate() {
            let invalid = || InvalidGroups {
                line: at + 1,
                text: line.to_owned(),
            };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with('[') {
                current = Some(
                    [Group::Operators, Group::Hypervisors]
                        .into_iter()
                        .find(|group| {
                            line.strip_prefix('[')
                                .and_then(|rest| rest.strip_suffix(']'))
                                == Some(group.name())
                        })
                        .ok_or_else(invalid)?,
                );
                continue;
            }
            let jid = line.split('=').next().unwrap_or_default().trim();
            let member = BareJid::new(jid).map_err(|_| invalid())?;
            groups.add(current.ok_or_else(invalid)?, member);
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let mut groups: Groups =
            "[Operators]\nadmin@dc.example\n\n[Hypervisors]\nhv01@dc.example=hv01\n# gone\n"
                .parse()
                .unwrap();
        assert!(!groups.add(Group::Hypervisors, "hv01@dc.example".parse().unwrap()));
        assert!(groups.add(Group::Hypervisors, "hv02@dc.example".parse().unwrap()));
        assert_eq!(groups.to_string().parse::<Groups>().unwrap(), groups);
        assert_eq!(groups.hypervisors.len(), 2);
    }

    #[test]
    fn a_foreign_line_is_named() {
        let error = "[Operators]\nadmin@dc.example\n[Others]"
            .parse::<Groups>()
            .unwrap_err();
        assert!(
            error.to_string().starts_with("line 3: `[Others]`"),
            "{error}"
        );
        assert!("admin@dc.example".parse::<Groups>().is_err());
    }
}
