//! How a machine starts, keeps time and ends.

use super::{said, word};
use crate::Element;

/// What runs first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firmware {
    /// `firmware` of `<os>`: libvirt chooses a file of this kind (`bios`, `efi`).
    pub kind: Option<String>,
    /// `<loader>`: a file on the host.
    pub loader: Option<String>,
    /// `secure` of `<loader>`: whether only signed code runs.
    pub is_secure: bool,
    /// `<nvram>`: where its variables are kept, a file on the host.
    pub variables: Option<String>,
    /// `<kernel>`: a file on the host that is booted instead.
    pub kernel: Option<String>,
    /// `<initrd>`: the kernel's first file system, a file on the host.
    pub initrd: Option<String>,
    /// `<cmdline>`: what the kernel is told.
    pub command_line: Option<String>,
}

impl Firmware {
    pub(super) fn of(root: Element<'_>) -> Firmware {
        let os = root.child("os");
        let text = |name| {
            os.and_then(|os| word(os, name))
                .filter(|text| !text.is_empty())
        };
        let secure = os.and_then(|os| said(os, "loader", "secure"));
        Firmware {
            kind: os.and_then(|os| os.attribute("firmware")),
            loader: text("loader"),
            is_secure: secure.as_deref() == Some("yes"),
            variables: text("nvram"),
            kernel: text("kernel"),
            initrd: text("initrd"),
            command_line: text("cmdline"),
        }
    }
}

/// One thing that is tried at boot.
#[derive(Debug, Clone, PartialEq)]
pub enum BootStep<'d> {
    /// `<boot dev>` of `<os>`: any device of a kind (`hd`, `cdrom`, `network`, `fd`).
    Kind(String),
    /// `<boot order>` of a device.
    Device(Element<'d>),
}

/// libvirt takes the one list or the other, never both; where a document has both, the devices' counts.
pub(super) fn boot(root: Element<'_>) -> Vec<BootStep<'_>> {
    let devices = root.child("devices").into_iter();
    let mut ordered: Vec<(u64, Element<'_>)> = devices
        .flat_map(|devices| devices.children())
        .filter_map(|device| Some((super::number(device, "boot", "order")?, device)))
        .collect();
    ordered.sort_by_key(|(order, _)| *order);
    if !ordered.is_empty() {
        return ordered
            .into_iter()
            .map(|(_, device)| BootStep::Device(device))
            .collect();
    }
    let os = root.child("os").into_iter();
    let kinds = os
        .flat_map(|os| os.all("boot"))
        .filter_map(|boot| boot.attribute("dev"));
    kinds.map(BootStep::Kind).collect()
}

/// `<clock>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// `offset`: what it shows at start (`utc`, `localtime`, `timezone`, `variable`, `absolute`).
    pub offset: Option<String>,
    /// `timezone`.
    pub timezone: Option<String>,
    /// `adjustment`, seconds where it is a number.
    pub adjustment: Option<String>,
    /// `<timer>`s.
    pub timers: Vec<Timer>,
}

/// `<timer>` of `<clock>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// `name`: `rtc`, `pit`, `hpet`, `kvmclock` ...
    pub name: String,
    /// `present`, where it is said.
    pub is_present: Option<bool>,
    /// `tickpolicy`: what becomes of ticks that were missed.
    pub tick_policy: Option<String>,
}

impl Clock {
    pub(super) fn of(clock: Element<'_>) -> Clock {
        Clock {
            offset: clock.attribute("offset"),
            timezone: clock.attribute("timezone"),
            adjustment: clock.attribute("adjustment"),
            timers: clock.all("timer").filter_map(Timer::of).collect(),
        }
    }
}

impl Timer {
    fn of(timer: Element<'_>) -> Option<Timer> {
        Some(Timer {
            name: timer.attribute("name")?,
            is_present: timer.attribute("present").map(|present| present == "yes"),
            tick_policy: timer.attribute("tickpolicy"),
        })
    }
}

/// A child of `<features>`, or of a group of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// `acpi`; within a group `hyperv/relaxed`.
    pub name: String,
    /// `state`; there without one is on.
    pub is_on: bool,
}

pub(super) fn features(root: Element<'_>) -> Vec<Feature> {
    let features = root.child("features").into_iter();
    features
        .flat_map(|features| features.children())
        .flat_map(|feature| {
            let group = feature
                .children()
                .map(move |inner| (format!("{}/{}", feature.name(), inner.name()), inner));
            let own = (feature.name().to_owned(), feature);
            std::iter::once(own).chain(group)
        })
        .map(|(name, element)| Feature {
            name,
            is_on: element.attribute("state").is_none_or(|state| state == "on"),
        })
        .collect()
}

/// What follows when the guest ends: `destroy`, `restart`, `preserve` ...
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// `<on_poweroff>`.
    pub on_poweroff: Option<String>,
    /// `<on_reboot>`.
    pub on_reboot: Option<String>,
    /// `<on_crash>`.
    pub on_crash: Option<String>,
    /// `<on_lockfailure>`.
    pub on_lock_failure: Option<String>,
}

impl Lifecycle {
    pub(super) fn of(root: Element<'_>) -> Lifecycle {
        let trimmed = |name| word(root, name).map(|text| text.trim().to_owned());
        Lifecycle {
            on_poweroff: trimmed("on_poweroff"),
            on_reboot: trimmed("on_reboot"),
            on_crash: trimmed("on_crash"),
            on_lock_failure: trimmed("on_lockfailure"),
        }
    }
}
