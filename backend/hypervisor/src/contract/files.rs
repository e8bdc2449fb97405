//! Volumes, and pictures of screens.

use std::sync::atomic::{AtomicU32, Ordering};

use super::{Own, Rig};
use crate::{Copying, ErrorKind, Power, SCREEN_LIMIT, VolumeCopy};

/// What no pool knows is neither copied nor deleted.
pub fn unknown_volumes_are_not_found(rig: &dyn Rig) {
    let path = "/nowhere/at/all.raw";
    for how in [Copying::Full, Copying::Linked] {
        let refused = rig.driver().copy_volume(&VolumeCopy {
            from: path.to_owned(),
            format: "raw".to_owned(),
            name: "copy".to_owned(),
            how,
        });
        assert_eq!(refused.unwrap_err().kind, ErrorKind::NotFound);
    }
    let refused = rig.driver().delete_volume(path);
    assert_eq!(refused.unwrap_err().kind, ErrorKind::NotFound);
}

/// A full copy stands alone, a linked one builds on its first, which stays for as long as that is so. Copies lie beside their first, and
/// nothing is written over.
pub fn a_volume_is_copied_and_deleted(rig: &dyn Rig) {
    static MADE: AtomicU32 = AtomicU32::new(1);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let from = rig.volume(&format!("first-{number}.raw"));
    let folder = from.rsplit_once('/').map(|(folder, _)| folder);
    let copy = |how, name: &str| {
        rig.driver().copy_volume(&VolumeCopy {
            from: from.clone(),
            format: "raw".to_owned(),
            name: format!("{name}-{number}"),
            how,
        })
    };
    let full = copy(Copying::Full, "full").unwrap();
    let linked = copy(Copying::Linked, "linked").unwrap();
    assert_eq!(
        (full.format.as_str(), linked.format.as_str()),
        ("raw", "qcow2")
    );
    for (made, name) in [(&full, "full"), (&linked, "linked")] {
        let expected = format!("{}/{name}-{number}", folder.unwrap_or_default());
        assert_eq!(made.path, expected);
    }
    for how in [Copying::Full, Copying::Linked] {
        assert!(copy(how, "full").is_err(), "a name is given once");
    }
    let kept = rig.driver().delete_volume(&from).unwrap_err();
    assert_eq!(kept.kind, ErrorKind::Busy, "{kept}");
    for path in [&linked.path, &full.path, &from] {
        rig.driver().delete_volume(path).unwrap();
        let gone = rig.driver().delete_volume(path).unwrap_err();
        assert_eq!(gone.kind, ErrorKind::NotFound, "{path}");
    }
    assert!(copy(Copying::Full, "late").is_err());
}

/// A picture says what it is. A driver that has none for a machine says so.
pub fn a_running_machine_has_a_screen(rig: &dyn Rig) {
    let own = Own::defined("seen", rig);
    rig.driver().power(own.id, Power::Start).unwrap();
    let screen = rig.driver().screenshot(own.id).unwrap();
    assert!(screen.mime.starts_with("image/"), "{screen:?}");
    assert!(!screen.bytes.is_empty() && screen.bytes.len() <= SCREEN_LIMIT);
    let unknown = archipel_protocol::VmId::from_bytes([7; 16]);
    let refused = rig.driver().screenshot(unknown).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound);
}
