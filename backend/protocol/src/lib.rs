//! What travels on the bus: ids, payloads and errors, as types.
//!
//! This crate alone knows stanza XML. It performs no I/O: no socket, no clock, no randomness. Reading is
//! tolerant (what the original agent and its web client send is accepted), writing is strict (the sound form that they
//! also accept). What cannot be parsed is a [`ParseError`], never a panic.
//!
//! ```
//! use archipel_protocol::{vm_control, Request, envelope};
//!
//! let asked = envelope::Command::new(Request::VmControl(vm_control::Action::Info));
//! let element = asked.to_element();
//! assert_eq!(envelope::Command::parse(&element).unwrap(), asked);
//! ```

// Expanded from `rxml::xml_ncname!`.
#![allow(clippy::transmute_ptr_to_ptr)]

pub mod disco;
pub mod envelope;
pub mod events;
pub mod failure;
pub mod feed;
pub mod health;
pub mod history;
pub mod hypervisor_control;
pub mod ids;
pub mod ns;
pub mod operation;
pub mod presence;
pub mod push;
pub mod roster;
pub mod stanza;
pub mod state;
pub mod text;
pub mod time;
pub mod vcard;
pub mod version;
pub mod vm_control;
mod xml;

pub use envelope::{Command, Request};
pub use failure::Failure;
pub use ids::{Epoch, HypervisorId, OperationId, Seq, VmId, WatchId};
pub use jid::{BareJid, FullJid, Jid};
pub use minidom::Element;
pub use stanza::{Iq, IqKind, Message, MessageKind, Presence, PresenceKind, Stanza};
pub use state::VmState;
pub use xml::{ParseError, bounded};
