//! `unwatch`: ends a watch.

use archipel_protocol::{Element, FullJid, feed::parse_unwatch};

use super::{Answer, read};
use crate::host::Host;

pub(super) fn run(host: &mut Host, who: &FullJid, element: &Element) -> Answer {
    let ended = read(parse_unwatch(element)).map(|id| host.feed.unwatch(who, &id));
    Answer::Now(ended.map(|()| Vec::new()))
}
