//! The last known fleet of a profile, so that the screen has something to show before the first answer.
//!
//! A line of JSON that says what the file is, and one for each hypervisor: each is put to use while the next is read.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Split},
    path::Path,
};

use archipel_config::write_private;
use archipel_fleet::{
    Cached, Contact, Event, Fleet, Freshness, Hypervisor, Moment, Reach, Stamped, Vm,
};
use archipel_protocol::{
    BareJid, Epoch, FullJid, HypervisorId, Seq, VmState,
    feed::{HostRow, Rights, ScopedRights, VmFlags, VmRow},
    text::clean_line,
    vcard::Organisation,
};
use serde::{Deserialize, Serialize};

/// Another number means another shape: the file is thrown away.
const VERSION: u32 = 4;
/// No cache is larger, bytes.
const SIZE_LIMIT: u64 = 256 << 20;
/// Bytes read at a time.
const BUFFER: usize = 64 << 10;
/// The longest line of text taken from the file, in characters.
const TEXT_LIMIT: usize = 128;

/// The first line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    version: u32,
    account: String,
}

impl Head {
    fn of(account: &BareJid) -> Self {
        Self {
            version: VERSION,
            account: account.to_string(),
        }
    }
}

/// One hypervisor.
#[derive(Debug, Serialize, Deserialize)]
struct HostEntry {
    id: String,
    name: String,
    groups: Vec<String>,
    /// The full address its agent had last.
    jid: Option<String>,
    known: Option<(String, u64)>,
    heard: u64,
    host: Option<PropertiesEntry>,
    vms: Vec<VmEntry>,
}

/// The properties of a host.
#[derive(Debug, Serialize, Deserialize)]
struct PropertiesEntry {
    name: String,
    driver: String,
    versions: (u64, u64, String),
    cpus: u32,
    mhz: u32,
    model: String,
    memory_kib: u64,
    lost: Option<String>,
    /// `None`: everything is allowed.
    may: Option<Vec<String>>,
    /// What is allowed on the machines of a scope.
    scoped: Vec<(String, Option<Vec<String>>)>,
    policy: u64,
}

/// A machine: id, name, letter of its state, processors, KiB, flags, tags, organisation. A tuple, because there are tens of thousands.
#[derive(Debug, Serialize, Deserialize)]
struct VmEntry(
    String,
    String,
    String,
    u32,
    u64,
    u8,
    Vec<String>,
    Option<Box<[String; 5]>>,
);

/// What is remembered of one hypervisor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Remembered {
    pub(crate) rows: Cached,
    pub(crate) jid: Option<FullJid>,
    pub(crate) known: Option<(Epoch, Seq)>,
}

/// The file's hypervisors, read as they are taken. A file that is absent, of another version or of another account counts as empty, and
/// so does what follows a line that is damaged: it comes back by itself.
pub(crate) fn load(
    path: &Path,
    account: &BareJid,
    now: Moment,
) -> impl Iterator<Item = Remembered> + use<> {
    let lines = open(path, account).into_iter().flatten();
    let entries = lines.map_while(|line| serde_json::from_slice(&line.ok()?).ok());
    entries.filter_map(move |entry: HostEntry| entry.remembered(now))
}

/// The lines after the first.
fn open(path: &Path, account: &BareJid) -> io::Result<Split<BufReader<File>>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > SIZE_LIMIT {
        return Err(io::Error::other("larger than any cache"));
    }
    let mut lines = BufReader::with_capacity(BUFFER, file).split(b'\n');
    let first = lines.next().transpose()?.unwrap_or_default();
    let head: Head = serde_json::from_slice(&first)?;
    if head != Head::of(account) {
        return Err(io::Error::other("of another version or account"));
    }
    Ok(lines)
}

/// The last known fleet of a profile, for whoever only looks at it. What cannot be read counts as empty.
pub fn remembered(path: &Path, account: &BareJid, now: Moment) -> Fleet {
    let mut fleet = Fleet::default();
    for entry in load(path, account, now) {
        let id = entry.rows.contact.id.clone();
        for event in [
            Event::Trusted(id, true),
            Event::Cached(Box::new(entry.rows)),
        ] {
            fleet.apply(Stamped { at: now, event });
        }
    }
    fleet
}

/// Writes `fleet` as a profile's last known one, as the engine does when it ends; for fleets that nobody ran.
///
/// # Errors
///
/// When the file cannot be written.
pub fn save_fleet(path: &Path, account: &BareJid, fleet: &Fleet, now: Moment) -> io::Result<()> {
    let snapshot = Snapshot {
        fleet,
        account,
        now,
        jids: &|_| None,
    };
    let content = snapshot.content().map_err(io::Error::other)?;
    write_private(path, &content)
}

/// What is to be written.
pub(crate) struct Snapshot<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) account: &'a BareJid,
    pub(crate) now: Moment,
    /// The full addresses that agents had last, where they are not there now.
    pub(crate) jids: &'a dyn Fn(&HypervisorId) -> Option<FullJid>,
}

impl Snapshot<'_> {
    /// The content of the file.
    pub(crate) fn content(&self) -> serde_json::Result<Vec<u8>> {
        let mut content = serde_json::to_vec(&Head::of(self.account))?;
        for own in self.fleet.hypervisors() {
            content.push(b'\n');
            serde_json::to_writer(&mut content, &self.entry(own))?;
        }
        Ok(content)
    }

    fn entry(&self, own: &Hypervisor) -> HostEntry {
        HostEntry {
            id: own.id.to_string(),
            name: own.roster_name().to_owned(),
            groups: own.groups.clone(),
            jid: self.jid(own).map(|jid| jid.to_string()),
            known: own
                .known
                .as_ref()
                .map(|(epoch, seq)| (epoch.to_string(), seq.0)),
            heard: self.heard(own).0,
            host: own.row.as_ref().map(PropertiesEntry::of),
            vms: self.fleet.vms_of(&own.id).map(VmEntry::of).collect(),
        }
    }

    fn jid(&self, own: &Hypervisor) -> Option<FullJid> {
        match &own.reach {
            Reach::Online { jid } => Some(jid.clone()),
            _ => (self.jids)(&own.id),
        }
    }

    /// What is live is known to be so now.
    fn heard(&self, own: &Hypervisor) -> Moment {
        match own.fresh {
            Freshness::Stale { since } => since,
            Freshness::Live => self.now,
        }
    }
}

