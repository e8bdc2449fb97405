//! The nouns, verbs, permissions and selectors of the fleet, each as one table or one grammar.
//!
//! The keymap, the command line, the palette, the help, the shell and the permission check read the same rows.

pub mod permission;
pub mod selector;
pub mod verb;

pub use permission::Permission;
pub use selector::{Field, Record, Records, Selector, SelectorError, Value};
pub use verb::{Mass, Noun, Risk, Verb, VerbId, WireAction};
