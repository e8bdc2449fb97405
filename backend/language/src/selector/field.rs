//! The one table of fields.

use crate::verb::Noun;

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Its name.
    Name,
    /// A machine's uuid, a hypervisor's address.
    Id,
    /// What it does.
    State,
    /// The name or the address of the hypervisor that has it.
    Hypervisor,
    /// The groups of its hypervisor.
    Group,
    /// Its tags.
    Tag,
    /// Number of virtual processors.
    Vcpus,
    /// Memory.
    Memory,
    /// Processor load now.
    Cpu,
    /// Whether an agent manages it.
    Managed,
    /// Number of machines.
    Machines,
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
    /// A machine's state.
    State,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// Yes or no.
    Yes,
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
}

const fn vm(
    field: Field,
    names: [&'static str; 2],
    aliases: &'static [&'static str],
    kind: Kind,
) -> FieldRow {
    let [name, summary] = names;
    FieldRow {
        noun: Noun::Vm,
        field,
        name,
        aliases,
        kind,
        summary,
    }
}

const fn host(
    field: Field,
    names: [&'static str; 2],
    aliases: &'static [&'static str],
    kind: Kind,
) -> FieldRow {
    FieldRow {
        noun: Noun::Hypervisor,
        ..vm(field, names, aliases, kind)
    }
}

/// All fields of this version.
pub static FIELDS: &[FieldRow] = &[
    vm(Field::Name, ["name", "the machine's name"], &[], Kind::Text),
    vm(
        Field::Id,
        ["id", "the machine's uuid"],
        &["uuid"],
        Kind::Text,
    ),
    vm(
        Field::State,
        ["state", "running, paused, off, …"],
        &["status"],
        Kind::State,
    ),
    vm(
        Field::Hypervisor,
        ["hypervisor", "name or address of its hypervisor"],
        &["host"],
        Kind::Text,
    ),
    vm(
        Field::Group,
        ["group", "a group of its hypervisor"],
        &["cluster"],
        Kind::Text,
    ),
    vm(
        Field::Tag,
        ["tag", "a tag, such as web or infra/**"],
        &["tags"],
        Kind::Tags,
    ),
    vm(
        Field::Vcpus,
        ["vcpus", "number of virtual processors"],
        &["cpus"],
        Kind::Number(Measure::Count),
    ),
    vm(
        Field::Memory,
        ["memory", "memory, such as 4GiB"],
        &["mem"],
        Kind::Number(Measure::Bytes),
    ),
    vm(
        Field::Cpu,
        ["cpu", "processor load, such as 80%"],
        &["load"],
        Kind::Number(Measure::Percent),
    ),
    vm(
        Field::Managed,
        ["managed", "yes or no: whether the agent manages it"],
        &[],
        Kind::Yes,
    ),
    host(
        Field::Name,
        ["name", "the hypervisor's name"],
        &[],
        Kind::Text,
    ),
    host(
        Field::Id,
        ["id", "the hypervisor's address"],
        &["jid"],
        Kind::Text,
    ),
    host(
        Field::State,
        ["state", "online or offline"],
        &["status"],
        Kind::Word(&["online", "offline"]),
    ),
    host(
        Field::Group,
        ["group", "one of its groups"],
        &["cluster"],
        Kind::Text,
    ),
    host(
        Field::Memory,
        ["memory", "memory, such as 64GiB"],
        &["mem"],
        Kind::Number(Measure::Bytes),
    ),
    host(
        Field::Cpu,
        ["cpu", "processor load, such as 80%"],
        &["load"],
        Kind::Number(Measure::Percent),
    ),
    host(
        Field::Machines,
        ["machines", "number of its machines"],
        &["vms"],
        Kind::Number(Measure::Count),
    ),
];

/// The fields of `noun`.
pub(super) fn fields(noun: Noun) -> impl Iterator<Item = &'static FieldRow> {
    FIELDS.iter().filter(move |row| row.noun == noun)
}

/// The row of `noun` with this name or alias, in any capitals.
pub(super) fn by_word(noun: Noun, word: &str) -> Option<&'static FieldRow> {
    let same = |name: &&str| name.eq_ignore_ascii_case(word);
    fields(noun).find(|row| same(&row.name) || row.aliases.iter().any(same))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_means_two_fields() {
        for row in FIELDS {
            let words = row.aliases.iter().chain([&row.name]);
            for word in words {
                let found = by_word(row.noun, word).map(|found| found.field);
                assert_eq!(found, Some(row.field), "{word}");
            }
        }
    }
}
