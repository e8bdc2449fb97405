//! Texts for people that the engine gives.

use std::fmt;

use archipel_protocol::HypervisorId;

/// Something that an agent of the original does not know, or that would hang it.
pub(crate) const NOT_OF_ORIGINALS: &str =
    "it is an original agent and does not know this. Install archipel-agent there";
/// A machine of an original agent that has no session of its own.
pub(crate) const NO_SESSION: &str =
    "its original agent gives it no session on the bus, so nobody can be asked to do it";
/// A hypervisor whose agent left the bus.
pub(crate) const WENT_AWAY: &str = "the agent went away";
/// A hypervisor that was asked whether it is there.
pub(crate) const NOTHING_HEARD: &str =
    "nothing is heard of it: its agent is offline, or does not let you see it";
/// A hypervisor that was invited and has not taken the invitation.
pub(crate) const NOT_JOINED: &str = "invited, has not joined yet";
/// A command that was not sent because nothing may be changed.
pub(crate) const READ_ONLY: &str =
    "this profile is read-only. Start without --read-only, or change the profile";
/// A command that waited in vain.
pub(crate) const NEVER_SENT: &str =
    "the hypervisor stayed out of reach; the command was not sent. Try again when it is back";
/// A command whose answer was lost.
pub(crate) const OUTCOME_UNKNOWN: &str =
    "the answer was lost and the outcome is not known. Look at the machine's state, then try again";
/// A verb that is no request to a hypervisor.
pub(crate) const NOT_SENT_TO_MACHINES: &str = "this verb is not sent to machines";

/// A stranger asks to see the operator's presence.
pub(crate) struct Stranger<'a>(pub(crate) &'a HypervisorId);

impl fmt::Display for Stranger<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{0} asks to see your presence and is not trusted; nothing was answered. If it is one of your hypervisors: \
             archipel hypervisor add {0}",
            self.0
        )
    }
}

/// The roster could not be had.
pub(crate) struct NoRoster<'a>(pub(crate) &'a dyn fmt::Display);

impl fmt::Display for NoRoster<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the server did not give the roster: {}. Names and groups are those of the last time",
            self.0
        )
    }
}

/// The roster did not come within so many seconds.
pub(crate) struct RosterLate(pub(crate) u64);

impl fmt::Display for RosterLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the server has not given the roster within {} s: it is asked again. Until then what is shown is that of the last time",
            self.0
        )
    }
}

/// The cache could not be written.
pub(crate) struct NotSaved<'a>(pub(crate) &'a dyn fmt::Display);

impl fmt::Display for NotSaved<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the last known fleet could not be saved: {}. The next start will show nothing until the hypervisors answer",
            self.0
        )
    }
}

/// An agent of the original that does not say which machines it has.
pub(crate) struct NoList<'a>(pub(crate) &'a dyn fmt::Display);

impl fmt::Display for NoList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the original agent was asked: {}", self.0)
    }
}

/// An agent of the original that refuses to say something.
pub(crate) struct NoListRefused<'a>(pub(crate) &'a dyn fmt::Display);

impl fmt::Display for NoListRefused<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the original agent refused: {}", self.0)
    }
}

/// An answer of an original agent that makes no sense.
pub(crate) struct Misunderstood<'a>(pub(crate) &'a dyn fmt::Display);

impl fmt::Display for Misunderstood<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the original agent's answer is not understood: {}",
            self.0
        )
    }
}

/// A feed that contradicts itself.
pub(crate) struct OddFeed<'a>(pub(crate) &'a dyn fmt::Display);

impl fmt::Display for OddFeed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its feed is not understood: {}", self.0)
    }
}
