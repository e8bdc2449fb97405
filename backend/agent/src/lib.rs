//! The daemon on a hypervisor: it puts the host and its machines on the bus, answers what is asked of them, and pushes what changes.
//!
//! ```text
//! bus session -> stanza -> parse -> who asks? permission -> module -> driver -> reply
//! libvirt event -> driver -> entity -> state, event log -> presence + push + feed -> bus session
//! ```
//!
//! Everything an [`Agent`] uses comes in through its [`Parts`]: driver, clock, store, pools, trust. It has no globals and no threads of its
//! own, so that many agents run in one process.

mod access;
mod account;
mod agent;
mod calls;
mod card;
mod clock;
mod definitions;
mod entity;
mod eventlog;
mod feed;
mod figures;
mod health;
mod host;
pub mod logging;
mod machine;
mod machines;
mod messages;
mod modules;
mod pictures;
pub mod program;
mod push;
mod screen;
pub mod settings;
mod state;
mod store;
mod talk;

pub use access::{Grant, Policy, PolicyChange};
pub use account::{AccountError, Bus};
pub use agent::{Agent, AgentEnd, Credentials, Parts, Rules, Status, VmSessions};
pub use calls::{Deadlines, Pools};
pub use clock::Clock;
pub use machines::Adopt;
pub use store::{FILE as STORE_FILE, SetAside, Store, StoreError};
