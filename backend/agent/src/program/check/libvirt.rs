//! Whether libvirt lets this user in, and what it is.

use std::time::Duration;

use archipel_bus::probe::Check;
use archipel_config::finding::{Fault, Finding, Severity};
use archipel_hypervisor::{DriverError, ErrorKind, Node};

use super::Host;

pub(super) static CHECK: Check<Host> = Check {
    id: "libvirt",
    about: "Whether libvirt can be reached, lets this user in and is new enough",
    deadline: Duration::from_secs(20),
    alone: false,
    faults: &[&UNREACHABLE, &DENIED, &NO_DRIVER, &OLD, &OLD_QEMU],
    run: |host| Box::pin(run(host)),
};

static UNREACHABLE: Fault = Fault {
    id: "libvirt.unreachable",
    severity: Severity::Problem,
    title: "libvirt cannot be reached",
    why: "The agent shows no machines until it can; it goes on trying.",
    todo: "systemctl enable --now libvirtd (or virtqemud.socket on newer systems); check libvirt_uri in agent.toml.",
    prosody: "",
    ejabberd: "",
};

static DENIED: Fault = Fault {
    id: "libvirt.denied",
    severity: Severity::Problem,
    title: "libvirt does not let this user in",
    why: "The agent shows no machines until it does.",
    todo: "usermod -aG libvirt archipel, then start the agent again. Whoever is in that group is root in effect.",
    prosody: "",
    ejabberd: "",
};

static NO_DRIVER: Fault = Fault {
    id: "libvirt.no-driver",
    severity: Severity::Problem,
    title: "This libvirt has no driver for the URI",
    why: "The agent has nothing to drive.",
    todo: "Correct libvirt_uri in agent.toml, or install the driver's package (Debian: libvirt-daemon-driver-qemu, -lxc, -xen).",
    prosody: "",
    ejabberd: "",
};

static OLD: Fault = Fault {
    id: "libvirt.old",
    severity: Severity::Problem,
    title: "libvirt is older than 6.0",
    why: "Calls are missing that the agent needs; statistics and events would fail.",
    todo: "Update libvirt.",
    prosody: "",
    ejabberd: "",
};

static OLD_QEMU: Fault = Fault {
    id: "libvirt.old-qemu",
    severity: Severity::Warning,
    title: "QEMU is older than 4.2",
    why: "Nobody tries it: snapshots, backups and migration may fail in odd ways.",
    todo: "Update QEMU.",
    prosody: "",
    ejabberd: "",
};

/// The oldest libvirt, packed as libvirt does.
const LIBVIRT: u64 = 6_000_000;
/// The oldest QEMU, packed the same way.
const QEMU: u64 = 4_002_000;

async fn run(host: &Host) -> Vec<Finding> {
    let uri = host.settings.libvirt_uri.clone();
    let open = host.drivers.check;
    let asked = uri.clone();
    // libvirt's calls block.
    let opened = tokio::task::spawn_blocking(move || open(&asked)).await;
    vec![match opened {
        Ok(Ok(node)) => judge(&uri, &node),
        Ok(Err(error)) => refused(&uri, &error),
        Err(error) => Finding::of(&UNREACHABLE, uri, error.to_string()),
    }]
}

fn refused(uri: &str, error: &DriverError) -> Finding {
    let fault = match error.kind {
        ErrorKind::Denied => &DENIED,
        ErrorKind::Unsupported => &NO_DRIVER,
        _ => &UNREACHABLE,
    };
    Finding::of(fault, uri, error.to_string())
}

fn judge(uri: &str, node: &Node) -> Finding {
    let seen = format!(
        "{}, {} {}, libvirt {}",
        node.hostname,
        node.driver,
        version(node.driver_version),
        version(node.libvirt_version)
    );
    // A driver without a version of its own says 0.
    let qemu = node.driver == "QEMU" && node.driver_version > 0;
    match () {
        () if node.libvirt_version < LIBVIRT => Finding::of(&OLD, uri, seen),
        () if qemu && node.driver_version < QEMU => Finding::of(&OLD_QEMU, uri, seen),
        () => Finding::ok(CHECK.id, uri, seen),
    }
}

fn version(packed: u64) -> String {
    let (major, minor, release) = (packed / 1_000_000, packed / 1_000 % 1_000, packed % 1_000);
    format!("{major}.{minor}.{release}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(driver: &str, driver_version: u64, libvirt_version: u64) -> &'static str {
        let node = Node {
            driver: driver.to_owned(),
            driver_version,
            libvirt_version,
            ..Node::default()
        };
        judge("qemu:///system", &node).id
    }

    #[test]
    fn what_is_too_old_is_named() {
        assert_eq!(found("QEMU", 7_002_022, 9_000_000), "libvirt");
        assert_eq!(found("QEMU", 7_002_022, 5_010_000), "libvirt.old");
        assert_eq!(found("QEMU", 4_001_009, 9_000_000), "libvirt.old-qemu");
        assert_eq!(found("QEMU", 0, 9_000_000), "libvirt");
        assert_eq!(found("TEST", 2, 9_000_000), "libvirt");
    }

    #[test]
    fn a_refusal_is_told_from_an_absence() {
        let found = |kind| refused("qemu:///system", &DriverError::new(kind, "no")).id;
        assert_eq!(found(ErrorKind::Denied), "libvirt.denied");
        assert_eq!(found(ErrorKind::Unsupported), "libvirt.no-driver");
        assert_eq!(found(ErrorKind::Lost), "libvirt.unreachable");
    }
}
