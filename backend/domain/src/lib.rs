//! libvirt's XML documents as text that is edited without loss.
//!
//! A definition is text that somebody wrote and libvirt formatted: this crate reads facts out of it and cuts single
//! pieces out of it, and leaves every other byte alone. It performs no I/O. What cannot be parsed is an [`XmlError`],
//! whose text never quotes the document: a definition may hold secrets.
//!
//! ```
//! let text = "<domain type='kvm'><name>web01</name><memory unit='GiB'>4</memory><description>pass</description></domain>";
//! assert_eq!(archipel_domain::summary(text)?.memory_kib, 4 << 20);
//! assert!(!archipel_domain::shareable(text)?.contains("pass"));
//! # Ok::<(), archipel_domain::XmlError>(())
//! ```

mod capabilities;
mod document;
mod secrets;
mod skeleton;
mod summary;

pub use capabilities::offers_hvm;
pub use document::{MAX_BYTES, XmlError};
pub use secrets::{MASK, masked, shareable, without_description};
pub use skeleton::skeleton;
pub use summary::{Summary, summary};
