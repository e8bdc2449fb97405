//! `archipel-agent`: the daemon on a hypervisor, over libvirt.

use std::{process::ExitCode, sync::Arc};

use archipel_agent::program::{self, Drivers};
use archipel_libvirt::LibvirtDriver;

fn main() -> ExitCode {
    program::main(Drivers {
        open: |uri| Ok(Arc::new(LibvirtDriver::open(uri)?)),
        check: archipel_libvirt::check,
    })
}
