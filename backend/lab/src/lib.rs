//! Private servers, libvirt daemons, guests and fleets for tests, demo and bench.
//!
//! Everything here stands in a folder of its own, listens on free loopback ports, runs as root or as an ordinary
//! user, touches nothing of the system and is gone when its owner is dropped, or when the process that owned it
//! ends in whatever way ([`Process`]). [`sim`] goes further: a whole fleet of agents in this process.
//!
//! ```no_run
//! use archipel_lab::{Driver, Fleet, Libvirtd, Prosody, ServerOptions};
//!
//! # async fn example() -> anyhow::Result<()> {
//! if let Some(reason) = archipel_lab::missing(&["prosody", "libvirtd", "virsh"]) {
//!     archipel_lab::skip("my test", &reason);
//!     return Ok(());
//! }
//! let server = Prosody::start(ServerOptions::new("dc.example").account("admin", "secret")).await?;
//! let libvirt = Libvirtd::start(Driver::Test).await?;
//! Fleet::of_host(1).fill(&libvirt).await?;
//! println!("{} {}", server.starttls_addr(), libvirt.uri());
//! # Ok(())
//! # }
//! ```

pub mod demo;
pub mod sim;

mod fleet;
mod guest;
mod guest_user;
mod interrupts;
mod libvirtd;
mod needs;
mod pki;
mod ports;
mod process;
mod profile;
mod proxy;
mod scratch;
mod tap;
mod template;
mod wait;
mod watchdog;
mod xmpp;

pub use fleet::{Fleet, Machine, MachineState};
pub use guest::{Acceleration, Guest, GuestImage};
pub use libvirtd::{Driver, Libvirtd};
pub use needs::{missing, program, skip};
pub use pki::Pki;
pub use ports::free_ports;
pub use process::Process;
pub use proxy::{Line, Passage, Proxy};
pub use scratch::Scratch;
pub use tap::{Exchange, Heard, Tap};
pub use wait::{Patience, until};
pub use xmpp::{
    Cluster, Crowd, Ejabberd, Encryption, Limits, Profile, Prosody, ServerKind, ServerOptions,
    XmppServer,
};
