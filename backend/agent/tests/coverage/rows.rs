//! All rows, one file for each namespace.

mod avatar;
mod health;
mod hypervisor_control;
mod permissions;
mod roster;
mod subscription;
mod tags;
mod vm_control;
mod vm_definition;

use crate::row::Table;

/// In the order in which they are run: what removes machines comes last.
pub const TABLES: &[&Table] = &[
    &health::TABLE,
    &hypervisor_control::TABLE,
    &vm_definition::TABLE,
    &permissions::TABLE,
    &tags::TABLE,
    &avatar::TABLE,
    &subscription::TABLE,
    &roster::TABLE,
    &vm_control::TABLE,
];
