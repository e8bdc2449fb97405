//! What an agent of the original said of its host.

use archipel_protocol::{
    feed::{FileSystem, HostLoad, HostRow, Rights, Row},
    health::{Info, Partition, Sample},
    presence::LIBVIRT_LOST,
    text::clean_line,
};

/// The longest name of a file system, in characters.
const MOUNT_LIMIT: usize = 128;

/// The host, as far as it was told.
#[derive(Debug)]
pub(super) struct Facts {
    libvirt_lost: bool,
    health: Option<Info>,
}

impl Facts {
    pub(super) fn new(libvirt_lost: bool) -> Self {
        Self {
            libvirt_lost,
            health: None,
        }
    }

    /// Its presence says whether it reaches libvirt.
    pub(super) fn set_lost(&mut self, lost: bool) {
        self.libvirt_lost = lost;
    }

    pub(super) fn set_health(&mut self, health: Info) {
        self.health = Some(health);
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let load = self.health.as_ref().map(load);
        let row = Row::Host(Box::new(self.row()));
        [row]
            .into_iter()
            .chain(load.map(|load| Row::HostLoad(Box::new(load))))
            .collect()
    }

    /// What the operator may do is not told either: the agent decides when it is asked.
    fn row(&self) -> HostRow {
        let health = self.health.as_ref();
        HostRow {
            libvirt_version: health.map_or(0, |health| health.libvirt_version),
            driver_version: health.map_or(0, |health| health.driver_version),
            memory_kib: health.map_or(0, |health| health.sample.memory.total),
            libvirt_lost: self.libvirt_lost.then(|| LIBVIRT_LOST.to_owned()),
            rights: Rights::All,
            ..HostRow::default()
        }
    }
}

/// Rates are left out: its figures of disks and networks say no time that they are of.
fn load(health: &Info) -> HostLoad {
    let Sample { memory, load, .. } = &health.sample;
    HostLoad {
        cpu_permille: Some(busy(health.sample.idle_percent)),
        memory_kib: Some(memory.total.saturating_sub(memory.free)),
        swap_kib: Some(memory.swapped),
        load: Some(load.map(hundredths)),
        uptime_s: Some(health.uptime_s).filter(|seconds| *seconds > 0),
        file_systems: health.partitions.iter().map(file_system).collect(),
        ..HostLoad::default()
    }
}

fn file_system(partition: &Partition) -> FileSystem {
    FileSystem {
        mount: clean_line(&partition.mount, MOUNT_LIMIT),
        size: partition.size,
        used: partition.used,
    }
}

fn busy(idle_percent: f64) -> u32 {
    whole((100.0 - idle_percent.clamp(0.0, 100.0)) * 10.0)
}

fn hundredths(load: f64) -> u32 {
    whole(load * 100.0)
}

/// A number beyond the bounds becomes the bound.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> u32 {
    number.round() as u32
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn health_becomes_figures_and_nothing_is_made_up() {
        let mut facts = Facts::new(false);
        assert_eq!(facts.rows().len(), 1, "without health there are no figures");
        let health = "<query xmlns='archipel:hypervisor:health'><memory used='1214752' swapped='0' free='23469332' date='x' shared='0' total='24684084'/><cpu date='x' id='87.5'/><disk><partition available='251334012928' used='19219161088' blocks='264212084' mount='/' partition='/dev/vda' capacity='8%'/></disk><networks><network name='eth0' delta='5'/></networks><load date='x' five='2.57' fifteen='3.55' one='1.34'/><uptime up='38d 22h'/><libvirt release='0' major='9' minor='9000'/><info vmx='True'/></query>";
        facts.set_health(Info::parse(&health.parse().unwrap()).unwrap());
        facts.set_lost(true);
        let rows = facts.rows();
        let (Row::Host(row), Row::HostLoad(load)) = (&rows[0], &rows[1]) else {
            unreachable!("{rows:?}")
        };
        assert_eq!(row.libvirt_lost.as_deref(), Some(LIBVIRT_LOST));
        assert_eq!((row.memory_kib, row.cpus), (24_684_084, 0));
        assert_eq!(load.cpu_permille, Some(125));
        assert_eq!(load.memory_kib, Some(1_214_752));
        assert_eq!(load.load, Some([134, 257, 355]));
        assert_eq!(
            (load.net, load.disk, load.interfaces.len()),
            (None, None, 0)
        );
        assert_eq!(load.file_systems[0].used, 19_219_161_088);
    }

    #[test]
    fn absurd_figures_become_bounds() {
        assert_eq!(busy(-7.0), 1_000);
        assert_eq!(busy(1e300), 0);
        assert_eq!(hundredths(1e300), u32::MAX);
        assert_eq!(hundredths(-1.0), 0);
    }
}
