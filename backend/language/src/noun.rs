//! The one table of nouns, and how they hang together.

use std::fmt;

/// What a selector picks from and a verb acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Noun {
    /// A machine.
    Vm,
    /// A hypervisor.
    Hypervisor,
    /// A numbered fact in an agent's log.
    Event,
    /// A running plan or a long operation.
    Task,
    /// A snapshot of a machine.
    Snapshot,
    /// A virtual network of a hypervisor.
    Network,
    /// A storage pool of a hypervisor.
    Pool,
    /// A volume in a storage pool.
    Volume,
    /// A packaged machine that can be downloaded.
    Appliance,
    /// Something that is scheduled.
    Job,
    /// A contact that is neither a hypervisor nor a machine.
    Person,
}

impl Noun {
    /// The row of the table.
    pub fn row(self) -> &'static NounRow {
        // Every noun has a row: a test holds it to that.
        NOUNS.iter().find(|row| row.noun == self).unwrap_or(&VM)
    }

    /// The noun that `word` means, in the singular, the plural or by an alias, in any capitals.
    pub fn by_word(word: &str) -> Option<Self> {
        let same = |known: &str| known.eq_ignore_ascii_case(word);
        let row = NOUNS.iter().find(|row| {
            same(row.word) || same(row.plural) || row.aliases.iter().any(|alias| same(alias))
        });
        row.map(|row| row.noun)
    }

    /// The word in ids and on the command line.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// The word in front of a selector's colon.
    pub fn plural(self) -> &'static str {
        self.row().plural
    }
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A row of the table of nouns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NounRow {
    /// The noun.
    pub noun: Noun,
    /// One of them.
    pub word: &'static str,
    /// Several.
    pub plural: &'static str,
    /// Other words for it, oVirt's among them.
    pub aliases: &'static [&'static str],
    /// What it is.
    pub summary: &'static str,
}

const fn row(noun: Noun, words: [&'static str; 3], aliases: &'static [&'static str]) -> NounRow {
    let [word, plural, summary] = words;
    NounRow {
        noun,
        word,
        plural,
        aliases,
        summary,
    }
}

const VM: NounRow = row(
    Noun::Vm,
    ["vm", "vms", "a machine"],
    &["machine", "machines"],
);

/// All nouns.
pub static NOUNS: &[NounRow] = &[
    VM,
    row(
        Noun::Hypervisor,
        ["hypervisor", "hypervisors", "a host that runs an agent"],
        &["host", "hosts"],
    ),
    row(
        Noun::Event,
        ["event", "events", "a numbered fact in an agent's log"],
        &[],
    ),
    row(
        Noun::Task,
        ["task", "tasks", "a running plan or a long operation"],
        &[],
    ),
    row(
        Noun::Snapshot,
        ["snapshot", "snapshots", "a snapshot of a machine"],
        &[],
    ),
    row(
        Noun::Network,
        ["network", "networks", "a virtual network of a hypervisor"],
        &["net", "nets"],
    ),
    row(
        Noun::Pool,
        ["pool", "pools", "a storage pool of a hypervisor"],
        &["storage", "storages"],
    ),
    row(
        Noun::Volume,
        ["volume", "volumes", "a volume in a storage pool"],
        &["disk", "disks"],
    ),
    row(
        Noun::Appliance,
        ["appliance", "appliances", "a packaged machine"],
        &["template", "templates"],
    ),
    row(
        Noun::Job,
        ["job", "jobs", "something that is scheduled"],
        &[],
    ),
    row(
        Noun::Person,
        ["person", "people", "a contact who is a person"],
        &["user", "users"],
    ),
];

/// A way from one noun to another, for dotted paths and `any(…)` and its like.
#[derive(Debug, PartialEq, Eq)]
pub struct Relation {
    /// Where it starts.
    pub from: Noun,
    /// Where it leads.
    pub to: Noun,
    /// Whether it may lead to more than one; then it is spelled in the plural.
    pub many: bool,
}

impl Relation {
    /// Its word in a selector.
    pub fn word(&self) -> &'static str {
        if self.many {
            self.to.plural()
        } else {
            self.to.word()
        }
    }

    /// The relation of `from` that `word` means; singular and plural are both understood.
    pub fn by_word(from: Noun, word: &str) -> Option<&'static Self> {
        let to = Noun::by_word(word)?;
        of(from).find(|relation| relation.to == to)
    }
}

/// The relations of `noun`.
pub fn of(noun: Noun) -> impl Iterator<Item = &'static Relation> {
    RELATIONS.iter().filter(move |row| row.from == noun)
}

const fn one(from: Noun, to: Noun) -> Relation {
    Relation {
        from,
        to,
        many: false,
    }
}

const fn many(from: Noun, to: Noun) -> Relation {
    Relation {
        from,
        to,
        many: true,
    }
}

/// All relations.
pub static RELATIONS: &[Relation] = &[
    one(Noun::Vm, Noun::Hypervisor),
    many(Noun::Vm, Noun::Snapshot),
    many(Noun::Vm, Noun::Network),
    many(Noun::Vm, Noun::Volume),
    many(Noun::Vm, Noun::Event),
    many(Noun::Vm, Noun::Task),
    many(Noun::Vm, Noun::Job),
    many(Noun::Hypervisor, Noun::Vm),
    many(Noun::Hypervisor, Noun::Network),
    many(Noun::Hypervisor, Noun::Pool),
    many(Noun::Hypervisor, Noun::Appliance),
    many(Noun::Hypervisor, Noun::Event),
    many(Noun::Hypervisor, Noun::Task),
    many(Noun::Hypervisor, Noun::Job),
    one(Noun::Event, Noun::Vm),
    one(Noun::Event, Noun::Hypervisor),
    one(Noun::Event, Noun::Task),
    many(Noun::Task, Noun::Vm),
    one(Noun::Task, Noun::Hypervisor),
    many(Noun::Task, Noun::Event),
    one(Noun::Snapshot, Noun::Vm),
    one(Noun::Network, Noun::Hypervisor),
    many(Noun::Network, Noun::Vm),
    one(Noun::Pool, Noun::Hypervisor),
    many(Noun::Pool, Noun::Volume),
    one(Noun::Volume, Noun::Pool),
    many(Noun::Volume, Noun::Vm),
    one(Noun::Appliance, Noun::Hypervisor),
    one(Noun::Job, Noun::Vm),
    one(Noun::Job, Noun::Hypervisor),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_one_noun() {
        for row in NOUNS {
            assert_eq!(row.noun.row(), row);
            for word in [row.word, row.plural].iter().chain(row.aliases) {
                assert_eq!(Noun::by_word(word), Some(row.noun), "{word}");
            }
        }
    }

    #[test]
    fn there_is_at_most_one_way_from_noun_to_noun() {
        for relation in RELATIONS {
            assert_eq!(
                Relation::by_word(relation.from, relation.word()),
                Some(relation)
            );
        }
    }
}
