//! Templates of permissions: items of the node `/archipel/roles`. Clients write and apply them; no entity evaluates them.

use jid::BareJid;

use crate::{
    permissions::Grant,
    table::{Items, Loose, record},
};

/// The node.
pub const NODE: &str = "/archipel/roles";
/// What stands for the account in a template's grants.
pub const TARGET: &str = "template";
/// The original's items have no namespace of their own.
const NAMESPACE: &str = "";

record! {
    /// A named list of permissions.
    #[derive(Eq)]
    pub struct Role = "role" in NAMESPACE {
        /// Its name.
        name: String = "name",
        /// For people.
        description: String = "description" via Loose,
        /// Who made it.
        creator: Option<BareJid> = "creator",
        /// The permissions; their target is [`TARGET`].
        permissions: Vec<Grant> = "permission" via Items,
    }
}
