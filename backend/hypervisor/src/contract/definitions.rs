//! Definitions, and those who change them behind the driver's back.

use archipel_protocol::VmState;

use super::{Ears, Own, Rig, SECRET, eventually};
use crate::{ErrorKind, Lifecycle, Power};

/// The definition is the machine's, without what only its host may know.
pub fn a_definition_holds_no_secret(rig: &dyn Rig) {
    let own = Own::defined("discreet", rig);
    for power in [None, Some(Power::Start)] {
        power
            .map_or(Ok(()), |power| rig.driver().power(own.id, power))
            .unwrap();
        let text = rig.driver().definition(own.id).unwrap();
        assert!(
            !text.contains(SECRET) && !text.contains("<description"),
            "{text}"
        );
        let read = archipel_domain::summary(&text).unwrap();
        assert_eq!(
            (read.name, read.uuid),
            (own.facts.name.clone(), own.facts.uuid.clone())
        );
    }
}

/// Without its definition a running machine runs on, and is gone when it stops.
pub fn a_running_machine_outlives_its_definition(rig: &dyn Rig) {
    let own = Own::defined("transient", rig);
    rig.driver().power(own.id, Power::Start).unwrap();
    rig.undefine(own.id);
    let domain = eventually("it is transient", || {
        rig.driver()
            .domain(own.id)
            .ok()
            .filter(|domain| !domain.persistent)
    });
    assert_eq!(domain.state, VmState::Running);
    assert!(rig.driver().domains().unwrap().contains(&domain));
    rig.driver().power(own.id, Power::Destroy).unwrap();
    let error = eventually("it is gone", || rig.driver().domain(own.id).err());
    assert_eq!(error.kind, ErrorKind::NotFound);
}

/// What others do is heard.
pub fn others_changes_are_told(rig: &dyn Rig) {
    let own = Own::new("foreign");
    let mut ears = Ears::on(&own, rig);
    rig.define(&own.xml);
    ears.hear(Lifecycle::Defined);
    assert_eq!(own.state(rig), VmState::Off);
    rig.define(&own.xml);
    ears.hear(Lifecycle::Defined);
    rig.undefine(own.id);
    ears.hear(Lifecycle::Undefined);
    assert_eq!(
        rig.driver().domain(own.id).unwrap_err().kind,
        ErrorKind::NotFound
    );
}
