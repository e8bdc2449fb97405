//! Fields: what a record can be asked for.

use super::table::fields;
use crate::noun::Noun;

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Its name.
    Name,
    /// A machine's uuid, a hypervisor's address, an event's number.
    Id,
    /// What it does.
    State,
    /// The name or the address of the hypervisor that has it.
    Hypervisor,
    /// The groups of its hypervisor.
    Group,
    /// Its tags.
    Tag,
    /// Number of virtual processors; of a hypervisor, of its threads.
    Vcpus,
    /// Memory in bytes.
    Memory,
    /// Processor load now, in percent.
    Cpu,
    /// Whether an agent manages it.
    Managed,
    /// Number of machines.
    Machines,
    /// Any of its texts. The evaluation composes it; records need not answer for it.
    Text,
    /// Free text about it.
    Description,
    /// Whether it starts with its host.
    Autostart,
    /// Whether the agent refuses to destroy it.
    Protected,
    /// For how many seconds it has been up.
    Uptime,
    /// The time that `since` and `until` mean, in seconds since 1970 UTC.
    Time,
    /// When it ended, in seconds since 1970 UTC.
    Ended,
    /// The name or the id of the machine that it is about.
    Vm,
    /// The bare address of the person behind it.
    Who,
    /// The id of a verb.
    Verb,
    /// How it ended.
    Result,
    /// How much it matters.
    Severity,
    /// What sort it is.
    Sort,
    /// How far it is, in percent.
    Progress,
    /// Whether it is the current one.
    Current,
    /// A bridge on the host.
    Bridge,
    /// The pool that holds it.
    Pool,
    /// The format of its data.
    Format,
    /// How much fits, in bytes.
    Capacity,
    /// How much is taken, in bytes.
    Used,
    /// How much is left, in bytes.
    Free,
    /// The `VMCast` that offers it.
    Feed,
    /// The driver of libvirt.
    Driver,
    /// The version of the agent.
    Version,
    /// A permission that somebody holds.
    Permission,
    /// The organisation that it belongs to.
    Organisation,
    /// The unit of the organisation.
    Unit,
    /// Where it is.
    Locality,
    /// Whose it is.
    Owner,
    /// Free words on its card.
    Categories,
}

/// What a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, with wildcards.
    Text,
    /// Tags: paths in a tree.
    Tags,
    /// A number.
    Number(Measure),
    /// A moment.
    Time,
    /// A machine's state.
    State,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// One of a few words, each more than those before it.
    Level(&'static [&'static str]),
    /// Yes or no.
    Yes,
}

impl Kind {
    /// Whether its values have an order: `<` and its like, ranges.
    pub(super) const fn is_ordered(self) -> bool {
        matches!(self, Self::Number(_) | Self::Time | Self::Level(_))
    }

    /// Whether its values are text: `~` and `has`.
    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Tags)
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Things.
    Count,
    /// Bytes, written with a unit.
    Bytes,
    /// Percent.
    Percent,
    /// Seconds, written with a unit.
    Duration,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRow {
    /// The noun that has it.
    pub noun: Noun,
    /// The field.
    pub field: Field,
    /// The word in a selector.
    pub name: &'static str,
    /// Other words for it, oVirt's among them.
    pub aliases: &'static [&'static str],
    /// What its values are.
    pub kind: Kind,
    /// What it says, for help and completion.
    pub summary: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// The row of `noun` with this name or alias, in any capitals.
pub(super) fn by_word(noun: Noun, word: &str) -> Option<&'static FieldRow> {
    let same = |name: &&str| name.eq_ignore_ascii_case(word);
    let mut rows = fields(noun).iter();
    rows.find(|row| same(&row.name) || row.aliases.iter().any(same))
}

/// The time that `since` means for `noun`.
pub(super) fn time_of(noun: Noun) -> Option<&'static FieldRow> {
    let mut rows = fields(noun).iter();
    rows.find(|row| row.field == Field::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_means_two_fields() {
        for row in crate::noun::NOUNS.iter().flat_map(|row| fields(row.noun)) {
            let words = row.aliases.iter().chain([&row.name]);
            for word in words {
                let found = by_word(row.noun, word).map(|found| found.field);
                assert_eq!(found, Some(row.field), "{word}");
            }
        }
    }

    #[test]
    fn every_noun_can_be_searched() {
        for row in crate::noun::NOUNS {
            assert!(by_word(row.noun, "text").is_some(), "{}", row.word);
        }
    }
}
