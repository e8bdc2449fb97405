//! What people are told when a request is not carried out: what, on what, why, what next. Errors with facts of their own
//! ([`crate::StoreError`], [`crate::AgentEnd`], …) speak for themselves.

use archipel_protocol::{BareJid, Failure, VmId, WatchId, failure::FailureKind};

use crate::modules::Reply;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The original's words, which its clients show.
    #[error("Cannot use '{0}': permission denied")]
    Denied(String),
    #[error(
        "you cannot give or take `{permission}` here: you do not hold it, with `permission_set`, for all of what is asked and for as long. Nothing was changed"
    )]
    NotYours { permission: String },
    #[error("there is no permission `{0}`. Nothing was changed. `list` names them all")]
    NoPermission(String),
    #[error("there is no role `{0}` on this host. Nothing was changed")]
    NoRole(String),
    #[error("the role `{0}` ships with the agent and cannot be changed. Make one of another name")]
    ShippedRole(String),
    #[error("`{scope}` cannot be a scope: {why}. Nothing was changed")]
    NotAScope { scope: String, why: String },
    #[error("`{0}` names another account: give up rights of your own only. Nothing was changed")]
    NotOneself(BareJid),
    #[error("rights can only be given up this way. Nothing was changed")]
    OnlyGiveUp,
    #[error("a role belongs to the whole host: ask the hypervisor. Nothing was changed")]
    RoleOfHost,
    #[error(
        "the tag `{tag}` decides who may do what: to add or remove it takes `permission_set` on this. Nothing was changed"
    )]
    GuardedTag { tag: String },
    #[error("the request is empty")]
    Empty,
    #[error("this machine leaves the bus: ask its hypervisor")]
    Leaves,
    #[error("the agent stops: ask again when it is back")]
    Stops,
    #[error("no full address to answer to")]
    NoFullAddress,
    #[error("`{0}` is not known here")]
    UnknownAction(String),
    #[error("`{name}` of `{namespace}` is not known here")]
    UnknownElement { name: String, namespace: String },
    #[error("this node is not known here")]
    UnknownNode,
    #[error("`{0}` changes something: send it as `set`")]
    NotASet(&'static str),
    #[error("a machine does not answer this: ask its hypervisor")]
    AskHypervisor,
    #[error("names another machine")]
    OtherMachine,
    #[error("say which machine: `vm='UUID'` on <archipel/>, or ask the machine itself")]
    WhichMachine,
    #[error("no machine {0} on this host")]
    NoMachine(VmId),
    #[error(
        "not managed: `{0}` is only shown here. Take it into care first: `archipel vm manage {0}`, or say `manage {0}` to its hypervisor"
    )]
    NotManaged(String),
    #[error("not defined: `{0}` has no definition in libvirt")]
    NotDefined(String),
    #[error("`{0}` is protected. Take the protection away first if you mean it")]
    Protected(String),
    #[error("no memory of `{0}` is saved: start it instead")]
    NotSaved(String),
    #[error("{0} KiB are too little memory for a machine: at least 1024, and the size is in KiB")]
    TooLittleMemory(u64),
    #[error("a machine needs at least one processor")]
    NoProcessor,
    #[error("`{0}` names no processors of the host; write them like `0-3,7` or `0-7,^2`")]
    NoProcessors(String),
    #[error("not a name for a machine: 1 to 200 characters without `/` and control characters")]
    BadName,
    #[error("another machine on this host is named `{0}`")]
    NameTaken(String),
    #[error(
        "the definition of `{0}` has changed meanwhile. Read it again and make the change there"
    )]
    OtherBase(String),
    #[error("the text was not handed in, or too long ago: hand it in again")]
    NotStaged,
    #[error("{0}")]
    BadDefinition(String),
    #[error("the definition is of another machine: its uuid must be {0}")]
    OtherUuid(VmId),
    #[error(
        "it reaches beyond the machine, which only holders of `all` may write: {0}. Leave it out, or ask an administrator"
    )]
    Reaches(String),
    #[error("`{0}` is no address of a machine: it begins with the machine's id")]
    NoMachineAddress(String),
    #[error(
        "there is no picture `{0}` in the folder `avatars` of the agent's state folder: a PNG, JPEG or GIF of at most {1} KiB"
    )]
    NoPicture(String, u64),
    #[error(
        "the machine has no session on the bus, and so no roster. Ask its hypervisor for its own"
    )]
    NoRoster,
    #[error("no machine is named")]
    NoTargets,
    #[error(
        "you may use `{0}` under several scopes: say under which with `in='SCOPE'`. Nothing was done"
    )]
    WhichScope(String),
    #[error("`{0}` is being copied. Wait until its copy is done")]
    IsCopied(String),
    #[error(
        "the disks of {copies} build on those of `{name}`: to run it would break them. Remove them first, or start a copy of its own"
    )]
    HasCopies { name: String, copies: String },
    #[error(
        "the disks of {copies} build on those of `{name}`. Remove them first, or remove `{name}` and keep its disks. Nothing was done"
    )]
    CopiesNeed { name: String, copies: String },
    #[error(
        "`{0}` starts with its host, which would break a linked copy. Clear its autostart first, or make a full copy"
    )]
    StartsWithHost(String),
    #[error("`{0}` runs: switch it off first, its disks change while it runs")]
    NotOff(String),
    #[error("memory of `{0}` is saved: restore or discard it first, its disks alone are not whole")]
    NotAtRest(String),
    #[error(
        "the disk `{disk}` of `{name}` cannot be copied: it is no file of a storage pool. Nothing was done"
    )]
    NoFile { name: String, disk: String },
    #[error("`{0}` was started or changed while its disks were copied: the copy was given up")]
    ChangedMeanwhile(String),
    #[error("the picture of the screen cannot be read: {0}")]
    NoScreen(String),
    #[error("no such picture here any more: take it anew")]
    PictureGone,
    #[error(
        "the description is no account of the machine's: it must be its address, four colons, its password"
    )]
    BadAccount,
    #[error("`{0}` is on this host already")]
    IsHere(String),
    #[error("`{0}` is managed already")]
    IsManaged(String),
    #[error("nothing was written about `{0}` to which one could go back")]
    NoHistory(String),
    #[error("no character of the text begins at byte {0}")]
    NoPiece(u64),
    #[error("{0} requests are being worked on already. Try again in a moment")]
    Overloaded(usize),
    #[error("this operation is being carried out. Ask again in a moment for its result")]
    UnderWay,
    #[error("this operation id stands for another request already. Nothing was done")]
    OtherBody,
    #[error("the operation expired before it could begin. Nothing was done")]
    Expired,
    #[error(
        "interrupted: the agent stopped while it was to {0}; outcome unknown. Look at the machine's state"
    )]
    Interrupted(String),
    #[error("did not {0}: the agent is being stopped. Nothing was done; ask again when it is back")]
    Stopping(String),
    #[error("did not {what}: {why}. Nothing was done")]
    NoJournal { what: String, why: String },
    #[error("could not {what}: {why}")]
    Unreadable { what: String, why: String },
    #[error("{0}. The agent's log says more")]
    Store(String),
    #[error("the first sample is not taken yet. Ask again in some seconds")]
    NoSample,
    #[error("this host has no route to other hosts, and so no address of its own")]
    NoRoute,
    #[error(
        "{who} has {limit} watches on this host already. End one, or wait until its lease ends"
    )]
    OwnWatches { who: BareJid, limit: usize },
    #[error("{0} watches on this host already. Wait until a lease ends")]
    AllWatches(usize),
    #[error("no watch `{0}` here: it ended. Watch again")]
    NoWatch(WatchId),
}

