//! File systems that hold data.

use std::collections::HashSet;

use archipel_hypervisor::FileSystem;

/// Kinds without a disk behind them.
const VIRTUAL: [&str; 4] = ["autofs", "devfs", "devtmpfs", "tmpfs"];
/// Kinds on another machine: when that one is dead, asking for their size hangs, and with it the health of the host.
const REMOTE: [&str; 8] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "ceph",
    "9p",
    "glusterfs",
    "fuse.sshfs",
];

/// One line of the table of mounts.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    device: String,
    point: String,
}

/// From `/proc/self/mounts`, sorted by mount point: without virtual and remote ones, those of no size, and any whose device or mount point came before.
pub(super) fn file_systems(mounts: &str) -> Vec<FileSystem> {
    let mut found: Vec<FileSystem> = distinct(mounts).into_iter().filter_map(measure).collect();
    found.sort_by(|a, b| a.mount.cmp(&b.mount));
    found
}

fn distinct(mounts: &str) -> Vec<Mount> {
    let (mut devices, mut points) = (HashSet::new(), HashSet::new());
    let all = mounts.lines().filter_map(mount);
    all.filter(|mount| devices.insert(mount.device.clone()) & points.insert(mount.point.clone()))
        .collect()
}

fn mount(line: &str) -> Option<Mount> {
    let mut words = line.split(' ');
    let (device, point, kind) = (words.next()?, words.next()?, words.next()?);
    let skipped = VIRTUAL.contains(&kind) || REMOTE.contains(&kind);
    (!skipped).then(|| Mount {
        device: unescaped(device),
        point: unescaped(point),
    })
}

/// The kernel writes space, tab, line feed and backslash as three octal digits.
fn unescaped(word: &str) -> String {
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .iter()
    .fold(word.to_owned(), |text, (code, plain)| {
        text.replace(code, plain)
    })
}

fn measure(mount: Mount) -> Option<FileSystem> {
    let sizes = rustix::fs::statvfs(mount.point.as_str()).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(sizes.f_frsize);
    (sizes.f_blocks > 0).then(|| FileSystem {
        device: mount.device,
        mount: mount.point,
        size: bytes(sizes.f_blocks),
        used: bytes(sizes.f_blocks.saturating_sub(sizes.f_bfree)),
        available: bytes(sizes.f_bfree),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_device_and_each_mount_point_counts_once() {
        let text = "/dev/sda1 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/sda1 /srv/again ext4 rw 0 0\n\
            nas:/images /images nfs4 rw 0 0\n/dev/sdb1 /mnt/two\\040words xfs rw 0 0\n/dev/sdc1 / ext4 rw 0 0\nbroken\n";
        let points: Vec<String> = distinct(text)
            .into_iter()
            .map(|mount| mount.point)
            .collect();
        assert_eq!(points, ["/", "/mnt/two words"]);
    }

    #[test]
    fn this_hosts_root_has_a_size() {
        let found = file_systems(
            "/dev/root / ext4 rw 0 0\nproc /proc proc rw 0 0\ngone /no/such/place ext4 rw 0 0\n",
        );
        assert_eq!(
            found
                .iter()
                .map(|file_system| file_system.mount.as_str())
                .collect::<Vec<_>>(),
            ["/"]
        );
        assert!(
            found
                .iter()
                .all(|root| root.size == root.used + root.available && root.size > 0)
        );
    }
}
