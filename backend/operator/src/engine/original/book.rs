//! What an agent of the original said of its machines.

use std::collections::BTreeMap;

use archipel_fleet::MACHINES_LIMIT;
use archipel_protocol::{
    FullJid, HypervisorId, Jid, VmId, VmState,
    feed::{NAME_LIMIT, Row, VmFlags, VmLoad, VmRow},
    hypervisor_control::RosterItem,
    text::clean_line,
    vm_control::Info,
};

/// The most rounds that a machine which does not answer is passed over.
const MOST_PASSED: u8 = 5;

/// Machines, with what is known of them.
#[derive(Debug, Default)]
pub(super) struct Book {
    machines: BTreeMap<VmId, Machine>,
}

#[derive(Debug)]
struct Machine {
    name: String,
    /// Its own session, where the agent manages it.
    jid: Option<FullJid>,
    managed: bool,
    /// As it was told last, by itself or by an answer.
    state: VmState,
    info: Option<Info>,
    /// How often in a row it did not answer.
    misses: u8,
    told: Option<(VmRow, Option<VmLoad>)>,
}

/// The machine that an address names.
pub(super) fn machine_of(jid: &Jid) -> Option<VmId> {
    jid.node()?.as_str().parse().ok()
}

impl Book {
    /// Takes the list of a hypervisor over; the answer is who is on it no longer.
    pub(super) fn list(&mut self, host: &HypervisorId, items: Vec<RosterItem>) -> Vec<VmId> {
        let mut before = std::mem::take(&mut self.machines);
        for item in items {
            let Some(vm) = machine_of(&item.jid) else {
                continue;
            };
            if self.machines.len() < MACHINES_LIMIT {
                let known = before.remove(&vm);
                self.machines.insert(vm, Machine::listed(host, item, known));
            }
        }
        before.into_keys().collect()
    }

    /// Who is to be asked in this round: those who did not answer ever more rarely.
    pub(super) fn due(&self, round: u32) -> Vec<VmId> {
        let turn = |machine: &Machine| round.is_multiple_of(1 << machine.misses.min(MOST_PASSED));
        let due = self.machines.iter();
        due.filter(|(_, machine)| machine.jid.is_some() && (machine.is_new() || turn(machine)))
            .map(|(vm, _)| *vm)
            .collect()
    }

    /// The session of a machine.
    pub(super) fn jid(&self, vm: VmId) -> Option<&FullJid> {
        self.machines.get(&vm)?.jid.as_ref()
    }

    /// All sessions.
    pub(super) fn jids(&self) -> impl Iterator<Item = (VmId, &FullJid)> {
        let machines = self.machines.iter();
        machines.filter_map(|(vm, machine)| Some((*vm, machine.jid.as_ref()?)))
    }

    /// All machines.
    pub(super) fn ids(&self) -> impl Iterator<Item = VmId> {
        self.machines.keys().copied()
    }

    pub(super) fn contains(&self, vm: VmId) -> bool {
        self.machines.contains_key(&vm)
    }

    /// A machine was asked: what it is, or that it has no definition.
    pub(super) fn answered(&mut self, vm: VmId, info: Option<Info>) {
        if let Some(machine) = self.machines.get_mut(&vm) {
            machine.misses = 0;
            machine.state = info.as_ref().map_or(VmState::Undefined, |info| info.state);
            machine.info = info;
        }
    }

    /// A machine was asked and did not say.
    pub(super) fn missed(&mut self, vm: VmId) {
        if let Some(machine) = self.machines.get_mut(&vm) {
            machine.misses = machine.misses.saturating_add(1);
        }
    }

    /// A machine says by itself what it does; one that is busy does not.
    pub(super) fn said(&mut self, vm: VmId, state: VmState) {
        if let Some(machine) = self.machines.get_mut(&vm) {
            machine.misses = 0;
            machine.state = state;
        }
    }

    /// Everything, as it is told first.
    pub(super) fn all(&mut self) -> Vec<Row> {
        for machine in self.machines.values_mut() {
            machine.told = None;
        }
        let all: Vec<VmId> = self.ids().collect();
        let news = all.into_iter().filter_map(|vm| self.news_of(vm));
        news.flatten().collect()
    }

    /// What was not told of a machine yet.
    pub(super) fn news_of(&mut self, vm: VmId) -> Option<Vec<Row>> {
        let machine = self.machines.get_mut(&vm)?;
        let now = (machine.row(vm), machine.load(vm));
        if machine.told.as_ref() == Some(&now) {
            return None;
        }
        machine.told = Some(now.clone());
        let (row, load) = now;
        Some(
            [Row::Vm(row)]
                .into_iter()
                .chain(load.map(Row::VmLoad))
                .collect(),
        )
    }
}

impl Machine {
    fn listed(host: &HypervisorId, item: RosterItem, known: Option<Self>) -> Self {
        let jid = item.jid.try_into_full().ok();
        let jid = jid.filter(|jid| item.managed && is_session_of(host, jid));
        let same = known.filter(|known| known.jid == jid);
        let (state, info, misses, told) = same.map_or_else(Default::default, |known| {
            (known.state, known.info, known.misses, known.told)
        });
        Self {
            name: clean_line(&item.name, NAME_LIMIT),
            jid,
            managed: item.managed,
            state,
            info,
            misses,
            told,
        }
    }

    fn is_new(&self) -> bool {
        self.told.is_none() && self.misses == 0
    }

