//! Our agent where the original was measured: ejabberd, libvirt's QEMU driver, tiny machines that are shut off, a session each.
//!
//! The method is the original's: an operator's session subscribed to all presences takes the time at receipt. Ours differs in two
//! points, both against us: the bus speaks TLS, and the guests run without hardware help.

mod faults;
mod mass;
mod quiet;
mod rows;
mod seen;
mod sessions;
mod stage;

pub(super) use faults::{back, events};
pub(super) use mass::at_once;
pub(super) use quiet::{memory_of_many, memory_of_none, quiet};
pub(super) use rows::{
    AT_ONCE, BACK, EVENTS, MEMORY_OF_MANY, MEMORY_OF_NONE, QUIET, SESSIONS_FEW, SESSIONS_MANY,
};
pub(super) use sessions::{sessions_few, sessions_many};
