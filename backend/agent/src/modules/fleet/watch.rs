//! `watch`: begins or renews a watch on the feed.

use archipel_protocol::{Element, Failure, FullJid, feed::Watch};
use tokio::time::Instant;

use super::{Answer, now, read};
use crate::host::Host;

pub(super) fn run(host: &mut Host, who: &FullJid, element: &Element) -> Answer {
    now(watch(host, who, element))
}

fn watch(host: &mut Host, who: &FullJid, element: &Element) -> Result<Element, Failure> {
    let watch = read(Watch::parse(element))?;
    let now = Instant::now();
    let update = host.feed.watch(&host.state, who.clone(), &watch, now)?;
    Ok(update.to_element())
}
