//! What every driver must do, as tests: [`driver_contract!`](crate::driver_contract) runs all of it against a driver.
//!
//! Each case makes machines of its own, so that cases can share a hypervisor and run at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "this module is tests"
)]

mod definitions;
mod facts;
mod files;
mod given;
mod news;
mod power;
mod written;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use archipel_domain::Summary;
use archipel_protocol::{VmId, VmState};
use tokio::sync::mpsc::Receiver;

pub use definitions::{
    a_definition_holds_no_secret, a_running_machine_outlives_its_definition,
    others_changes_are_told,
};
pub use facts::{
    autostart_is_kept, counters_are_of_active_machines, the_host_is_described,
    the_list_has_each_machine_once, unknown_machines_are_not_found,
};
pub use files::{
    a_running_machine_has_a_screen, a_volume_is_copied_and_deleted, unknown_volumes_are_not_found,
};
pub use given::{
    a_pin_is_of_a_processor_that_is_there, memory_counts_when_it_is_to,
    processors_count_when_they_are_to, traffic_is_of_running_machines,
};
pub use news::{a_slow_subscriber_hears_what_it_missed, many_threads_may_call_at_once};
pub use power::{
    a_machine_goes_through_its_states, destroying_what_is_off_is_no_error,
    saved_memory_is_kept_until_the_next_start, wrong_states_are_refused,
};
pub use written::{
    a_description_is_written_and_taken_away, a_name_belongs_to_one_machine,
    a_running_machine_has_two_definitions, a_secure_definition_holds_the_secrets,
    what_is_defined_is_there_and_what_is_undefined_is_gone,
};

use crate::{Driver, DriverEvent, Lifecycle};

/// A driver, and another hand on the same hypervisor.
pub trait Rig: Sync {
    /// The driver under test.
    fn driver(&self) -> &dyn Driver;
    /// Somebody else defines a machine (`virDomainDefineXML`).
    fn define(&self, xml: &str);
    /// Somebody else takes a definition away (`virDomainUndefine`).
    fn undefine(&self, id: VmId);
    /// Somebody else makes a small raw volume of this name in a pool (`virStorageVolCreateXML`): its path.
    fn volume(&self, name: &str) -> String;
}

/// Makes one `#[test]` of each case. The argument is an expression that gives `Some` [`Rig`](contract::Rig); `None` skips the case
/// where something is missing.
#[macro_export]
macro_rules! driver_contract {
    ($rig:expr) => {
        $crate::driver_contract! { @ $rig;
            the_list_has_each_machine_once,
            unknown_machines_are_not_found,
            autostart_is_kept,
            counters_are_of_active_machines,
            the_host_is_described,
            a_machine_goes_through_its_states,
            destroying_what_is_off_is_no_error,
            wrong_states_are_refused,
            a_definition_holds_no_secret,
            a_running_machine_outlives_its_definition,
            others_changes_are_told,
            a_slow_subscriber_hears_what_it_missed,
            many_threads_may_call_at_once,
            memory_counts_when_it_is_to,
            processors_count_when_they_are_to,
            a_pin_is_of_a_processor_that_is_there,
            traffic_is_of_running_machines,
            saved_memory_is_kept_until_the_next_start,
            a_secure_definition_holds_the_secrets,
            what_is_defined_is_there_and_what_is_undefined_is_gone,
            a_running_machine_has_two_definitions,
            a_name_belongs_to_one_machine,
            a_description_is_written_and_taken_away,
            unknown_volumes_are_not_found,
            a_volume_is_copied_and_deleted,
            a_running_machine_has_a_screen,
        }
    };
    (@ $rig:expr; $($case:ident,)*) => {
        $(
            #[test]
            fn $case() {
                if let Some(rig) = $rig {
                    $crate::contract::$case(&rig);
                }
            }
        )*
    };
}

/// The longest that anything may take before a case gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A machine that only this case knows: its name raw and unique, its definition with a secret in two places.
struct Own {
    id: VmId,
    facts: Summary,
    xml: String,
}

/// In every definition, and nowhere else.
const SECRET: &str = "hunter2";

impl Own {
    fn new(what: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(1);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let id = VmId::from_bytes(
            (0xc0de_0000_0000_4000_8000_0000_0000_0000 + u128::from(number)).to_be_bytes(),
        );
        let facts = Summary {
            name: format!("{what} <{number}> & 'é'"),
            uuid: Some(id.to_string()),
            title: None,
            memory_kib: 64 << 10,
            max_memory_kib: 128 << 10,
            vcpus: 1,
            max_vcpus: 2,
        };
        let secrets = format!(
            "<description>{SECRET}</description><devices><graphics type='vnc' passwd='{SECRET}'/></devices></domain>"
        );
        let xml = archipel_domain::skeleton("test", &facts).replace("</domain>", &secrets);
        Self { id, facts, xml }
    }

    fn defined(what: &str, rig: &dyn Rig) -> Self {
        let own = Self::new(what);
        rig.define(&own.xml);
        own
    }

    fn state(&self, rig: &dyn Rig) -> VmState {
        rig.driver().domain(self.id).unwrap().state
    }

    fn wait_for(&self, rig: &dyn Rig, state: VmState) {
        eventually(&format!("{} is {state}", self.facts.name), || {
            (self.state(rig) == state).then_some(())
        });
    }
}

/// The next events of one machine, others' skipped.
struct Ears {
    id: VmId,
    news: Receiver<DriverEvent>,
}

impl Ears {
    fn on(own: &Own, rig: &dyn Rig) -> Self {
        let news = rig.driver().subscribe();
        Self { id: own.id, news }
    }

    /// Skips everything until this is told of the machine.
    fn hear(&mut self, wanted: Lifecycle) {
        let awaited = DriverEvent::Machine {
            id: self.id,
            what: wanted,
        };
        eventually(&format!("{awaited:?}"), || {
            while let Ok(event) = self.news.try_recv() {
                if event == awaited {
                    return Some(());
                }
            }
            None
        });
    }
}

fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain: {what}"
        );
        thread::sleep(Duration::from_millis(2));
    }
}
