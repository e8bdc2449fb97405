//! A private libvirt daemon for tests that are not asynchronous, and waiting for a driver's news.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "each test program uses its part"
)]

use std::{
    sync::{Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

use archipel_hypervisor::DriverEvent;
use archipel_lab::Libvirtd;
use tokio::{runtime::Runtime, sync::mpsc::Receiver};

/// The longest that anything may take. Keep-alive alone needs 20 s to notice a daemon that hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// A private daemon and the runtime that its owner needs.
pub(crate) struct Daemon {
    libvirtd: Mutex<Libvirtd>,
    runtime: Runtime,
}

impl Daemon {
    /// With libvirt's test driver. `None`, and said so, where libvirt is not installed.
    pub(crate) fn with_test_driver(test: &str) -> Option<Self> {
        Self::start(test, archipel_lab::Driver::Test)
    }

    /// With QEMU.
    pub(crate) fn with_qemu(test: &str) -> Option<Self> {
        Self::start(test, archipel_lab::Driver::Qemu)
    }

    fn start(test: &str, driver: archipel_lab::Driver) -> Option<Self> {
        let programs: &[&str] = match driver {
            archipel_lab::Driver::Test => &["libvirtd", "virsh"],
            archipel_lab::Driver::Qemu => &["libvirtd", "virsh", "qemu-system-x86_64", "qemu-img"],
        };
        if let Some(reason) = archipel_lab::missing(programs) {
            archipel_lab::skip(test, &reason);
            return None;
        }
        let runtime = Runtime::new().unwrap();
        let libvirtd = Mutex::new(runtime.block_on(Libvirtd::start(driver)).unwrap());
        Some(Self { libvirtd, runtime })
    }

    pub(crate) fn uri(&self) -> String {
        self.libvirtd.lock().unwrap().uri()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.libvirtd.lock().unwrap().pid()
    }

    /// As a crash would.
    pub(crate) fn kill(&self) {
        self.runtime.block_on(self.libvirtd.lock().unwrap().kill());
    }

    /// Starts it again; returns when it answers.
    pub(crate) fn restart(&self) {
        self.runtime
            .block_on(self.libvirtd.lock().unwrap().restart())
            .unwrap();
    }

    /// The daemon itself.
    pub(crate) fn libvirtd(&self) -> MutexGuard<'_, Libvirtd> {
        self.libvirtd.lock().unwrap()
    }

    /// Runs something asynchronous of the lab.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

/// Skips news until one fits.
pub(crate) fn hear(
    news: &mut Receiver<DriverEvent>,
    what: &str,
    fits: impl Fn(&DriverEvent) -> bool,
) -> DriverEvent {
    until(what, || {
        while let Ok(event) = news.try_recv() {
            if fits(&event) {
                return Some(event);
            }
        }
        None
    })
}

/// Looks until there is something to see.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain: {what}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}
