//! `page`: the next part of a snapshot.

use archipel_protocol::{Element, Failure, FullJid, feed::Page};

use super::{Answer, now, read};
use crate::host::Host;

pub(super) fn run(host: &mut Host, who: &FullJid, element: &Element) -> Answer {
    now(page(host, who, element))
}

fn page(host: &mut Host, who: &FullJid, element: &Element) -> Result<Element, Failure> {
    let page = read(Page::parse(element))?;
    let update = host.feed.page(&host.state, who, &page)?;
    Ok(update.to_element())
}
