//! libvirt's XML documents as text that is edited without loss.
//!
//! A definition is text that somebody wrote and libvirt formatted: this crate reads facts out of it, changes single nodes
//! of it, and leaves every other byte alone: comments, order, white space, quotes, CDATA, entities, what nobody here has heard
//! of. It performs no I/O. What cannot be parsed is an [`XmlError`], whose text never quotes the document: a definition may
//! hold secrets.
//!
//! - [`Document`] is a text with the tree over it; [`Path`] names a piece of it.
//! - [`Machine`] reads a machine's definition with types; [`fields`] and [`devices`] are the table of what can be set by name.
//! - [`Edit`] is a change as data; [`Document::edited`] makes changes and says how to take them back; [`Diff`] shows them.
//! - [`masked`], [`shareable`] and [`Document::with_secrets_of`] keep secrets on their host.
//! - [`Document::reaches`] names what reaches beyond a machine.
//!
//! ```
//! use archipel_domain::{Document, Edit};
//!
//! let text = "<domain type='kvm'>\n  <name>web01</name>\n  <memory unit='GiB'>4</memory> <!-- enough? -->\n</domain>\n";
//! let document = Document::parse(text)?;
//! let edits: Vec<Edit> = vec!["set memory 8GiB".parse()?, "set title The shop".parse()?];
//! let edited = document.edited(&edits)?;
//! assert_eq!(edited.document.text(), text.replace(">4<", ">8<").replace("</name>", "</name>\n  <title>The shop</title>"));
//! assert_eq!(edited.document.edited(&edited.undo)?.document.text(), text);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod capabilities;
mod change;
mod diff;
mod document;
mod edit;
mod error;
mod field;
mod path;
mod pending;
mod policy;
mod secrets;
mod skeleton;
mod summary;
mod text;
mod tree;
mod view;

pub use capabilities::offers_hvm;
pub use diff::{Diff, Hunk, Line};
pub use document::{Document, Kind};
pub use edit::{Edit, EditError, Edited, MAX_EDITS, SyntaxError, Target};
pub use error::XmlError;
pub use field::{
    Amount, AmountError, Device, DeviceKey, Field, FieldName, FieldNameError, Shape, devices,
    fields,
};
pub use path::{MAX_PATH_BYTES, MAX_STEPS, Path, PathError, Place};
pub use policy::{Reach, ReachKind};
pub use secrets::{MASK, Secret, SecretKind, masked, shareable, without_description};
pub use skeleton::skeleton;
pub use summary::{Summary, summary};
pub use tree::{
    Attribute, Element, MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENT_ATTRIBUTES, MAX_NODES,
};
pub use view::{
    Address, Balloon, BootStep, Character, Clock, Cpu, CpuFeature, Disk, DiskSource, Feature,
    Firmware, Graphics, Interface, InterfaceSource, Lifecycle, Machine, Timer, Topology, Vcpus,
};
