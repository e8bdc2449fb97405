//! `archipel:hypervisor:geolocalization`: where a hypervisor stands.

use crate::{
    ns,
    table::{Leaf, actions, record, replies},
};

actions! {
    /// A request. The permission is `geolocalization_` and the name of the action.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Action, permissions "geolocalization_", answered by Reply {
        /// Where it stands.
        Get = "get", reads, -9001 => Place(Place),
    }
}

replies! {
    /// What a hypervisor answers.
    pub enum Reply {
        /// Where it stands.
        Place(place: Place),
    }
}

record! {
    /// A place, in the element `gelocalization`, as the original spells it.
    pub struct Place = "gelocalization" in ns::GEOLOCATION {
        /// Degrees north.
        latitude: f64 = "Latitude" via Leaf,
        /// Degrees east.
        longitude: f64 = "Longitude" via Leaf,
    }
}