    /// What is not known is nothing: no machine has no processor.
    fn row(&self, vm: VmId) -> VmRow {
        let info = self.info.as_ref();
        VmRow {
            organisation: None,
            id: vm,
            name: self.name.clone(),
            state: self.state,
            vcpus: info.map_or(0, |info| info.vcpus),
            memory_kib: info.map_or(0, |info| info.max_memory_kib),
            flags: VmFlags {
                managed: self.managed,
                autostart: info.is_some_and(|info| info.autostart),
                session: self.jid.is_some(),
                ..VmFlags::default()
            },
            tags: Vec::new(),
        }
    }

    /// Its use of processors is not among the figures: that agent divides it by a number of processors which it does not tell.
    fn load(&self, vm: VmId) -> Option<VmLoad> {
        let info = self.info.as_ref().filter(|_| self.state.is_active())?;
        Some(VmLoad {
            id: vm,
            cpu_permille: None,
            memory_kib: Some(info.memory_kib),
            disk: None,
            net: None,
        })
    }
}

/// A machine's session has the name part of its hypervisor's account as its resource, on the same server. An agent that names another
/// address would have commands sent to somebody else's machine.
fn is_session_of(host: &HypervisorId, jid: &FullJid) -> bool {
    let own = host.jid();
    let resource = own.node().map(|node| node.as_str().to_lowercase());
    jid.domain() == own.domain() && resource.as_deref() == Some(jid.resource().as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const WEB: &str = "7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01";
    const DB: &str = "b9a7e0f2-4d41-4d0e-8a55-0c7a4f5e2d10";

    fn host() -> HypervisorId {
        "hv-a@dc.example".parse().unwrap()
    }

    fn item(jid: &str, managed: bool) -> RosterItem {
        RosterItem {
            jid: jid.parse().unwrap(),
            name: "web\u{1b}01".into(),
            managed,
        }
    }

    fn book(items: &[(&str, bool)]) -> Book {
        let mut book = Book::default();
        let items = items.iter().map(|(jid, managed)| item(jid, *managed));
        book.list(&host(), items.collect());
        book
    }

    fn vm(id: &str) -> VmId {
        id.parse().unwrap()
    }

    fn row(book: &mut Book, id: &str) -> VmRow {
        match book.news_of(vm(id)).unwrap().remove(0) {
            Row::Vm(row) => row,
            other => unreachable!("{other:?}"),
        }
    }

    fn info(state: VmState) -> Info {
        Info {
            state,
            max_memory_kib: 2_097_152,
            memory_kib: 1_048_576,
            vcpus: 2,
            cpu_percent: 12.75,
            hypervisor: "hv-a@dc.example/node-a".parse().unwrap(),
            autostart: true,
        }
    }

    #[test]
    fn a_machine_is_what_it_said_last() {
        let mut book = book(&[(&format!("{WEB}@dc.example/hv-a"), true)]);
        let unknown = row(&mut book, WEB);
        assert_eq!((unknown.state, unknown.vcpus), (VmState::Unknown, 0));
        assert_eq!(unknown.name, "web01", "no control character gets through");
        book.answered(vm(WEB), Some(info(VmState::Off)));
        let off = row(&mut book, WEB);
        assert_eq!(
            (off.state, off.vcpus, off.memory_kib),
            (VmState::Off, 2, 2_097_152)
        );
        assert_eq!(book.news_of(vm(WEB)), None, "nothing is said twice");
        book.said(vm(WEB), VmState::Running);
        let rows = book.news_of(vm(WEB)).unwrap();
        let Row::VmLoad(load) = rows[1] else {
            unreachable!("{rows:?}")
        };
        assert_eq!(
            (load.memory_kib, load.cpu_permille),
            (Some(1_048_576), None)
        );
        book.answered(vm(WEB), None);
        assert_eq!(row(&mut book, WEB).state, VmState::Undefined);
    }

    #[test]
    fn nobody_elses_machine_is_addressed() {
        let foreign = [
            (format!("{WEB}@dc.example/hv-b"), true),
            (format!("{WEB}@other.example/hv-a"), true),
            (format!("{WEB}@dc.example"), true),
            (format!("{WEB}@dc.example/hv-a"), false),
        ];
        for (jid, managed) in foreign {
            let mut book = book(&[(&jid, managed)]);
            assert_eq!(book.jid(vm(WEB)), None, "{jid}");
            assert!(!row(&mut book, WEB).flags.session, "{jid}");
            assert!(book.due(0).is_empty());
        }
        assert!(!book(&[("bob@dc.example/hv-a", true)]).contains(vm(WEB)));
    }

    #[test]
    fn a_list_that_lacks_somebody_removes_it_and_a_moved_one_is_new() {
        let (web, db) = (format!("{WEB}@dc.example/hv-a"), format!("{DB}@dc.example"));
        let mut book = book(&[(&web, true), (&db, false)]);
        book.answered(vm(WEB), Some(info(VmState::Running)));
        let gone = book.list(&host(), vec![item(&format!("{WEB}@dc.example"), false)]);
        assert_eq!(gone, [vm(DB)]);
        assert_eq!(
            row(&mut book, WEB).state,
            VmState::Unknown,
            "nobody tells its state now"
        );
    }

    #[test]
    fn who_does_not_answer_is_asked_ever_more_rarely() {
        let mut book = book(&[(&format!("{WEB}@dc.example/hv-a"), true)]);
        assert_eq!(book.due(1).len(), 1);
        book.missed(vm(WEB));
        book.missed(vm(WEB));
        let asked = (0..64).filter(|round| !book.due(*round).is_empty());
        assert_eq!(asked.count(), 16);
        book.said(vm(WEB), VmState::Running);
        assert_eq!(book.due(1).len(), 1, "it is there again");
    }
}
