#![allow(clippy::unwrap_used)]
use archipel_hypervisor::simulated::machines as domains;

use super::*;

#[test]
fn a_list_is_compared_with_what_was_known() {
    let mut machines = Machines::default();
    let all = domains(2);
    let changes = machines.list(all.clone(), &BTreeSet::new());
    assert!(
        changes
            .iter()
            .all(|(_, change)| *change == Change::Appeared)
    );
    assert_eq!(machines.list(all.clone(), &BTreeSet::new()), []);
    let mut running = all[0].clone();
    running.state = VmState::Running;
    let changes = machines.list(vec![running.clone()], &BTreeSet::new());
    let gone = Change::Gone {
        name: "vm-2".into(),
    };
    assert_eq!(
        changes,
        [(all[1].id, gone), (running.id, Change::State(VmState::Off))]
    );
    running.autostart = true;
    assert_eq!(machines.found(running), Some(Change::Facts));
}

#[test]
fn a_state_that_was_told_counts_before_the_machine_is_read() {
    let all = domains(1);
    let id = all[0].id;
    let mut machines = Machines::default();
    assert_eq!(machines.told(id, VmState::Running), None);
    machines.list(all.clone(), &BTreeSet::new());
    let told = machines.told(id, VmState::Running);
    assert_eq!(told, Some(Change::State(VmState::Off)));
    assert_eq!(machines.get(id).unwrap().state(), VmState::Running);
    assert_eq!(machines.told(id, VmState::Running), None);
    let read = machines.found(all[0].clone());
    assert_eq!(read, Some(Change::State(VmState::Running)));
}

#[test]
fn a_managed_machine_outlives_its_definition_unless_it_was_transient() {
    let mut machines = Machines::remembered([], Adopt::Manage);
    let mut all = domains(2);
    all[1].persistent = false;
    machines.list(all.clone(), &BTreeSet::new());
    assert_eq!(machines.managed(), 2);
    let lost = machines.missing(all[0].id);
    assert_eq!(lost, Some(Change::State(VmState::Off)));
    assert_eq!(machines.get(all[0].id).unwrap().state(), VmState::Undefined);
    assert_eq!(machines.missing(all[0].id), None);
    let gone = machines.missing(all[1].id);
    assert!(matches!(gone, Some(Change::Gone { .. })), "{gone:?}");
}

#[test]
fn what_was_managed_is_known_before_libvirt_answers() {
    let all = domains(1);
    let old = Remembered {
        id: all[0].id,
        name: "old".into(),
        protected: true,
    };
    let mut machines = Machines::remembered([old], Adopt::Show);
    assert_eq!(machines.get(all[0].id).unwrap().row(all[0].id).name, "old");
    assert_eq!(
        machines.found(all[0].clone()),
        Some(Change::State(VmState::Undefined))
    );
    assert!(machines.get(all[0].id).unwrap().managed);
}

#[test]
fn a_machine_that_was_let_go_is_not_adopted_again() {
    let all = domains(2);
    let mut machines = Machines::remembered([], Adopt::Manage).without([all[0].id]);
    machines.list(all.clone(), &BTreeSet::new());
    assert_eq!(machines.managed(), 1);
    assert_eq!(machines.adopt(Adopt::Manage), []);
    machines.manage(all[0].id, "a".into());
    assert_eq!(machines.managed(), 2);
    machines.release(all[1].id);
    assert_eq!(machines.adopt(Adopt::Manage), []);
    let fresh = VmId::from_bytes([9; 16]);
    machines.manage(fresh, "new".into());
    assert_eq!(machines.get(fresh).unwrap().state(), VmState::Undefined);
    machines.release(fresh);
    assert_eq!(machines.get(fresh), None);
}

#[test]
fn adopting_later_takes_all_that_is_there() {
    let mut machines = Machines::default();
    machines.list(domains(3), &BTreeSet::new());
    assert_eq!(machines.adopt(Adopt::Manage).len(), 3);
    assert_eq!(machines.adopt(Adopt::Show), []);
    assert_eq!(machines.managed(), 3);
}

#[test]
fn a_scope_takes_what_is_in_it() {
    let all = domains(3);
    let here = Identity {
        account: "hv01@dc.example".parse().unwrap(),
        full: "hv01@dc.example/rack".parse().unwrap(),
        node: "hv01".into(),
    };
    let scope = Adopt::try_from("tag = web and hypervisor = hv01".to_owned()).unwrap();
    let mut machines = Machines::remembered([], scope).at(here);
    machines.set_tags(all[0].id, vec!["web".into()]);
    machines.list(all.clone(), &BTreeSet::new());
    assert_eq!(machines.managed(), 1);
    assert!(machines.get(all[0].id).unwrap().managed);
    // A tag that comes later counts as well; one that goes lets nothing go.
    machines.set_tags(all[1].id, vec!["web".into()]);
    assert!(machines.adopt_one(all[1].id) && !machines.adopt_one(all[2].id));
    machines.set_tags(all[1].id, Vec::new());
    assert!(machines.get(all[1].id).unwrap().managed);
    let wrong = Adopt::try_from("name = web".to_owned()).unwrap_err();
    assert!(
        wrong.contains("`name = web`") && wrong.contains("tag = web"),
        "{wrong}"
    );
}