impl HostEntry {
    /// `None` where the account is none. Without all of its machines nothing may count as known.
    fn remembered(self, now: Moment) -> Option<Remembered> {
        let id: HypervisorId = self.id.parse().ok()?;
        let count = self.vms.len();
        let vms: Vec<VmRow> = self.vms.into_iter().filter_map(VmEntry::row).collect();
        let whole = vms.len() == count && self.host.is_some();
        let known = self.known.filter(|_| whole);
        let contact = Contact {
            name: clean_line(&self.name, TEXT_LIMIT),
            groups: self
                .groups
                .iter()
                .map(|group| clean_line(group, TEXT_LIMIT))
                .collect(),
            ..Contact::bare(id)
        };
        let rows = Cached {
            contact,
            host: self.host.map(PropertiesEntry::row),
            vms,
            heard: Moment(self.heard).min(now),
        };
        Some(Remembered {
            rows,
            jid: self.jid.and_then(|jid| FullJid::new(&jid).ok()),
            known: known.and_then(|(epoch, seq)| Some((epoch.parse().ok()?, Seq(seq)))),
        })
    }
}

impl PropertiesEntry {
    fn of(row: &HostRow) -> Self {
        Self {
            name: row.name.clone(),
            driver: row.driver.clone(),
            versions: (
                row.driver_version,
                row.libvirt_version,
                row.agent_version.clone(),
            ),
            cpus: row.cpus,
            mhz: row.mhz,
            model: row.model.clone(),
            memory_kib: row.memory_kib,
            lost: row.libvirt_lost.clone(),
            may: may(&row.rights),
            scoped: row
                .scoped
                .iter()
                .map(|scoped| (scoped.scope.clone(), may(&scoped.rights)))
                .collect(),
            policy: row.policy,
        }
    }

    fn row(self) -> HostRow {
        let (driver_version, libvirt_version, agent_version) = self.versions;
        let line = |text: String| clean_line(&text, TEXT_LIMIT);
        HostRow {
            name: line(self.name),
            driver: line(self.driver),
            driver_version,
            libvirt_version,
            agent_version: line(agent_version),
            cpus: self.cpus,
            mhz: self.mhz,
            model: line(self.model),
            memory_kib: self.memory_kib,
            libvirt_lost: self.lost.map(line),
            rights: rights(self.may),
            scoped: self
                .scoped
                .into_iter()
                .map(|(scope, may)| ScopedRights {
                    scope: line(scope),
                    rights: rights(may),
                })
                .collect(),
            policy: self.policy,
            // What was seen is kept elsewhere, and for longer.
            audit: None,
        }
    }
}

/// The permissions of rights that are not all.
fn may(rights: &Rights) -> Option<Vec<String>> {
    match rights {
        Rights::All => None,
        Rights::Only(names) => Some(names.clone()),
    }
}

fn rights(may: Option<Vec<String>>) -> Rights {
    may.map_or(Rights::All, Rights::Only)
}

impl VmEntry {
    fn of(vm: &Vm) -> Self {
        Self(
            vm.at.vm.to_string(),
            vm.name.to_string(),
            vm.state.letter().to_string(),
            vm.vcpus,
            vm.memory_kib,
            bits(vm.flags),
            vm.tags.clone(),
            vm.organisation
                .as_deref()
                .map(|card| Box::new(fields(card))),
        )
    }

    fn row(self) -> Option<VmRow> {
        let Self(id, name, state, vcpus, memory_kib, flags, tags, card) = self;
        Some(VmRow {
            organisation: organisation(card),
            id: id.parse().ok()?,
            name: clean_line(&name, TEXT_LIMIT),
            state: VmState::from_letter(&state),
            vcpus,
            memory_kib,
            flags: flags_of(flags),
            tags: tags.iter().map(|tag| clean_line(tag, TEXT_LIMIT)).collect(),
        })
    }
}

fn fields(organisation: &Organisation) -> [String; 5] {
    let Organisation {
        name,
        unit,
        locality,
        owner,
        categories,
    } = organisation.clone();
    [name, unit, locality, owner, categories]
}

fn organisation(fields: Option<Box<[String; 5]>>) -> Option<Box<Organisation>> {
    let [name, unit, locality, owner, categories] =
        fields?.map(|text| clean_line(&text, TEXT_LIMIT));
    Some(Box::new(Organisation {
        name,
        unit,
        locality,
        owner,
        categories,
    }))
}

fn bits(flags: VmFlags) -> u8 {
    let all = [
        flags.managed,
        flags.autostart,
        flags.transient,
        flags.session,
        flags.protected,
        flags.saved,
    ];
    all.iter()
        .rev()
        .fold(0, |bits, on| bits << 1 | u8::from(*on))
}

fn flags_of(bits: u8) -> VmFlags {
    VmFlags {
        managed: bits & 1 != 0,
        autostart: bits & 2 != 0,
        transient: bits & 4 != 0,
        session: bits & 8 != 0,
        protected: bits & 16 != 0,
        saved: bits & 32 != 0,
    }
}

#[cfg(test)]
mod tests;
