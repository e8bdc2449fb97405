//! What a row of the suite says: an action, how each of its cases is made, and what is to be seen.

use std::fmt;

use archipel_lab::{Driver, ServerKind};
use archipel_protocol::feed::VmRow;

/// The rows of a namespace, in the order in which they are run: one may use what the one before left.
pub struct Table {
    pub namespace: &'static str,
    pub rows: &'static [Row],
}

/// An action. In its texts `{name}` stands for a word of the [`World`](crate::world::World): a machine's id (`{one}`, `{two}`, `{three}`), an
/// address, what an earlier answer held.
pub struct Row {
    pub action: &'static str,
    /// Who is asked.
    pub of: Of,
    /// Who may.
    pub by: &'static str,
    /// What is done before.
    pub before: &'static [Step],
    /// What is asked. A stranger who asks the same is refused.
    pub asks: Said,
    /// What shows that it was done.
    pub shows: &'static [Shows],
    /// What of the answer is kept: as which word, which element, which of its attributes.
    pub keeps: &'static [(&'static str, &'static str, &'static str)],
    pub bad: Bad,
    /// What the original's clients are told.
    pub push: Option<Push>,
    /// What is done afterwards.
    pub after: &'static [Step],
    /// What cannot be seen everywhere.
    pub except: &'static [Except],
}

/// A read of the hypervisor; rows say what differs.
pub const ROW: Row = Row {
    action: "",
    of: Of::Host,
    by: "admin",
    before: &[],
    asks: Said::NOTHING,
    shows: &[],
    keeps: &[],
    bad: Bad::NO_ID,
    push: None,
    after: &[],
    except: &[],
};

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Host,
    /// The machine whose id the word holds: at its own address where the action succeeds, else through its hypervisor.
    Machine(&'static str),
}

/// What stands on and in `<archipel action='…'/>`.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub attributes: &'static str,
    pub children: &'static str,
}

impl Said {
    pub const NOTHING: Said = says("");

    pub const fn holding(self, children: &'static str) -> Said {
        Said { children, ..self }
    }
}

pub const fn says(attributes: &'static str) -> Said {
    Said {
        attributes,
        children: "",
    }
}

/// A request that is refused for what it says.
#[derive(Debug, Clone, Copy)]
pub struct Bad {
    pub asks: Said,
    /// Who is asked, if not whom the row says.
    pub of: Option<Of>,
    /// The refusal: its word, and the field where it names one.
    pub gets: &'static str,
}

impl Bad {
    /// The id of a machine that is none.
    pub const NO_ID: Bad = bad("vm='nonsense'", "invalid vm");

    /// A machine that is not there.
    pub const NO_MACHINE: Bad = Bad {
        asks: Said::NOTHING,
        of: Some(Of::Machine("nobody")),
        gets: "not-found",
    };

    pub const fn holding(self, children: &'static str) -> Bad {
        Bad {
            asks: self.asks.holding(children),
            ..self
        }
    }
}

pub const fn bad(attributes: &'static str, gets: &'static str) -> Bad {
    Bad {
        asks: says(attributes),
        of: None,
        gets,
    }
}

/// Something done beside the case.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// By `virsh`, behind the agent's back; nothing where it is so already.
    Virsh(&'static str),
    /// By the administrator, over the bus.
    Asks(Ask),
    /// The first guest under QEMU has come up; nothing on libvirt's test driver.
    Up,
    /// The next definition of the machine, with another title, becomes the words `{piece}` and `{whole}`: the first piece, the digest.
    Piece(&'static str, &'static str),
}

/// A request to somebody.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    pub by: &'static str,
    pub namespace: &'static str,
    pub action: &'static str,
    pub of: Of,
    pub asks: Said,
}

/// What shows that something was done.
#[derive(Clone, Copy)]
pub enum Shows {
    /// The answer holds this text.
    Answer(&'static str),
    /// `virsh` says so, sooner or later.
    Virsh(&'static str, &'static str),
    /// `virsh` no longer says so.
    Gone(&'static str, &'static str),
    /// The first guest under QEMU comes up once more; nothing on libvirt's test driver.
    Boots,
    /// The machine's row in the feed is like this.
    Feed(&'static str, &'static str, fn(&VmRow) -> bool),
    /// A later row does: in words.
    Later(&'static str),
    /// From now on this request is answered so: `result`, or a refusal.
    Then(Ask, &'static str),
}

/// A notification: whose, family, change.
#[derive(Debug, Clone, Copy)]
pub struct Push {
    pub of: Of,
    pub family: &'static str,
    pub change: &'static str,
}

impl Push {
    pub const fn host(change: &'static str) -> Push {
        Push {
            of: Of::Host,
            family: "hypervisor",
            change,
        }
    }

    pub const fn control(of: Of, change: &'static str) -> Push {
        Push {
            of,
            family: "virtualmachine:control",
            change,
        }
    }

    pub const fn definition(of: Of, change: &'static str) -> Push {
        Push {
            of,
            family: "virtualmachine:definition",
            change,
        }
    }
}

/// A case that is otherwise on a driver.
#[derive(Debug, Clone, Copy)]
pub struct Except {
    pub driver: Driver,
    pub case: Case,
    /// How the request is answered there; a push is not looked for.
    pub gets: &'static str,
    pub why: &'static str,
}

/// What is asked of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    Success,
    Denial,
    BadInput,
    Push,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Case::Success => "success",
            Case::Denial => "denial",
            Case::BadInput => "bad input",
            Case::Push => "push",
        })
    }
}

/// Where the suite runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Combination {
    pub server: ServerKind,
    pub driver: Driver,
}

impl Combination {
    pub const ALL: [Combination; 4] = [
        on(ServerKind::Prosody, Driver::Qemu),
        on(ServerKind::Prosody, Driver::Test),
        on(ServerKind::Ejabberd, Driver::Qemu),
        on(ServerKind::Ejabberd, Driver::Test),
    ];
}

const fn on(server: ServerKind, driver: Driver) -> Combination {
    Combination { server, driver }
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {}", self.server, named(self.driver))
    }
}

/// A driver, for people.
pub fn named(driver: Driver) -> &'static str {
    match driver {
        Driver::Qemu => "QEMU",
        Driver::Test => "libvirt's test driver",
    }
}

impl Row {
    /// What is otherwise in this case on this driver.
    pub fn exception(&self, case: Case, driver: Driver) -> Option<&Except> {
        let mut all = self.except.iter();
        all.find(|except| except.case == case && except.driver == driver)
    }

    /// The cases that there are.
    pub fn cases(&self) -> Vec<Case> {
        let mut cases = vec![Case::Success, Case::Denial, Case::BadInput];
        cases.extend(self.push.map(|_| Case::Push));
        cases
    }
}
