//! `info`: figures of now.

use archipel_hypervisor::FileSystem;
use archipel_protocol::health::{Info, Partition};

use super::{Answer, Call};
use crate::{host::Host, messages::Refusal, state::State};

pub(super) fn run(host: &mut Host, _: &Call) -> Answer {
    let info = info(&host.state).map(|info| info.to_elements());
    Answer::Now(info.ok_or_else(|| Refusal::NoSample.into()))
}

fn info(state: &State) -> Option<Info> {
    let figures = state.health.figures()?;
    let kernel = state.node.kernel.clone().unwrap_or_default();
    Some(Info {
        sample: state.health.recent().front()?.clone(),
        partitions: figures.host.file_systems.iter().map(partition).collect(),
        uptime_s: figures.host.uptime_s.unwrap_or_default(),
        kernel: [kernel.name, kernel.release, kernel.machine, kernel.system],
        libvirt_version: state.node.libvirt_version,
        driver_version: state.node.driver_version,
        hardware_virtualisation: state.node.hardware_virtualisation,
    })
}

fn partition(file_system: &FileSystem) -> Partition {
    Partition {
        device: file_system.device.clone(),
        mount: file_system.mount.clone(),
        size: file_system.size,
        used: file_system.used,
        available: file_system.available,
    }
}
