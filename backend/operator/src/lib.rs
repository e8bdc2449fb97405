//! The operator's engine: one session on the bus, the watches on all trusted hypervisors, trust, cache and the execution of plans.
//!
//! [`start`] begins one task that owns everything and hands back a [`Handle`] to ask it for things and a stream of
//! [`Stamped`](archipel_fleet::Stamped) events for the model. Nothing is polled: states arrive because a watch asked for them
//! once, a watch is renewed before its lease ends, and asked for anew when something was missed. [`OneShot`] is the same engine
//! for a single command of the shell: it announces itself to nobody but the hypervisors concerned.
//!
//! What comes from the bus is believed only from whom it may come: the feed from the full address that was asked and under
//! the random id that was given, presence from trusted accounts, answers from whom was asked.

mod audit;
mod cache;
mod clock;
mod command;
pub mod doctor;
mod engine;
mod error;
mod handle;
mod invite;
mod messages;
mod nodes;
mod one_shot;
mod outbox;
mod pixels;
mod settings;
mod trust;

pub use audit::{Anchors, Verified};
pub use cache::{remembered, save_fleet};
pub use clock::Clock;
pub use command::{Follow, Missing, Wanted};
pub use error::{OperatorError, StartError};
pub use handle::{Card, Handle, NewMachine, Picture, Whoami, start};
pub use invite::{Invitation, Invitations, Invite, InviteError, Tidied};
pub use nodes::create_nodes;
pub use one_shot::OneShot;
pub use pixels::Pixels;
pub use settings::{Pace, Settings};
