//! Definitions that the driver writes.

use archipel_protocol::VmState;

use super::{Ears, Own, Rig, SECRET, eventually};
use crate::{Apply, ErrorKind, Lifecycle, Power, View};

/// Secrets are there for the agent, and there only.
pub fn a_secure_definition_holds_the_secrets(rig: &dyn Rig) {
    let own = Own::defined("frank", rig);
    for view in [View::Next, View::Live] {
        let text = rig.driver().secure_definition(own.id, view).unwrap();
        assert!(text.contains(SECRET), "{text}");
        let read = archipel_domain::summary(&text).unwrap();
        assert_eq!(read.name, own.facts.name);
    }
}

/// Both are told, and a second definition of one machine replaces the first.
pub fn what_is_defined_is_there_and_what_is_undefined_is_gone(rig: &dyn Rig) {
    let own = Own::new("written");
    let mut ears = Ears::on(&own, rig);
    assert_eq!(rig.driver().define(&own.xml), Ok(own.id));
    ears.hear(Lifecycle::Defined);
    assert_eq!(own.state(rig), VmState::Off);
    let larger = own.xml.replace(
        &format!(">{}<", own.facts.max_memory_kib),
        &format!(">{}<", 256 << 10),
    );
    assert_eq!(rig.driver().define(&larger), Ok(own.id));
    let domain = rig.driver().domain(own.id).unwrap();
    assert_eq!(domain.max_memory_kib, 256 << 10);
    rig.driver().undefine(own.id).unwrap();
    ears.hear(Lifecycle::Undefined);
    let error = eventually("it is gone", || rig.driver().domain(own.id).err());
    assert_eq!(error.kind, ErrorKind::NotFound);
    let error = rig.driver().define("<domain><name/></domain>").unwrap_err();
    assert_ne!(error.kind, ErrorKind::Lost, "{error}");
}

/// What is written for the next start does not touch the machine that runs.
pub fn a_running_machine_has_two_definitions(rig: &dyn Rig) {
    let own = Own::defined("twofold", rig);
    rig.driver().power(own.id, Power::Start).unwrap();
    rig.driver()
        .set_memory(own.id, 32 << 10, Apply::Next)
        .unwrap();
    let told = |view| {
        let text = rig.driver().secure_definition(own.id, view).unwrap();
        archipel_domain::summary(&text).unwrap().memory_kib
    };
    assert_eq!(told(View::Next), 32 << 10);
    assert_eq!(told(View::Live), own.facts.memory_kib);
    rig.driver().undefine(own.id).unwrap();
    let refused = rig.driver().undefine(own.id).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::WrongState, "{refused}");
    rig.driver().power(own.id, Power::Destroy).unwrap();
    eventually("it is gone", || rig.driver().domain(own.id).err());
}

/// A machine that is off takes any name that is free.
pub fn a_name_belongs_to_one_machine(rig: &dyn Rig) {
    let (own, other) = (Own::defined("first", rig), Own::defined("second", rig));
    let name = format!("{} renamed", own.facts.name);
    rig.driver().rename(own.id, &name).unwrap();
    assert_eq!(rig.driver().domain(own.id).unwrap().name, name);
    assert!(rig.driver().rename(other.id, &name).is_err());
    assert_eq!(
        rig.driver().domain(other.id).unwrap().name,
        other.facts.name
    );
    rig.driver().power(own.id, Power::Start).unwrap();
    let refused = rig.driver().rename(own.id, "while it runs").unwrap_err();
    assert_eq!(refused.kind, ErrorKind::WrongState, "{refused}");
}

/// It stands in both definitions, and nothing else of them changes.
pub fn a_description_is_written_and_taken_away(rig: &dyn Rig) {
    let own = Own::defined("described", rig);
    let told = |view| rig.driver().secure_definition(own.id, view).unwrap();
    for power in [None, Some(Power::Start)] {
        power
            .map_or(Ok(()), |power| rig.driver().power(own.id, power))
            .unwrap();
        for text in [Some("one & <two>"), None] {
            rig.driver().describe(own.id, text).unwrap();
            for view in [View::Next, View::Live] {
                let written =
                    told(view).contains("<description>one &amp; &lt;two&gt;</description>");
                assert_eq!(written, text.is_some(), "{}", told(view));
                assert!(told(view).contains(SECRET), "its other secret stays");
            }
        }
        assert!(!told(View::Next).contains("<description"));
    }
    let unknown = archipel_protocol::VmId::from_bytes([7; 16]);
    let error = rig.driver().describe(unknown, None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}
