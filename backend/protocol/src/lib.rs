//! What travels on the bus: ids, payloads and errors, as types.
//!
//! This crate alone knows stanza XML. It performs no I/O: no socket, no clock, no randomness. Reading is
//! tolerant (what the original agent and its web client send is accepted), writing is strict (the sound form that they
//! also accept). What cannot be parsed is a [`ParseError`], never a panic.
//!
//! - **Requests.** [`Request`] holds every action of every namespace, [`Reply`] what answers it, [`Answer`] what came back in an IQ. A
//!   namespace is one file with one table: word, kind, code, fields, answer.
//! - **What comes unasked.** [`presence`], [`push`], [`pubsub`] with the items of [`tags`], [`roles`], [`admins`] and [`central_agent`],
//!   [`chat`].
//! - **Our own wire.** [`feed`], [`events`], [`audit`], [`history`], [`chunks`] (`urn:archipel:fleet:1`), [`operation`] and [`task`]
//!   (`urn:archipel:task:1`); `docs/protocol-fleet.md` describes it.
//! - **Of other specifications.** [`roster`], [`vcard`], [`disco`], [`ping`], [`time`], [`version`], [`last_activity`], [`data_form`], [`commands`],
//!   [`server_admin`], [`registration`], [`private_storage`], [`muc`].
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

pub mod admins;
pub mod answer;
pub mod appliances;
pub mod audit;
pub mod avatar;
pub mod central_agent;
pub mod chat;
pub mod chunks;
pub mod commands;
pub mod data_form;
pub mod definitions;
pub mod disco;
pub mod document;
pub mod envelope;
pub mod events;
pub mod failure;
pub mod feed;
pub mod geolocation;
pub mod health;
pub mod history;
pub mod hypervisor_control;
pub mod ids;
pub mod last_activity;
pub mod machines;
pub mod migration;
pub mod muc;
pub mod networks;
pub mod ns;
pub mod nuage;
pub mod oom;
pub mod operation;
pub mod parking;
pub mod permissions;
pub mod pictures;
pub mod ping;
pub mod platform;
pub mod presence;
pub mod private_storage;
pub mod pubsub;
pub mod push;
pub mod registration;
pub mod rights;
pub mod roles;
pub mod roster;
pub mod scheduler;
pub mod secret;
pub mod server_admin;
pub mod snapshots;
pub mod stanza;
pub mod state;
pub mod storage;
pub mod subscription;
mod table;
pub mod tags;
pub mod task;
pub mod text;
pub mod time;
pub mod vcard;
pub mod version;
pub mod vm_control;
pub mod vm_definition;
pub mod vm_resources;
pub mod vmcast_feed;
pub mod vmcasting;
pub mod vnc;
mod xml;
pub mod xmpp_groups;
pub mod xmpp_users;

pub use answer::Answer;
pub use document::Document;
pub use envelope::{Command, Reply, Request};
pub use failure::Failure;
pub use ids::{
    ApplianceId, Epoch, FeedId, FileName, HypervisorId, JobId, OperationId, Seq, VmId, WatchId,
};
pub use jid::{BareJid, FullJid, Jid};
pub use minidom::Element;
pub use secret::Secret;
pub use stanza::{Iq, IqKind, Message, MessageKind, Presence, PresenceKind, Stanza};
pub use state::VmState;
pub use table::{ActionRow, Family, FieldRow};
pub use xml::{ParseError, bounded};
