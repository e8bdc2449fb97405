//! The first line: product, profile, account, link; hypervisors, machines by state, tasks, clock.

use archipel_fleet::{Link, Run};
use archipel_protocol::VmState;
use ratatui::layout::Rect;

use super::Cx;
use crate::{
    format,
    theme::Role,
    widgets::pen::{Pen, Span, cells, span, width_of},
};

/// Who is logged in where.
pub(crate) struct Who<'a> {
    pub(crate) profile: &'a str,
    pub(crate) account: &'a str,
    pub(crate) read_only: bool,
}

/// Draws the line.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, who: &Who<'_>, cx: Cx<'_>) {
    pen.fill(area, Role::Bar);
    let right = right(pen, usize::from(area.width) * 3 / 5, cx);
    let taken = cells(width_of(&right)).min(area.width);
    let room = Rect {
        width: area.width - taken,
        ..area
    };
    let left = left(pen, usize::from(room.width), who, cx);
    pen.spans(room, &left);
    pen.spans_right(area, &right);
}

fn left(pen: &Pen<'_>, room: usize, who: &Who<'_>, cx: Cx<'_>) -> Vec<Span> {
    let (role, text) = link(pen, cx.fleet.link());
    let brand = span(Role::Brand, " archipel ");
    let profile = span(Role::Bar, format!(" {} ", who.profile));
    let mode = span(Role::Warning, if who.read_only { "read-only " } else { "" });
    let link = span(role, text);
    let short = who.account.split('@').next().unwrap_or_default();
    let accounts = [
        format!(" {} ", who.account),
        format!(" {short} "),
        " ".to_owned(),
    ];
    let whole = |account: &String| {
        vec![
            brand.clone(),
            profile.clone(),
            mode.clone(),
            span(Role::BarDim, account.clone()),
            link.clone(),
        ]
    };
    let mut tries = accounts.iter().map(whole);
    tries
        .find(|spans| width_of(spans) < room)
        .unwrap_or_else(|| vec![brand.clone(), span(Role::Bar, " "), link.clone()])
}

/// The link is a sign and, unless all is well, a word.
fn link(pen: &Pen<'_>, link: &Link) -> (Role, String) {
    match link {
        Link::Online { .. } => (Role::Online, pen.glyphs.online().to_owned()),
        Link::Connecting { .. } => (Role::Warning, format!("{} connecting", pen.glyphs.half())),
        Link::Suspended { .. } => (Role::Warning, format!("{} reconnecting", pen.glyphs.half())),
        Link::Ended(_) => (
            Role::Offline,
            format!("{} not connected", pen.glyphs.offline()),
        ),
    }
}

/// As much as fits, the more important parts first.
fn right(pen: &Pen<'_>, room: usize, cx: Cx<'_>) -> Vec<Span> {
    let clock = vec![span(Role::Bar, format!("  {} ", cx.now.clock()))];
    let parts = [clock, hosts(cx), states(pen, cx), vms(cx), tasks(pen, cx)];
    let mut used = 0;
    let mut shown: Vec<Vec<Span>> = parts
        .into_iter()
        .map(|part| {
            let width = width_of(&part);
            let fits = used + width <= room;
            used += if fits { width } else { 0 };
            if fits { part } else { Vec::new() }
        })
        .collect();
    shown.swap(2, 3);
    shown.rotate_left(1);
    shown.into_iter().flatten().collect()
}

fn hosts(cx: Cx<'_>) -> Vec<Span> {
    let counts = cx.fleet.counts();
    let all_there = counts.hypervisors_online == counts.hypervisors;
    let role = if all_there { Role::Bar } else { Role::Warning };
    let figure = format!("{}/{}", counts.hypervisors_online, counts.hypervisors);
    vec![span(Role::BarDim, " hosts "), span(role, figure)]
}

fn vms(cx: Cx<'_>) -> Vec<Span> {
    vec![
        span(Role::BarDim, "  vms "),
        span(Role::Bar, cx.fleet.counts().machines.to_string()),
    ]
}

fn states(pen: &Pen<'_>, cx: Cx<'_>) -> Vec<Span> {
    let counts = cx.fleet.counts();
    let present = VmState::ALL
        .into_iter()
        .filter(|state| counts.of(*state) > 0);
    let figures = present.flat_map(|state| {
        let figure = format!("{}{}", pen.glyphs.state(state), counts.of(state));
        [span(Role::Bar, " "), span(Role::from(state), figure)]
    });
    std::iter::once(span(Role::Bar, " "))
        .chain(figures)
        .collect()
}

fn tasks(pen: &Pen<'_>, cx: Cx<'_>) -> Vec<Span> {
    let running: Vec<&Run> = cx.fleet.runs().filter(|run| !run.is_over()).collect();
    if running.is_empty() {
        return Vec::new();
    }
    let (over, all) = running.iter().fold((0, 0), |(over, all), run| {
        let progress = run.progress();
        (over + progress.done + progress.failed, all + progress.all)
    });
    let permille = u32::try_from(over * 1_000 / all.max(1)).unwrap_or(1_000);
    let level = usize::try_from(permille * 8 / 1_000).unwrap_or(8);
    vec![
        span(Role::BarDim, "  tasks "),
        span(
            Role::Bar,
            format!(
                "{} {} {}",
                running.len(),
                pen.glyphs.level(level),
                format::percent(permille)
            ),
        ),
    ]
}
