//! `archipel:hypervisor:geolocalization`: where a hypervisor stands.

use minidom::Element;
use rxml::NcNameStr;

use crate::{
    ns,
    table::{Codec, Leaf, actions, record, replies},
    xml::{Build, ParseError, child},
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
    /// A place, in the element `gelocalization`, as the original spells it. Nothing where an original was told nothing.
    pub struct Place = "gelocalization" in ns::GEOLOCATION {
        /// Degrees north.
        latitude: Option<f64> = "Latitude" via Degrees,
        /// Degrees east.
        longitude: Option<f64> = "Longitude" via Degrees,
    }
}

/// As the text of a child element; `None` where an original's service left it out.
struct Degrees;

impl Codec<Option<f64>> for Degrees {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<f64>, ParseError> {
        match child(element, name.as_str()) {
            Some(leaf) if leaf.text().trim() == "None" => Ok(None),
            _ => Leaf::read(element, name),
        }
    }

    fn write(value: &Option<f64>, name: &'static NcNameStr, build: Build) -> Build {
        Leaf::write(value, name, build)
    }
}
