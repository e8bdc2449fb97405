//! Changes of state.

use archipel_protocol::VmState;

use super::{Ears, Own, Rig};
use crate::{ErrorKind, Lifecycle, Power};

/// Every verb, its state and its event.
pub fn a_machine_goes_through_its_states(rig: &dyn Rig) {
    let own = Own::defined("worker", rig);
    let mut ears = Ears::on(&own, rig);
    let mut step = |power, news: Option<Lifecycle>, state| {
        rig.driver().power(own.id, power).unwrap();
        if let Some(news) = news {
            ears.hear(news);
        }
        own.wait_for(rig, state);
    };
    step(Power::Start, Some(Lifecycle::Started), VmState::Running);
    assert!(rig.driver().domain(own.id).unwrap().run_id.is_some());
    step(Power::Suspend, Some(Lifecycle::Suspended), VmState::Paused);
    step(Power::Resume, Some(Lifecycle::Resumed), VmState::Running);
    step(Power::Reboot, None, VmState::Running);
    step(Power::Reset, None, VmState::Running);
    step(Power::Shutdown, Some(Lifecycle::Stopped), VmState::Off);
    step(Power::Start, Some(Lifecycle::Started), VmState::Running);
    step(Power::Suspend, Some(Lifecycle::Suspended), VmState::Paused);
    step(Power::Destroy, Some(Lifecycle::Stopped), VmState::Off);
    assert_eq!(rig.driver().domain(own.id).unwrap().run_id, None);
}

/// Destroy asks for a state, and it is there already.
pub fn destroying_what_is_off_is_no_error(rig: &dyn Rig) {
    let own = Own::defined("idle", rig);
    rig.driver().power(own.id, Power::Destroy).unwrap();
    assert_eq!(own.state(rig), VmState::Off);
}

/// What a state does not allow is refused and changes nothing.
pub fn wrong_states_are_refused(rig: &dyn Rig) {
    let own = Own::defined("refused", rig);
    let refused = |power| {
        let before = own.state(rig);
        let error = rig.driver().power(own.id, power).unwrap_err();
        assert_eq!(error.kind, ErrorKind::WrongState, "{power:?}: {error}");
        assert_eq!(own.state(rig), before);
    };
    for power in [
        Power::Shutdown,
        Power::Reboot,
        Power::Suspend,
        Power::Resume,
        Power::Reset,
        Power::Save,
    ] {
        refused(power);
    }
    rig.driver().power(own.id, Power::Start).unwrap();
    refused(Power::Start);
    refused(Power::Resume);
    rig.driver().power(own.id, Power::Suspend).unwrap();
    refused(Power::Start);
}

/// Saving stops a machine and keeps its memory; the next start goes on from there, and nothing is kept after it or when it is thrown
/// away.
pub fn saved_memory_is_kept_until_the_next_start(rig: &dyn Rig) {
    let own = Own::defined("asleep", rig);
    let saved = || rig.driver().domain(own.id).unwrap().saved;
    let save = || {
        rig.driver().power(own.id, Power::Start).unwrap();
        rig.driver().power(own.id, Power::Save).unwrap();
        own.wait_for(rig, VmState::Off);
        assert!(saved());
    };
    assert!(!saved());
    save();
    let listed = rig.driver().domains().unwrap();
    assert!(
        listed
            .iter()
            .any(|domain| domain.id == own.id && domain.saved)
    );
    rig.driver().power(own.id, Power::Start).unwrap();
    own.wait_for(rig, VmState::Running);
    assert!(!saved());
    rig.driver().power(own.id, Power::Destroy).unwrap();
    save();
    rig.driver().drop_saved(own.id).unwrap();
    assert!(!saved());
}
