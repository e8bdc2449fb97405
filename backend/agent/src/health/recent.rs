//! Samples in the original's form.

use archipel_protocol::health::{Memory, Sample};

use super::Figures;

/// The sample of `now`, with the bytes that moved since `before`.
pub(super) fn sample(before: Option<&Figures>, now: &Figures) -> Sample {
    let host = &now.host;
    Sample {
        date: now.wall.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string(),
        memory: Memory {
            total: host.memory_total_kib.unwrap_or_default(),
            free: host.memory_free_kib.unwrap_or_default(),
            swapped: host.swap_used_kib.unwrap_or_default(),
            shared: host.shared_kib.unwrap_or_default(),
        },
        idle_percent: idle_percent(before, now),
        load: host.load.unwrap_or_default(),
        networks: networks(before, now),
    }
}

fn idle_percent(before: Option<&Figures>, now: &Figures) -> f64 {
    let passed = |counter: fn(&Figures) -> Option<u64>| {
        let before = before.and_then(counter);
        counter(now)?.checked_sub(before.unwrap_or_default())
    };
    let busy = passed(|figures| figures.host.cpu_busy_ns);
    let total = passed(|figures| figures.host.cpu_total_ns);
    let share = busy.zip(total).map(|(busy, total)| ratio(busy, total));
    100.0 - share.unwrap_or_default() * 100.0
}

#[allow(clippy::cast_precision_loss)] // A percentage with one digit.
fn ratio(busy: u64, total: u64) -> f64 {
    (busy as f64 / total.max(1) as f64).min(1.0)
}

fn networks(before: Option<&Figures>, now: &Figures) -> Vec<(String, i64)> {
    let moved = |interface: &archipel_hypervisor::Interface| {
        interface.received.saturating_add(interface.sent)
    };
    let earlier = |name: &str| {
        let all = &before?.host.interfaces;
        all.iter()
            .find(|interface| interface.name == name)
            .map(moved)
    };
    let delta = |interface: &archipel_hypervisor::Interface| {
        let now = moved(interface);
        let grown = now.checked_sub(earlier(&interface.name).unwrap_or(now));
        let grown = i64::try_from(grown.unwrap_or_default()).unwrap_or(i64::MAX);
        (interface.name.clone(), grown)
    };
    now.host.interfaces.iter().map(delta).collect()
}
