//! What an agent needs of a hypervisor: the [`Driver`] trait, the facts it deals in, and a simulated driver.
//!
//! A driver's calls block (libvirt's do); the agent runs them on bounded pools and puts a deadline on the *answer*. News
//! come through [`Driver::subscribe`].

#[cfg(feature = "contract")]
pub mod contract;
mod domain;
mod driver;
mod error;
mod event;
mod host;
pub mod simulated;
mod subscribers;
mod traffic;
mod volume;

pub use domain::{Apply, Domain, Pin, Power, Statistics, View};
pub use driver::Driver;
pub use error::{DriverError, ErrorKind};
pub use event::{DriverEvent, Lifecycle};
pub use host::{FileSystem, HostSample, Interface, Kernel, Node};
pub use simulated::SimulatedDriver;
pub use subscribers::Subscribers;
pub use traffic::{Counters, Traffic};
pub use volume::{Copying, SCREEN_LIMIT, Screen, Volume, VolumeCopy};
