//! What is written about machines.

use archipel_hypervisor::View;
use archipel_protocol::VmId;
use virt::{connect::Connect, domain::Domain, sys};

use crate::{
    failure::{Failure, is_flag_unknown},
    machines,
};

/// One of its definitions, secrets included (`virDomainGetXMLDesc`).
pub(crate) fn secure(machine: &Domain, view: View) -> Result<String, Failure> {
    let view = match view {
        View::Live => 0,
        View::Next => sys::VIR_DOMAIN_XML_INACTIVE,
    };
    Ok(machine.xml_desc(sys::VIR_DOMAIN_XML_SECURE | view)?)
}

/// Writes a definition, held against libvirt's schema where the driver can (`virDomainDefineXMLFlags`).
pub(crate) fn define(connect: &Connect, xml: &str) -> Result<VmId, Failure> {
    let machine = match connect.define_domain_xml_flags(xml, sys::VIR_DOMAIN_DEFINE_VALIDATE) {
        Err(error) if is_flag_unknown(&error) => connect.define_domain_xml(xml),
        answer => answer,
    };
    Ok(machines::id(&machine?)?)
}

/// What goes with a definition, most first: a driver refuses the flags that it does not know.
const WITH_IT: [sys::virDomainUndefineFlagsValues; 3] = [
    STATE | sys::VIR_DOMAIN_UNDEFINE_NVRAM,
    STATE,
    sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE,
];
const STATE: sys::virDomainUndefineFlagsValues = sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | sys::VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | sys::VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;

/// Takes a definition away with all that would keep it (`virDomainUndefineFlags`).
pub(crate) fn undefine(machine: &Domain) -> Result<(), Failure> {
    // Not every driver refuses it.
    if !machine.is_persistent()? {
        return Err(Failure::Transient);
    }
    for flags in WITH_IT {
        match machine.undefine_flags(flags) {
            Err(error) if is_flag_unknown(&error) => {}
            answer => return Ok(answer?),
        }
    }
    Ok(machine.undefine()?)
}

/// Another name (`virDomainRename`).
pub(crate) fn rename(machine: &Domain, name: &str) -> Result<(), Failure> {
    let renamed = machine.rename(name, 0);
    renamed.map_err(|error| {
        if machine.is_active().unwrap_or(false) {
            Failure::WrongState(error)
        } else {
            error.into()
        }
    })
}

/// Another `<description>`, or none (`virDomainSetMetadata`).
pub(crate) fn describe(machine: &Domain, text: Option<&str>) -> Result<(), Failure> {
    let mut flags = 0;
    if machine.is_persistent()? {
        flags |= sys::VIR_DOMAIN_AFFECT_CONFIG;
    }
    if machine.is_active()? {
        flags |= sys::VIR_DOMAIN_AFFECT_LIVE;
    }
    let kind = sys::VIR_DOMAIN_METADATA_DESCRIPTION;
    let kind = i32::try_from(kind).unwrap_or_default();
    Ok(machine.set_metadata(kind, text, None, None, flags)?)
}
