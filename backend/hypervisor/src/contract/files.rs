//! Volumes, and pictures of screens.

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
