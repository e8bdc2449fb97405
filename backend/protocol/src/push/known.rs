//! What pushes say, as types: the families and changes of the original.

use jid::BareJid;

use super::Push;
use crate::table::words;

/// The families with their changes. A family may have a second name, which is read too.
macro_rules! families {
    ($(
        $(#[doc = $doc:literal])*
        $family:ident($change:ident) = $name:literal $(| $other:literal)? {
            $( $(#[doc = $cdoc:literal])* $variant:ident = $word:literal ),* $(,)?
        }
    )*) => {
        $(
            words! {
                $(#[doc = $doc])*
                pub enum $change, "a known change" {
                    $( $(#[doc = $cdoc])* $variant = $word ),*
                }
            }
        )*

        /// A push that the original knows.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Known {
            $( $(#[doc = $doc])* $family($change), )*
            /// Rights of these accounts changed; none where an original says only that something did.
            Permissions(Vec<BareJid>),
        }

        impl Known {
            /// The families, for reference pages.
            pub const TABLE: &'static [PushRow] = &[$( PushRow {
                family: $name,
                summary: concat!($($doc),*),
                changes: &[$( ($word, concat!($($cdoc),*)) ),*],
            } ),*];

            /// Reads a push; `None` for a family or change of another version.
            pub fn of(push: &Push) -> Option<Self> {
                match push.family.as_str() {
                    $( $name $(| $other)? => push.change.parse().ok().map(Self::$family), )*
                    PERMISSIONS => Some(Self::Permissions(targets(&push.change))),
                    _ => None,
                }
            }

            /// Family and change on the wire.
            pub fn words(&self) -> (&'static str, String) {
                match self {
                    $( Self::$family(change) => ($name, change.word().to_owned()), )*
                    Self::Permissions(accounts) => (PERMISSIONS, one_or_set(accounts)),
                }
            }
        }
    };
}

/// A family of pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushRow {
    /// Its name, which follows `archipel:push:` in the namespace.
    pub family: &'static str,
    /// What its changes are about.
    pub summary: &'static str,
    /// The words of its changes, each with what it says.
    pub changes: &'static [(&'static str, &'static str)],
}

const PERMISSIONS: &str = "permissions";

/// The original's client understands one bare address only; the agent is to push once for each.
fn one_or_set(accounts: &[BareJid]) -> String {
    match accounts {
        [account] => account.to_string(),
        _ => "set".to_owned(),
    }
}

/// The accounts in a change of rights: an address, the printed list of an original (`[u'a@b', u'c@d']`), or a word.
fn targets(change: &str) -> Vec<BareJid> {
    let list = change.trim().trim_start_matches('[').trim_end_matches(']');
    let account = |item: &str| {
        let item = item.trim();
        let quoted = item.strip_prefix("u'").or_else(|| item.strip_prefix('\''));
        let bare = quoted
            .and_then(|item| item.strip_suffix('\''))
            .unwrap_or(item);
        BareJid::new(bare).ok().filter(|jid| jid.node().is_some())
    };
    list.split(',').filter_map(account).collect()
}

families! {
    /// Machines of a hypervisor.
    Hypervisor(HypervisorChange) = "hypervisor" {
        /// One was made.
        Alloc = "alloc",
        /// One was removed.
        Free = "free",
        /// A copy is being made.
        Clone = "clone",
        /// One that is off arrived.
        Migrate = "migrate",
        /// Domains were taken over.
        Manage = "manage",
        /// Machines were let go.
        Unmanage = "unmanage",
    }
    /// The state of a machine.
    Control(ControlChange) = "virtualmachine:control" {
        /// It was started.
        Created = "created",
        /// It was paused.
        Suspended = "suspended",
        /// It goes on.
        Resumed = "resumed",
        /// It stopped, for whatever reason.
        Shutdown = "shutdown",
        /// It crashed; an original says so of every orderly end too.
        Crashed = "crashed",
        /// It is off.
        Shutoff = "shutoff",
        /// It has another amount of memory.
        Memory = "memory",
        /// It has another number of processors.
        Vcpus = "nvcpu",
    }
    /// The definition of a machine.
    Definition(DefinitionChange) = "virtualmachine:definition" {
        /// It has a new one.
        Defined = "defined",
        /// It has none any more.
        Undefined = "undefined",
        /// It has another number of processors.
        Vcpus = "nvcpu",
    }
    /// The roster of an entity.
    Subscription(SubscriptionChange) = "subscription" {
        /// Somebody was put on it.
        Added = "added",
        /// Somebody was taken off it.
        Removed = "removed",
    }
    /// Planned jobs of an entity.
    Scheduler(SchedulerChange) = "scheduler" {
        /// One was planned.
        Scheduled = "scheduled",
        /// One was taken off the plan.
        Unscheduled = "unscheduled",
        /// One was done.
        JobExecuted = "jobexecuted",
    }
    /// Virtual networks of a hypervisor.
    Network(NetworkChange) = "network" {
        /// One has a new definition.
        Defined = "defined",
        /// One has no definition any more.
        Undefined = "undefined",
        /// One was started.
        Created = "created",
        /// One was stopped.
        Destroyed = "destroyed",
    }
    /// Templates of a commercial product.
    Nuage(NuageChange) = "nuagenetwork" {
        /// One is new.
        Created = "created",
        /// One was removed.
        Deleted = "deleted",
        /// One was replaced.
        Updated = "updated",
    }
    /// Packaged machines: the first six of a hypervisor, the others of a machine.
    VmCasting(VmCastingChange) = "vmcasting" {
        /// A feed is followed.
        Register = "register",
        /// A feed is followed no longer.
        Unregister = "unregister",
        /// A package is being fetched.
        DownloadStart = "download_start",
        /// A package is there.
        DownloadComplete = "download_complete",
        /// Fetching a package failed.
        DownloadError = "download_error",
        /// A package was removed.
        ApplianceDeleted = "appliancedeleted",
        /// The machine is being made from a package.
        ApplianceInstalling = "applianceinstalling",
        /// It was made from a package.
        ApplianceInstalled = "applianceinstalled",
        /// Making it from a package failed.
        ApplianceError = "applianceerror",
        /// It has forgotten its package.
        ApplianceDetached = "appliancedetached",
        /// It is being packaged.
        Packaging = "packaging",
        /// It was packaged.
        Packaged = "packaged",
        /// Packaging it failed.
        PackagingError = "packagingerror",
    }
    /// Drives of a machine.
    Disk(DiskChange) = "disk" {
        /// One was made.
        Created = "created",
        /// One has another format.
        Converted = "converted",
        /// One has another name.
        Renamed = "renamed",
        /// One was removed.
        Deleted = "deleted",
        /// One became a golden image.
        Goldened = "goldened",
    }
    /// Snapshots of a machine.
    Snapshots(SnapshotChange) = "snapshoting" {
        /// One was taken.
        Taken = "taken",
        /// One was removed.
        Deleted = "deleted",
        /// The machine was put back.
        Restored = "restored",
    }
    /// The websocket proxy for a machine's screen.
    Vnc(VncChange) = "virtualmachine:vnc" {
        /// It works.
        Started = "websocketvncstart",
        /// It was stopped.
        Stopped = "websocketvncstop",
    }
    /// What happens to a machine when memory runs out. The original's agent and client call the family differently.
    Oom(OomChange) = "oom" | "virtualmachine:oom" {
        /// It is another value.
        Adjusted = "adjusted",
    }
    /// Machines without a hypervisor.
    Parking(ParkingChange) = "vmparking" {
        /// One was parked.
        Parked = "parked",
        /// One was taken over.
        Unparked = "unparked",
        /// One was removed.
        Deleted = "deleted",
        /// One has a new definition.
        Updated = "updated",
    }
    /// Groups of the XMPP server.
    XmppGroups(XmppGroupChange) = "xmppserver:groups" {
        /// One was made.
        Created = "created",
        /// One was removed.
        Deleted = "deleted",
        /// Accounts were put into one.
        UsersAdded = "usersadded",
        /// Accounts were taken out of one.
        UsersDeleted = "usersdeleted",
    }
    /// Accounts of the XMPP server, with the original's spelling. A failure carries the server's answer, which may hold a password:
    /// it is not read.
    XmppUsers(XmppUserChange) = "xmppserver:users" {
        /// Accounts were made.
        Registered = "registered",
        /// Making them failed.
        RegistrationError = "registerationerror",
        /// Accounts were removed.
        Unregistered = "unregistered",
        /// Removing them failed.
        UnregistrationError = "unregisterationerror",
        /// Passwords were changed.
        PasswordChanged = "passwordchanged",
        /// Changing them failed.
        PasswordError = "changepassworderror",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn push(family: &str, change: &str) -> Push {
        Push {
            family: family.to_owned(),
            change: change.to_owned(),
            date: String::new(),
        }
    }

    #[test]
    fn changes_come_back() {
        for (family, change) in [
            ("hypervisor", "alloc"),
            ("virtualmachine:control", "nvcpu"),
            ("vmcasting", "packagingerror"),
            ("xmppserver:users", "registerationerror"),
            ("permissions", "olga@dc.example"),
        ] {
            let known = Known::of(&push(family, change)).unwrap();
            assert_eq!(known.words(), (family, change.to_owned()));
        }
        assert_eq!(Known::of(&push("hypervisor", "explode")), None);
        assert_eq!(Known::of(&push("kitchen", "alloc")), None);
    }

    #[test]
    fn tolerates_the_second_name_of_the_oom_family() {
        assert_eq!(
            Known::of(&push("virtualmachine:oom", "adjusted")),
            Some(Known::Oom(OomChange::Adjusted))
        );
    }

    #[test]
    fn tolerates_printed_lists_of_accounts() {
        let accounts = |change| match Known::of(&push("permissions", change)) {
            Some(Known::Permissions(accounts)) => accounts.len(),
            _ => usize::MAX,
        };
        assert_eq!(accounts("[u'olga@dc.example', u'bob@dc.example']"), 2);
        assert_eq!(accounts("['olga@dc.example']"), 1);
        for none in ["set", "[]", "[None]", "admins"] {
            assert_eq!(accounts(none), 0, "{none}");
        }
    }
}
