//! Subscribers, and many callers at once.

use std::thread;

use archipel_protocol::VmState;

use super::{Ears, Own, Rig, eventually};
use crate::{DriverEvent, Lifecycle, Power};

/// More events than the queue of a subscriber of any driver holds.
const FLOOD: usize = 1_100;

/// A queue that overflows ends with one `Missed`; after it the subscriber hears again, and others never noticed.
pub fn a_slow_subscriber_hears_what_it_missed(rig: &dyn Rig) {
    let own = Own::defined("busy", rig);
    let mut slow = rig.driver().subscribe();
    let mut quick = Ears::on(&own, rig);
    rig.driver().power(own.id, Power::Start).unwrap();
    quick.hear(Lifecycle::Started);
    for _ in 0..FLOOD / 2 {
        rig.driver().power(own.id, Power::Suspend).unwrap();
        quick.hear(Lifecycle::Suspended);
        rig.driver().power(own.id, Power::Resume).unwrap();
        quick.hear(Lifecycle::Resumed);
    }
    let mut misses = 0;
    while let Ok(event) = slow.try_recv() {
        misses += usize::from(event == DriverEvent::Missed);
    }
    assert_eq!(misses, 1);
    rig.driver().power(own.id, Power::Destroy).unwrap();
    Ears {
        id: own.id,
        news: slow,
    }
    .hear(Lifecycle::Stopped);
}

/// Calls of several threads do not disturb each other.
pub fn many_threads_may_call_at_once(rig: &dyn Rig) {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let own = Own::defined("crowd", rig);
                for _ in 0..20 {
                    rig.driver().power(own.id, Power::Start).unwrap();
                    let listed = rig.driver().domains().unwrap();
                    assert!(
                        listed
                            .iter()
                            .any(|domain| domain.id == own.id && domain.state == VmState::Running)
                    );
                    rig.driver().statistics().unwrap();
                    rig.driver().power(own.id, Power::Destroy).unwrap();
                    own.wait_for(rig, VmState::Off);
                }
                rig.undefine(own.id);
                eventually("its definition is gone", || {
                    rig.driver().domain(own.id).err()
                });
            });
        }
    });
}
