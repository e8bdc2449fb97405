//! `history`: the host's figures of the past, packed.

use archipel_protocol::{Element, FullJid, history::Query};

use super::{Answer, now, read};
use crate::host::Host;

pub(super) fn run(host: &mut Host, _: &FullJid, element: &Element) -> Answer {
    let time = host.state.clock.now();
    let health = &host.state.health;
    let query = read(Query::parse(element));
    now(query.map(|query| health.series(&query, time).to_element()))
}
