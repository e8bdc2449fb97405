//! The simulated driver keeps the contract of all drivers.
#![allow(clippy::unwrap_used)]

use archipel_hypervisor::{
    Driver, SimulatedDriver,
    contract::Rig,
    simulated::{self, Change},
};
use archipel_protocol::VmId;

struct Simulated(SimulatedDriver);

fn rig() -> Simulated {
    Simulated(SimulatedDriver::new(simulated::machines(2)))
}

impl Rig for Simulated {
    fn driver(&self) -> &dyn Driver {
        &self.0
    }

    fn define(&self, xml: &str) {
        self.0.outside(Change::Define(xml.to_owned())).unwrap();
    }

    fn undefine(&self, id: VmId) {
        self.0.outside(Change::Undefine(id)).unwrap();
    }

    fn volume(&self, name: &str) -> String {
        let path = format!("/no/images/{name}");
        self.0.add_volume(&path);
        path
    }
}

archipel_hypervisor::driver_contract!(Some(rig()));
