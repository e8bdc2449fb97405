//! The nouns, verbs, permissions and selectors of the fleet, each as one table or one grammar.
//!
//! The keymap, the command line, the palette, the help, the shell and the permission check read the same rows.

pub mod noun;
pub mod permission;
pub mod role;
pub mod selector;
pub mod verb;

pub use noun::Noun;
pub use permission::Permission;
pub use role::Role;
pub use selector::{Field, Now, Record, Records, Scope, Selector, SelectorError, Value};
pub use verb::{Argument, ArgumentKind, Ask, GivenError, Mass, Risk, Verb, VerbId, WireAction};
