//! An XMPP session: connect, resume, correlate, publish.
//!
//! [`connect`] starts one task that owns one connection and hands back a [`Session`] to ask it for things and [`Events`] to see what
//! happens. Lost connections come back by themselves; the consumer sees [`Event::Suspended`], then [`Event::Resumed`] if nothing was
//! lost or [`Event::Reset`] if it must send its state again. What waiting cannot mend is a typed [`End`].
//!
//! ```no_run
//! use archipel_bus::{Account, Event, Options, TlsClient, connect};
//! use archipel_config::{BusSettings, Secret};
//! use archipel_protocol::{Presence, PresenceKind};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = BusSettings::default();
//! let tls = TlsClient::new(&settings)?;
//! let account = Account { jid: "hv01@dc.example".parse()?, resource: None, secret: Secret::new("…".into()) };
//! let (session, mut events) = connect(Options::new(account, settings, tls));
//! while let Some(event) = events.next().await {
//!     match event {
//!         Event::Reset { .. } => session.send(Presence::new(PresenceKind::Available)).await?,
//!         Event::Ended(end) => return Err(end.into()),
//!         _ => {}
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! [`probe`] finds out what is wrong with the way to a bus and with the bus itself.
//!
//! The XML reader underneath writes whole stanzas to the log at level trace, passwords included: a log set-up must hold the target
//! `tokio_xmpp` at debug or above.

// `rxml::xml_ncname!` expands to a transmute.
#![allow(clippy::transmute_ptr_to_ptr)]

mod backoff;
mod event;
mod features;
mod gate;
pub mod guard;
mod management;
mod negotiate;
mod network;
mod options;
mod outbound;
mod owner;
mod password;
pub mod probe;
mod requests;
mod roster;
mod sasl;
mod session;
mod stream_error;
mod tls;
mod transport;
mod wire;

pub use event::{End, Event, Events, Refusal};
pub use gate::LoginGate;
pub use options::{Account, Limits, Options, Registration, Timing};
pub use requests::RequestError;
pub use session::{Closed, SendError, Session, connect, connect_over};
pub use tls::{TlsClient, TlsError};
pub use transport::{
    ByteStream, Memory, MemoryListener, OpenError, Opened, Protection, Transport, memory,
};
