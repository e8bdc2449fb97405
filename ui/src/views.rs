//! The views: each draws one thing from the model and the little state that is its own.

pub(crate) mod bottom;
pub(crate) mod health;
pub(crate) mod hypervisors;
pub(crate) mod log;
pub(crate) mod machine;
pub(crate) mod messages;
pub(crate) mod page;
pub(crate) mod roster;
pub(crate) mod subject_title;
pub(crate) mod tasks;
pub(crate) mod top;
pub(crate) mod vms;

use archipel_fleet::{Fleet, Freshness, Hypervisor, Link, Reach, WatchState};

use crate::{
    format,
    glyphs::GlyphSet,
    marks::Marks,
    now::Now,
    theme::Role,
    widgets::{
        pen::{Span, span},
        state::Instead,
    },
};

/// What every view may look at.
#[derive(Clone, Copy)]
pub(crate) struct Cx<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) now: Now,
    pub(crate) marks: &'a Marks,
}

/// Sign, word and colour of a hypervisor's reach.
pub(crate) fn reach_spans(host: &Hypervisor, cx: Cx<'_>, glyphs: GlyphSet) -> Vec<Span> {
    let (role, sign, word) = reach_parts(host, glyphs);
    let mut spans = vec![span(role, format!("{sign} {word}"))];
    if let Freshness::Stale { since } = host.fresh
        && host.heard.is_some()
    {
        spans.push(span(
            Role::Stale,
            format!(" {}", format::age(since, cx.now.moment)),
        ));
    }
    spans
}

/// The role, sign and word of a hypervisor's reach.
pub(crate) fn reach_parts(
    host: &Hypervisor,
    glyphs: GlyphSet,
) -> (Role, &'static str, &'static str) {
    let lost = host
        .row
        .as_ref()
        .is_some_and(|row| row.libvirt_lost.is_some());
    match (&host.reach, &host.watch) {
        (Reach::Unknown, _) => (Role::Stale, glyphs.half(), "awaited"),
        (Reach::Offline { .. }, _) => (Role::Offline, glyphs.offline(), "offline"),
        (Reach::Online { .. }, WatchState::Failed(_)) => (Role::Warning, glyphs.half(), "no feed"),
        (Reach::Online { .. }, _) if lost => (Role::Warning, glyphs.half(), "no libvirt"),
        (Reach::Online { .. }, WatchState::Idle | WatchState::Asking { .. })
            if !host.fresh.is_live() =>
        {
            (Role::Stale, glyphs.half(), "loading")
        }
        (Reach::Online { .. }, _) if !host.fresh.is_live() => (Role::Stale, glyphs.half(), "stale"),
        (Reach::Online { .. }, _) => (Role::Online, glyphs.online(), "online"),
    }
}

/// Why nothing is known of a hypervisor yet, or that it has nothing; `None` where there is something to show.
pub(crate) fn instead_of_host(host: &Hypervisor, cx: Cx<'_>) -> Option<Instead> {
    if host.row.is_some() || host.machines() > 0 {
        return None;
    }
    Some(match (&host.reach, &host.watch) {
        (_, WatchState::Failed(why)) => Instead::Failed {
            why: format!("No feed from {}: {why}", host.name),
            next: "The next attempt is made by itself; `archipel doctor` says more.".to_owned(),
        },
        (Reach::Offline { reason }, _) => Instead::Failed {
            why: format!("{} is offline: {reason}", host.name),
            next: "Nothing was ever heard of it. Is archipel-agent running there, and may it log in to the bus?".to_owned(),
        },
        (Reach::Unknown, _) if !cx.fleet.link().is_online() => Instead::Loading {
            what: format!("Nothing is known of {} yet: the bus is out of reach.", host.name),
            since: link_text(cx.fleet.link()),
        },
        (Reach::Unknown, _) => Instead::Loading {
            what: format!("Waiting for the presence of {}", host.name),
            since: since(host.reach_since, cx.now),
        },
        (_, WatchState::Asking { since: asked }) => Instead::Loading {
            what: format!("Asking {} for its state", host.name),
            since: since(*asked, cx.now),
        },
        _ => Instead::Loading { what: format!("{} is there", host.name), since: since(host.reach_since, cx.now) },
    })
}

pub(crate) fn since(then: archipel_fleet::Moment, now: Now) -> String {
    match now.moment.since(then).as_secs() {
        0..60 => "for less than a minute".to_owned(),
        seconds => format!("for {}", format::span(seconds)),
    }
}

/// How the operator's own session stands, as a sentence.
pub(crate) fn link_text(link: &Link) -> String {
    match link {
        Link::Connecting { reason: None, .. } => "Connecting to the bus.".to_owned(),
        Link::Connecting {
            reason: Some(why),
            retry_in_s,
        } => format!("Not connected: {why}. {}", next_try(*retry_in_s)),
        Link::Online { jid } => format!("Connected as {jid}."),
        Link::Suspended { reason, retry_in_s } => {
            format!("Connection lost: {reason}. {}", next_try(*retry_in_s))
        }
        Link::Ended(why) => format!("Not connected: {why}"),
    }
}

fn next_try(seconds: u64) -> String {
    match seconds {
        0 => "Trying again.".to_owned(),
        _ => format!("Next attempt within {}.", format::span(seconds)),
    }
}

/// What stands in a list of everything while there is nothing in it.
pub(crate) fn instead_of_fleet(cx: Cx<'_>) -> Instead {
    let waiting = cx.fleet.contacts().count();
    match cx.fleet.link() {
        Link::Ended(why) => Instead::Failed {
            why: format!("Not connected: {why}"),
            next: "Correct the profile and start again, or press q to leave.".to_owned(),
        },
        link if !link.is_online() => Instead::Loading {
            what: link_text(link),
            since: String::new(),
        },
        _ if waiting > 0 => Instead::Empty {
            what: "No hypervisor is trusted yet".to_owned(),
            next: format!(
                "{} on the roster: open :hypervisors and press t on one to trust it.",
                format::counted(waiting, "contact")
            ),
        },
        _ => Instead::Empty {
            what: "No hypervisors yet".to_owned(),
            next: "Type :add hv01@your.domain to subscribe to a hypervisor and trust it."
                .to_owned(),
        },
    }
}
