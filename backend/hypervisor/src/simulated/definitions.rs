//! What is written about simulated machines, and what is given to them: libvirt's laws about both definitions.

use std::time::Duration;

use archipel_domain::{Document, Edit, Kind};
use archipel_protocol::VmId;

use super::{
    machine::Machine,
    refusal,
    world::{News, World},
};
use crate::{Apply, Counters, DriverError, Lifecycle, Pin, Traffic, View};

impl Machine {
    /// One of its definitions, as libvirt would write it.
    pub(super) fn text(&self, view: View) -> String {
        let live = self.live.as_ref().filter(|_| view == View::Live);
        live.unwrap_or(&self.definition).clone()
    }

    /// Writes into one of its definitions, or both.
    fn edit(&mut self, apply: Apply, edits: &[Edit]) -> Result<(), DriverError> {
        if apply.is_next() {
            let text = edited(&self.definition, edits)?;
            let summary =
                archipel_domain::summary(&text).map_err(|why| refusal::bad_definition(&why))?;
            self.redefine(&text, summary);
        }
        if let Some(live) = self.live.as_ref().filter(|_| apply.is_live()) {
            self.live = Some(edited(live, edits)?);
        }
        Ok(())
    }

    /// Whether a change that counts then can be made.
    fn takes(&self, apply: Apply) -> Result<(), DriverError> {
        if apply.is_live() && !self.domain.state.is_active() {
            return Err(refusal::wrong_state("domain is not running"));
        }
        if apply.is_next() && !self.domain.persistent {
            return Err(refusal::wrong_state(
                "transient domains do not have any persistent config",
            ));
        }
        Ok(())
    }
}

fn edited(text: &str, edits: &[Edit]) -> Result<String, DriverError> {
    let document =
        Document::parse_as(Kind::Domain, text).map_err(|why| refusal::bad_definition(&why))?;
    let edited = document.edited(edits);
    let edited = edited.map_err(|why| refusal::invalid(&why.to_string()))?;
    Ok(edited.document.into_text())
}

fn described(text: &str, description: Option<&str>) -> Result<String, DriverError> {
    let bare = archipel_domain::without_description(text);
    let bare = bare.map_err(|why| refusal::bad_definition(&why))?;
    match (description, "description".parse()) {
        (Some(new), Ok(target)) => edited(&bare, &[Edit::set(target, new)]),
        _ => Ok(bare),
    }
}

fn edit(text: &str) -> Result<Edit, DriverError> {
    text.parse()
        .map_err(|why: archipel_domain::SyntaxError| refusal::invalid(&why.to_string()))
}

impl World {
    pub(super) fn drop_saved(&mut self, id: VmId) -> Result<(), DriverError> {
        self.machine_mut(id)?.domain.saved = false;
        Ok(())
    }

    pub(super) fn set_memory(
        &mut self,
        id: VmId,
        kib: u64,
        apply: Apply,
    ) -> Result<(), DriverError> {
        let machine = self.machine_mut(id)?;
        machine.takes(apply)?;
        if apply.is_live() && kib > machine.domain.max_memory_kib {
            return Err(refusal::invalid("cannot set memory higher than max memory"));
        }
        let mut edits = vec![edit(&format!("set current-memory {kib}KiB"))?];
        if apply.is_next() && kib > machine.defined.max_memory_kib {
            edits.insert(0, edit(&format!("set memory {kib}KiB"))?);
        }
        machine.edit(apply, &edits)?;
        if apply.is_live() {
            machine.domain.memory_kib = kib;
        }
        Ok(())
    }

    pub(super) fn set_vcpus(
        &mut self,
        id: VmId,
        count: u32,
        apply: Apply,
    ) -> Result<(), DriverError> {
        let machine = self.machine_mut(id)?;
        machine.takes(apply)?;
        let most = machine.defined.max_vcpus;
        if count == 0 || (apply.is_live() && count > most) {
            return Err(refusal::invalid(&format!(
                "requested vcpus is greater than max allowable vcpus for the live domain: {count} > {most}"
            )));
        }
        let mut edits = vec![edit(&format!("set vcpus {count}"))?];
        if apply.is_next() && count > most {
            edits.insert(0, edit(&format!("set max-vcpus {count}"))?);
        }
        machine.edit(apply, &edits)?;
        if apply.is_live() {
            machine.domain.vcpus = count;
        }
        Ok(())
    }

    pub(super) fn pin(&mut self, id: VmId, pin: &Pin, apply: Apply) -> Result<(), DriverError> {
        let machine = self.machine_mut(id)?;
        machine.takes(apply)?;
        let (Some(_), true) = (pin.cpus.first(), pin.vcpu < machine.defined.max_vcpus) else {
            return Err(refusal::invalid(&format!(
                "vcpu {} is not present in the domain, or no processor is left for it",
                pin.vcpu
            )));
        };
        let cpus: Vec<String> = pin.cpus.iter().map(u32::to_string).collect();
        let path = format!("/cputune/vcpupin[@vcpu='{}']/@cpuset", pin.vcpu);
        machine.edit(apply, &[edit(&format!("set {path} {}", cpus.join(",")))?])
    }

    /// libvirt tells a rename as the end of one definition and the beginning of another.
    pub(super) fn rename(&mut self, id: VmId, name: &str) -> Result<News, DriverError> {
        if name.is_empty() || name.contains('/') {
            return Err(refusal::invalid("a name is not empty and holds no slash"));
        }
        self.free_name(name, id)?;
        let machine = self.machine_mut(id)?;
        if machine.domain.state.is_active() {
            return Err(refusal::wrong_state("cannot rename active domain"));
        }
        let Ok(target) = "name".parse() else {
            return Err(refusal::invalid("no name"));
        };
        machine.edit(Apply::Next, &[Edit::set(target, name)])?;
        Ok(vec![(id, Lifecycle::Undefined), (id, Lifecycle::Defined)])
    }

    /// Of this libvirt has no event that the driver listens to.
    pub(super) fn describe(&mut self, id: VmId, text: Option<&str>) -> Result<(), DriverError> {
        let machine = self.machine_mut(id)?;
        if machine.domain.persistent {
            machine.definition = described(&machine.definition, text)?;
        }
        if let Some(live) = &machine.live {
            machine.live = Some(described(live, text)?);
        }
        Ok(())
    }

    /// Every simulated machine has one interface.
    pub(super) fn traffic(&self, id: VmId, now: Duration) -> Result<Vec<Traffic>, DriverError> {
        let machine = self.machine(id)?;
        if !machine.domain.state.is_active() {
            return Err(refusal::wrong_state("domain is not running"));
        }
        let used = machine.used(now);
        let counters = |bytes: u64| Counters {
            bytes: Some(bytes),
            packets: Some(bytes / 1_000),
            errors: Some(0),
            dropped: Some(0),
        };
        Ok(vec![Traffic {
            name: "net0".to_owned(),
            received: counters(used.net_received),
            sent: counters(used.net_sent),
            ..Traffic::default()
        }])
    }
}
