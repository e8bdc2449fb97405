//! The rows of a machine.

use std::borrow::Cow;

use minidom::Element;

use crate::{
    ids::VmId,
    ns,
    state::VmState,
    text::clean_line,
    vcard::Organisation,
    xml::{Build, ParseError, name, optional, required},
};

/// The longest name in a row, in characters; a longer one is cut with a mark.
pub const NAME_LIMIT: usize = 64;
/// The longest tag, in characters, and the most tags that are read.
const TAG_LIMITS: (usize, usize) = (64, 32);

/// A machine: `<vm i='UUID' n='web01' s='r' c='2' m='4194304' f='am' t='prod;;web'/>`.
///
/// At most 130 bytes with a name of 16 characters and one tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmRow {
    /// `i`: its id.
    pub id: VmId,
    /// `n`: its name, cut to [`NAME_LIMIT`] characters, free of control characters when read.
    pub name: String,
    /// `s`: its state as a letter.
    pub state: VmState,
    /// `c`: virtual processors.
    pub vcpus: u32,
    /// `m`: memory, KiB.
    pub memory_kib: u64,
    /// `f`, letters: what else is so.
    pub flags: VmFlags,
    /// `t`: its tags, joined by `;;`.
    pub tags: Vec<String>,
    /// `o`, `u`, `l`, `w`, `k`: organisation, unit, place, owner, categories; `None`: nothing is known of it.
    pub organisation: Option<Box<Organisation>>,
}

/// What a machine is or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
// Independent facts, not a state machine.
#[allow(clippy::struct_excessive_bools)]
pub struct VmFlags {
    /// `m`: the agent looks after it; otherwise it only shows it.
    pub managed: bool,
    /// `a`: it starts with its host.
    pub autostart: bool,
    /// `t`: no definition remains when it stops.
    pub transient: bool,
    /// `x`: it has a session of its own on the bus.
    pub session: bool,
    /// `p`: its agent refuses to switch it off hard and to remove anything of it.
    pub protected: bool,
    /// `s`: its memory is saved, the next start goes on from there.
    pub saved: bool,
}

impl VmFlags {
    fn letters(self) -> String {
        let all = [
            (self.managed, 'm'),
            (self.autostart, 'a'),
            (self.transient, 't'),
            (self.session, 'x'),
            (self.protected, 'p'),
            (self.saved, 's'),
        ];
        all.into_iter()
            .filter_map(|(on, letter)| on.then_some(letter))
            .collect()
    }

    fn parse(letters: &str) -> Self {
        let has = |letter| letters.contains(letter);
        Self {
            managed: has('m'),
            autostart: has('a'),
            transient: has('t'),
            session: has('x'),
            protected: has('p'),
            saved: has('s'),
        }
    }
}

impl VmRow {
    pub(super) fn to_element(&self) -> Element {
        let flags = self.flags.letters();
        Build::new("vm", ns::FLEET)
            .attr(name!("i"), self.id)
            .attr(name!("n"), short(&self.name))
            .attr(name!("s"), self.state.letter())
            .attr(name!("c"), self.vcpus)
            .attr(name!("m"), self.memory_kib)
            .maybe(name!("f"), (!flags.is_empty()).then_some(flags))
            .maybe(
                name!("t"),
                (!self.tags.is_empty()).then(|| self.tags.join(";;")),
            )
            .maybe(name!("o"), self.told(|of| &of.name))
            .maybe(name!("u"), self.told(|of| &of.unit))
            .maybe(name!("l"), self.told(|of| &of.locality))
            .maybe(name!("w"), self.told(|of| &of.owner))
            .maybe(name!("k"), self.told(|of| &of.categories))
            .done()
    }

    /// A field of its organisation, unless it is empty.
    fn told(&self, field: impl Fn(&Organisation) -> &String) -> Option<String> {
        let text = field(self.organisation.as_deref()?);
        (!text.is_empty()).then(|| clean_line(text, NAME_LIMIT))
    }

    pub(super) fn parse(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            id: required(element, "i")?,
            name: clean_line(element.attr("n").unwrap_or_default(), NAME_LIMIT),
            state: VmState::from_letter(element.attr("s").unwrap_or_default()),
            vcpus: optional(element, "c")?.unwrap_or_default(),
            memory_kib: optional(element, "m")?.unwrap_or_default(),
            flags: VmFlags::parse(element.attr("f").unwrap_or_default()),
            tags: parse_tags(element.attr("t").unwrap_or_default()),
            organisation: parse_organisation(element),
        })
    }
}

/// The first [`NAME_LIMIT`] characters, cut with a mark. Not cleaned: the reader protects its own terminal.
fn short(name: &str) -> Cow<'_, str> {
    if name.chars().count() <= NAME_LIMIT {
        return name.into();
    }
    let mut cut: String = name.chars().take(NAME_LIMIT - 1).collect();
    cut.push('…');
    cut.into()
}

fn parse_organisation(row: &Element) -> Option<Box<Organisation>> {
    let line = |name| clean_line(row.attr(name).unwrap_or_default(), NAME_LIMIT);
    let found = Organisation {
        name: line("o"),
        unit: line("u"),
        locality: line("l"),
        owner: line("w"),
        categories: line("k"),
    };
    (!found.is_empty()).then(|| Box::new(found))
}

fn parse_tags(joined: &str) -> Vec<String> {
    let tags = joined.split(";;").map(|tag| clean_line(tag, TAG_LIMITS.0));
    tags.filter(|tag| !tag.is_empty())
        .take(TAG_LIMITS.1)
        .collect()
}

/// A machine's figures: `<u i='UUID' c='431' m='1048576' r='0' w='4096' d='0' s='0'/>`; what is absent is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VmLoad {
    /// `i`: its id.
    pub id: VmId,
    /// `c`: share of one processor in use, thousandths; may exceed 1,000.
    pub cpu_permille: Option<u32>,
    /// `m`: memory that it occupies on the host, KiB.
    pub memory_kib: Option<u64>,
    /// `r`, `w`: bytes per second read from and written to disks.
    pub disk: Option<(u64, u64)>,
    /// `d`, `s`: bytes per second received and sent.
    pub net: Option<(u64, u64)>,
}

impl VmLoad {
    pub(super) fn to_element(self) -> Element {
        Build::new("u", ns::FLEET)
            .attr(name!("i"), self.id)
            .maybe(name!("c"), self.cpu_permille)
            .maybe(name!("m"), self.memory_kib)
            .maybe(name!("r"), self.disk.map(|(read, _)| read))
            .maybe(name!("w"), self.disk.map(|(_, written)| written))
            .maybe(name!("d"), self.net.map(|(received, _)| received))
            .maybe(name!("s"), self.net.map(|(_, sent)| sent))
            .done()
    }

    pub(super) fn parse(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            id: required(element, "i")?,
            cpu_permille: optional(element, "c")?,
            memory_kib: optional(element, "m")?,
            disk: optional(element, "r")?.zip(optional(element, "w")?),
            net: optional(element, "d")?.zip(optional(element, "s")?),
        })
    }
}
