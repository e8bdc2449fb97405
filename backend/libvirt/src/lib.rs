//! The libvirt driver: [`LibvirtDriver`] implements [`Driver`](archipel_hypervisor::Driver) over one libvirt connection.
//!
//! A thread of its own keeps the connection: when libvirt goes away, calls fail at once with
//! [`ErrorKind::Lost`](archipel_hypervisor::ErrorKind::Lost) while it tries again, first after 0.2 s, in the end every 5 s. All connections of
//! the process share one event loop thread, started before the first is opened, as libvirt demands.
//!
//! This is the only crate with unsafe code, and all of it is in the module `ffi`: what the binding `virt` lacks (event registration) or
//! gets wrong (bulk statistics).
//!
//! ```no_run
//! use archipel_hypervisor::Driver;
//! use archipel_libvirt::LibvirtDriver;
//!
//! archipel_libvirt::check("qemu:///system")?;
//! let driver = LibvirtDriver::open("qemu:///system")?;
//! for domain in driver.domains()? {
//!     assert!(!domain.name.is_empty());
//! }
//! # Ok::<(), archipel_hypervisor::DriverError>(())
//! ```

mod definitions;
mod driver;
mod event_loop;
mod failure;
mod ffi;
mod host;
mod link;
mod machines;
mod messages;
mod node;
mod resources;
mod screen;
mod session;
mod statistics;
mod supervisor;
mod traffic;
mod uri;
mod volumes;

pub use driver::{LibvirtDriver, check};