impl Refusal {
    fn kind(&self) -> FailureKind {
        let invalid = |field: &str| FailureKind::Invalid {
            field: field.to_owned(),
        };
        match self {
            Self::Denied(_)
            | Self::NotYours { .. }
            | Self::GuardedTag { .. }
            | Self::NotOneself(_)
            | Self::OnlyGiveUp
            | Self::Reaches(_) => FailureKind::Forbidden,
            Self::NoPermission(_) => invalid("permission_name"),
            Self::NotAScope { .. } | Self::WhichScope(_) => invalid("in"),
            Self::ShippedRole(_) | Self::RoleOfHost => invalid("role"),
            Self::Empty => invalid("iq"),
            Self::NoFullAddress => invalid("from"),
            Self::NotASet(_) => invalid("type"),
            Self::OtherMachine | Self::WhichMachine => invalid("vm"),
            Self::UnknownAction(_)
            | Self::UnknownElement { .. }
            | Self::AskHypervisor
            | Self::NoFile { .. }
            | Self::NoScreen(_)
            | Self::Unreadable { .. } => FailureKind::Unsupported,
            Self::NoMachine(_)
            | Self::Leaves
            | Self::NoRole(_)
            | Self::NoHistory(_)
            | Self::UnknownNode
            | Self::PictureGone
            | Self::NoRoute
            | Self::NoPicture(..)
            | Self::NoWatch(_) => FailureKind::NotFound,
            Self::NoRoster
            | Self::NotManaged(_)
            | Self::NotDefined(_)
            | Self::Protected(_)
            | Self::NotSaved(_)
            | Self::HasCopies { .. }
            | Self::CopiesNeed { .. }
            | Self::StartsWithHost(_)
            | Self::NotOff(_)
            | Self::NotAtRest(_) => FailureKind::WrongState,
            Self::TooLittleMemory(_) | Self::NoProcessor => invalid("value"),
            Self::NoProcessors(_) => invalid("cpus"),
            Self::BadName => invalid("name"),
            Self::NoMachineAddress(_) => invalid("jid"),
            Self::NoTargets => invalid("item"),
            Self::NameTaken(_)
            | Self::OtherBase(_)
            | Self::IsManaged(_)
            | Self::IsHere(_)
            | Self::OtherBody => FailureKind::Conflict,
            Self::NotStaged => invalid("digest"),
            Self::BadDefinition(_) => invalid("domain"),
            Self::BadAccount => invalid("description"),
            Self::OtherUuid(_) => invalid("uuid"),
            Self::NoPiece(_) => invalid("offset"),
            Self::Overloaded(_)
            | Self::Stops
            | Self::UnderWay
            | Self::Stopping(_)
            | Self::IsCopied(_)
            | Self::ChangedMeanwhile(_)
            | Self::NoSample
            | Self::Store(_) => FailureKind::Busy,
            Self::Expired => FailureKind::Expired,
            Self::Interrupted(_) => FailureKind::Interrupted,
            Self::NoJournal { .. } | Self::OwnWatches { .. } | Self::AllWatches(_) => {
                FailureKind::Limit
            }
        }
    }
}

impl Refusal {
    /// As the answer to a request.
    pub(crate) fn into_reply(self) -> Reply {
        Err(self.into())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.kind(), refusal.to_string())
    }
}
