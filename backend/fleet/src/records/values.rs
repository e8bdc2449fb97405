//! What the model holds, as values of the language.

use archipel_language::selector::Value;

use crate::{fleet::Fleet, hypervisor::Hypervisor};

pub(super) fn texts<'a>(all: impl Iterator<Item = &'a str> + 'a) -> Value<'a> {
    Value::Texts(Box::new(all))
}

pub(super) fn text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Missing, Value::Text)
}

/// What nothing can have none of is not known where it is 0.
pub(super) fn some<N: Default + PartialEq>(number: N) -> Option<N> {
    Some(number).filter(|number| *number != N::default())
}

pub(super) fn count<'a>(number: Option<u32>) -> Value<'a> {
    number.map_or(Value::Missing, |number| Value::Number(f64::from(number)))
}

pub(super) fn percent<'a>(permille: Option<u32>) -> Value<'a> {
    permille.map_or(Value::Missing, |permille| {
        Value::Number(f64::from(permille) / 10.0)
    })
}

pub(super) fn bytes<'a>(kib: Option<u64>) -> Value<'a> {
    kib.map_or(Value::Missing, |kib| Value::Number(exact(kib) * 1024.0))
}

/// No machine has so much memory, no log so many entries, that the nearest float would be a wrong answer.
#[allow(clippy::cast_precision_loss)]
pub(super) const fn exact(number: u64) -> f64 {
    number as f64
}

/// The names by which a hypervisor is known.
pub(super) fn names<'a>(host: &'a Hypervisor, fleet: &'a Fleet) -> Value<'a> {
    texts(called(host, fleet).chain([host.id.jid().as_str()]))
}

/// What it is called: as it is shown, its account's name part, and what the roster says, unless that is the account of another.
pub(super) fn called<'a>(host: &'a Hypervisor, fleet: &'a Fleet) -> impl Iterator<Item = &'a str> {
    let node = Some(host.node()).filter(|node| *node != host.name);
    let alias = host.alias.as_deref();
    let alias = alias.filter(|alias| !fleet.is_account(alias, &host.id));
    [host.name.as_str()].into_iter().chain(node).chain(alias)
}

pub(super) fn groups(host: &Hypervisor) -> Value<'_> {
    texts(host.groups.iter().map(String::as_str))
}
