//! Where a new machine should go: `archipel:centralagent:platform` of the central agent, and the older exchange of the original's
//! client, which begins with pubsub items and ends with `archipel:platform`.

use jid::Jid;

use crate::{
    ns,
    table::{actions, record, replies},
};

actions! {
    /// What the central agent is asked. An original checks no permission and always fails.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum CentralAction, permissions "platform_", answered by CentralReply {
        /// The best hypervisors for a new machine.
        Request = "request", reads, -1 {
            /// How many at most.
            limit: u32 = "limit",
        } => Suggestions(Vec<Suggestion>),
    }
}

replies! {
    /// What the central agent answers.
    pub enum CentralReply {
        /// Hypervisors, best first.
        Suggestions(suggestions: Vec<Suggestion>),
    }
}

record! {
    /// A hypervisor for a new machine.
    pub struct Suggestion = "hypervisor" in ns::CENTRAL_PLATFORM {
        /// Its full address.
        jid: Jid = "jid",
        /// How well it suits, 0 to 1.
        score: f64 = "score",
    }
}

actions! {
    /// What the bidder with the highest score is asked. No agent of the last release answers it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Action, permissions "", answered by Reply {
        /// Makes a machine.
        AllocVm = "allocvm", changes, -1 => Done,
    }
}

replies! {
    /// What a bidder answers.
    pub enum Reply {
        /// A machine was made.
        Done,
    }
}

/// The node on which a client asks for bids.
pub const REQUESTS_NODE: &str = "/archipel/platform/requests/in";
/// The node on which bidders answer.
pub const BIDS_NODE: &str = "/archipel/platform/requests/out";

record! {
    /// An item of [`REQUESTS_NODE`]: who takes a new machine?
    #[derive(Eq)]
    pub struct BidRequest = "archipel" in ns::PLATFORM {
        /// The client's id of the question.
        id: String = "uuid",
        /// Always `allocvm`.
        action: String = "action",
    }
}

record! {
    /// An item of [`BIDS_NODE`]; the item's publisher is the bidder.
    pub struct Bid = "archipel" in ns::PLATFORM {
        /// The client's id of the question.
        id: String = "uuid",
        /// How well the bidder suits, 0 to 1.
        score: f64 = "score",
    }
}
