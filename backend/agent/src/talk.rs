//! Talking with an entity: lines of chat and ad-hoc commands (XEP-0050).
//!
//! Neither does anything by itself. What is said becomes a request of the Archipel wire and goes through the same door as one: the same
//! permission, the same journal, the same log. Only the way in ([`understand`], [`form`]) and the way out ([`say`]) are different.

mod deed;
mod form;
mod own;
mod pending;
mod say;
mod understand;

pub(crate) use self::{
    deed::{Deed, Place},
    form::{Choice, ask, fill},
    pending::{Pending, Verdict},
    say::{Speaker, refused, said},
    understand::{Heard, hear, names_machine, usage},
};

#[cfg(test)]
mod guide;
