//! A machine.

use archipel_protocol::{
    HypervisorId, VmId, VmState,
    feed::{VmFlags, VmLoad, VmRow},
    vcard::Organisation,
};

use crate::{
    time::{Freshness, Moment},
    trend::Trend,
};

/// Which machine: the same uuid on another hypervisor is another row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VmRef {
    /// Whose machine it is.
    pub hypervisor: HypervisorId,
    /// Its uuid.
    pub vm: VmId,
}

/// A machine as its hypervisor's feed describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Vm {
    /// Which one.
    pub at: VmRef,
    /// Its name, one line, free of control characters.
    pub name: std::sync::Arc<str>,
    /// What it does.
    pub state: VmState,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory, KiB.
    pub memory_kib: u64,
    /// What else is so.
    pub flags: VmFlags,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whose it is and where; `None`: nobody said.
    pub organisation: Option<Box<Organisation>>,
    /// Its figures, where the feed carries them.
    pub load: Option<VmLoad>,
    /// Its recent use of processors, thousandths of one.
    pub trend: Trend,
    /// When its row came last.
    pub heard: Moment,
    /// Whether the row is current.
    pub fresh: Freshness,
    /// What the last failed command on it said; gone with the next that succeeds.
    pub last_error: Option<String>,
}

impl Vm {
    pub(crate) fn new(at: VmRef, row: VmRow, heard: Moment) -> Self {
        Self {
            at,
            name: row.name.into(),
            state: row.state,
            vcpus: row.vcpus,
            memory_kib: row.memory_kib,
            flags: row.flags,
            tags: row.tags,
            organisation: row.organisation,
            load: None,
            trend: Trend::default(),
            heard,
            fresh: Freshness::Live,
            last_error: None,
        }
    }

    /// Takes a newer row over; the answer says whether anything changed. The name stays: the caller moves the machine.
    pub(crate) fn update(&mut self, row: VmRow, heard: Moment) -> bool {
        let changed = self.differs(&row) || !self.fresh.is_live();
        self.state = row.state;
        self.vcpus = row.vcpus;
        self.memory_kib = row.memory_kib;
        self.flags = row.flags;
        self.tags = row.tags;
        self.organisation = row.organisation;
        self.heard = heard;
        self.fresh = Freshness::Live;
        if !self.state.is_active() {
            self.load = None;
        }
        changed
    }

    fn differs(&self, row: &VmRow) -> bool {
        self.state != row.state
            || self.vcpus != row.vcpus
            || self.memory_kib != row.memory_kib
            || self.flags != row.flags
            || self.tags != row.tags
            || self.organisation != row.organisation
    }

    pub(crate) fn measure(&mut self, load: VmLoad) {
        if let Some(permille) = load.cpu_permille {
            self.trend.push(permille);
        }
        self.load = Some(load);
    }
}
