#![allow(clippy::unwrap_used)]
use archipel_protocol::VmId;
use proptest::prelude::*;

use super::*;
use crate::Lifecycle;

fn event(number: u8) -> DriverEvent {
    DriverEvent::Machine {
        id: VmId::from_bytes([number; 16]),
        what: Lifecycle::Started,
    }
}

fn read(receiver: &mut mpsc::Receiver<DriverEvent>) -> Vec<DriverEvent> {
    std::iter::from_fn(|| receiver.try_recv().ok()).collect()
}

#[test]
fn an_overflow_is_told_once() {
    let subscribers = Subscribers::with_queue(2);
    let mut slow = subscribers.subscribe();
    for number in 1..9 {
        subscribers.publish(&event(number));
    }
    assert_eq!(read(&mut slow), [event(1), event(2), DriverEvent::Missed]);
    subscribers.publish(&event(9));
    assert_eq!(read(&mut slow), [event(9)]);
}

#[test]
fn the_slow_do_not_hold_up_the_quick() {
    let subscribers = Subscribers::with_queue(1);
    let _slow = subscribers.subscribe();
    let mut quick = subscribers.subscribe();
    for number in 0..50 {
        subscribers.publish(&event(number));
        assert_eq!(read(&mut quick), [event(number)]);
    }
}

#[test]
fn who_leaves_is_forgotten() {
    let subscribers = Subscribers::with_queue(1);
    let leaver = subscribers.subscribe();
    (0..5).for_each(|number| subscribers.publish(&event(number)));
    drop(leaver);
    subscribers.publish(&event(5));
    assert!(subscribers.lock().is_empty());
}

proptest! {
    /// Whatever the pace: what was read is in order, and between two events that are not neighbours stands a `Missed`.
    #[test]
    fn nothing_is_missed_in_silence(queue in 1..5usize, steps in proptest::collection::vec(any::<bool>(), 0..120)) {
        let subscribers = Subscribers::with_queue(queue);
        let mut receiver = subscribers.subscribe();
        let (mut published, mut seen) = (0u8, Vec::new());
        for publish in steps {
            if publish {
                subscribers.publish(&event(published));
                published += 1;
            } else {
                seen.extend(receiver.try_recv().ok());
            }
        }
        seen.extend(read(&mut receiver));
        let mut expected = Some(0u8);
        for news in seen {
            if news == DriverEvent::Missed {
                prop_assert!(expected.take().is_some(), "Missed twice in a row");
            } else {
                let number = (0..published).find(|number| event(*number) == news).unwrap();
                prop_assert!(expected.is_none_or(|expected| expected == number));
                expected = Some(number + 1);
            }
        }
        prop_assert!(expected.is_none_or(|expected| expected == published));
    }
}
