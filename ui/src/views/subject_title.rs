//! The title of the detail pane: what it is about, in one line.

use archipel_fleet::{Fleet, Hypervisor, VmRef, Wire};

use super::{Cx, reach_spans};
use crate::{
    format,
    glyphs::GlyphSet,
    subject::Subject,
    theme::Role,
    widgets::pen::{Span, span},
};

/// The title of `subject`.
pub(crate) fn title(subject: &Subject, cx: Cx<'_>, glyphs: GlyphSet) -> Vec<Span> {
    let dot = || span(Role::Faint, format!(" {} ", glyphs.dot()));
    let parts = match subject {
        Subject::Fleet => vec![vec![span(Role::Title, "Fleet")]],
        Subject::Group(name) => group(name.as_deref(), subject, cx.fleet),
        Subject::Host(id) => cx
            .fleet
            .hypervisor(id)
            .map_or_else(Vec::new, |host| self::host(host, cx, glyphs)),
        Subject::Vm(at) => vm(at, cx, glyphs),
    };
    let mut spans = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !spans.is_empty() {
            spans.push(dot());
        }
        spans.extend(part);
    }
    spans
}

fn group(name: Option<&str>, subject: &Subject, fleet: &Fleet) -> Vec<Vec<Span>> {
    let hosts = subject.hosts(fleet);
    let online = hosts.iter().filter(|host| host.reach.is_online()).count();
    let machines: u32 = hosts.iter().map(|host| host.machines()).sum();
    vec![
        vec![span(Role::Title, name.unwrap_or("ungrouped"))],
        vec![span(Role::Dim, format!("hosts {online}/{}", hosts.len()))],
        vec![span(Role::Dim, format!("vms {machines}"))],
    ]
}

fn host(host: &Hypervisor, cx: Cx<'_>, glyphs: GlyphSet) -> Vec<Vec<Span>> {
    let uptime = host
        .load
        .as_ref()
        .filter(|_| host.fresh.is_live())
        .and_then(|load| load.uptime_s);
    let mut parts = vec![
        vec![span(Role::Title, host.name.clone())],
        reach_spans(host, cx, glyphs),
    ];
    parts.extend(
        uptime.map(|seconds| vec![span(Role::Dim, format!("up {}", format::span(seconds)))]),
    );
    if let Some(row) = &host.row {
        let version = |name: &str, packed: u64| match packed {
            0 => vec![span(Role::Dim, name)],
            _ => vec![span(
                Role::Dim,
                format!("{name} {}", format::version(packed)),
            )],
        };
        parts.push(match host.wire {
            Wire::Fleet => version(&row.driver, row.driver_version),
            Wire::Original => vec![span(Role::Dim, "original agent")],
        });
        parts.push(version("libvirt", row.libvirt_version));
    }
    parts
}

fn vm(at: &VmRef, cx: Cx<'_>, glyphs: GlyphSet) -> Vec<Vec<Span>> {
    let Some(vm) = cx.fleet.vm(at) else {
        return vec![vec![span(Role::Title, "gone")]];
    };
    let state = span(
        Role::from(vm.state),
        format!("{} {}", glyphs.state(vm.state), vm.state),
    );
    let host = cx
        .fleet
        .hypervisor(&at.hypervisor)
        .map_or("", |host| &host.name);
    let mut parts = vec![
        vec![span(Role::Title, vm.name.to_string())],
        vec![state],
        vec![span(Role::Dim, format!("on {host}"))],
    ];
    if let archipel_fleet::Freshness::Stale { since } = vm.fresh {
        parts.push(vec![span(
            Role::Stale,
            format!("last heard {}", format::age(since, cx.now.moment)),
        )]);
    }
    parts
}
