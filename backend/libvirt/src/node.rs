//! What the host is.

use archipel_hypervisor::{Kernel, Node};

use crate::{failure::Failure, host, session::Session, uri::Uri};

/// Reads it anew.
pub(crate) fn read(session: &Session, uri: &Uri) -> Result<Node, Failure> {
    let connect = session.connect();
    let info = connect.node_info()?;
    let local = uri.is_local();
    // libvirt's test driver invents a host, but the load is that of the real one: both must fit together.
    let memory_kib = local.then(|| host::local::sample().memory_total_kib);
    Ok(Node {
        hostname: hostname(session, local)?,
        driver: connect.driver_type()?,
        // A driver without a version of its own, or one that finds no emulator, still runs.
        driver_version: connect.hyp_version().map_or(0, u64::from),
        libvirt_version: u64::from(connect.lib_version()?),
        model: info.model,
        memory_kib: memory_kib.flatten().unwrap_or(info.memory),
        cpus: info.cpus,
        mhz: info.mhz,
        numa_nodes: info.nodes,
        sockets: info.sockets,
        cores: info.cores,
        threads: info.threads,
        hardware_virtualisation: (local && host::local::has_virtualisation())
            || offers_hvm(session),
        kernel: local.then(kernel),
    })
}

/// libvirt asks the name service for the full name, and hangs with it: while DNS is down no host may be lost from sight.
fn hostname(session: &Session, local: bool) -> Result<String, Failure> {
    if local {
        return Ok(text(rustix::system::uname().nodename()));
    }
    Ok(session.connect().hostname()?)
}

/// Whether the hypervisor runs unmodified guests.
fn offers_hvm(session: &Session) -> bool {
    let capabilities = session.connect().capabilities();
    capabilities.is_ok_and(|text| archipel_domain::offers_hvm(&text).unwrap_or(false))
}

fn kernel() -> Kernel {
    let name = rustix::system::uname();
    Kernel {
        name: text(name.sysname()),
        release: text(name.release()),
        machine: text(name.machine()),
        system: "GNU/Linux".to_owned(),
    }
}

fn text(part: &std::ffi::CStr) -> String {
    part.to_string_lossy().into_owned()
}
