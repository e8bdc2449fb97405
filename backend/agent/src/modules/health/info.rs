//! `info`: figures of now.

use archipel_hypervisor::FileSystem;
use archipel_protocol::{
    Failure,
    failure::FailureKind,
    health::{Info, Partition},
};

use super::{Answer, Call};
use crate::{host::Host, state::State};

pub(super) fn run(host: &mut Host, _: &Call) -> Answer {
    let info = info(&host.state).ok_or_else(|| {
        let text = "the first sample is not taken yet. Ask again in some seconds";
        Failure::new(FailureKind::Busy, text)
    });
    Answer::Now(info.map(|info| info.to_elements()))
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
