//! `archipel:hypervisor:vmcasting`: feeds of packaged machines, and the packages that a hypervisor has fetched. The feeds
//! themselves are in [`vmcast_feed`](crate::vmcast_feed), what a machine does with packages in [`appliances`](crate::appliances).

use minidom::Element;
use rxml::NcNameStr;

use crate::{
    ids::{ApplianceId, FeedId},
    ns,
    table::{Codec, Items, Loose, Plain, Value, actions, record, replies},
    xml::{Build, ParseError, name},
};

actions! {
    /// A request. The permission is `vmcasting_` and the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "vmcasting_", answered by Reply {
        /// The feeds with what they offer; each is fetched at once.
        Get = "get", reads, -6001 => Sources(Vec<Source>),
        /// Follows a feed.
        Register = "register", changes, -6002 {
            /// Where it is.
            url: String = "url",
        } => Done,
        /// Follows a feed no longer.
        Unregister = "unregister", changes, -6003 {
            /// Which one.
            feed: FeedId = "uuid",
        } => Done,
        /// Fetches a package.
        Download = "downloadappliance", changes, -6004 {
            /// Which one.
            appliance: ApplianceId = "uuid",
        } => Done,
        /// What is being fetched.
        Queue = "downloadqueue", reads, -6005 => Downloads(Vec<Download>),
        /// One package, in spite of the plural.
        Appliance = "getappliances", reads, -6006 {
            /// Which one.
            appliance: ApplianceId = "uuid",
        } => Packages(Vec<Package>),
        /// The packages that are there.
        Installed = "getinstalledappliances", reads, -6008 => Packages(Vec<Package>),
        /// Removes a package.
        Delete = "deleteappliance", changes, -6007 {
            /// Which one.
            appliance: ApplianceId = "uuid",
        } => Done,
    }
}

replies! {
    /// What a hypervisor answers.
    pub enum Reply {
        /// Accepted.
        Done,
        /// Feeds with what they offer.
        Sources(sources: Vec<Source>),
        /// What is being fetched.
        Downloads(downloads: Vec<Download>),
        /// Packages.
        Packages(packages: Vec<Package>),
    }
}

record! {
    /// A feed.
    #[derive(Eq)]
    pub struct Source = "source" in ns::VMCASTING {
        /// Its title.
        name: String = "name" via Loose,
        /// For people.
        description: String = "description" via Loose,
        /// Where it is.
        url: String = "url",
        /// Its id.
        id: FeedId = "uuid",
        /// What it offers.
        appliances: Vec<Offer> = "appliance" via Items,
    }
}

record! {
    /// A package in a feed.
    #[derive(Eq)]
    pub struct Offer = "appliance" in ns::VMCASTING {
        /// Its id.
        id: ApplianceId = "uuid",
        /// Its name.
        name: String = "name" via Loose,
        /// For people.
        description: String = "description" via Loose,
        /// Where it is.
        url: String = "url" via Loose,
        /// Its size, bytes.
        size: u64 = "size" via Loose,
        /// When the feed was made. The original's agent writes `date`, its client reads `pubDate`: both are written.
        date: String = "date" via BothDates,
        /// Whether it is there.
        status: Status = "status",
    }
}

/// `date`, or `pubDate` where that is absent; written as both.
struct BothDates;

impl Codec<String> for BothDates {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<String, ParseError> {
        let date: Option<String> = Plain::read(element, name)?;
        let other = || element.attr("pubDate").unwrap_or_default().to_owned();
        Ok(date.unwrap_or_else(other))
    }

    fn write(value: &String, name: &'static NcNameStr, build: Build) -> Build {
        build
            .attr(name.to_owned(), value)
            .attr(name!("pubDate"), value)
    }
}

/// Whether a package is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is (1).
    Installed,
    /// It is being fetched (2).
    Installing,
    /// It is not (3).
    Absent,
    /// Fetching it failed (4).
    Failed,
}

impl Value for Status {
    fn from_text(text: &str) -> Result<Self, String> {
        match text.trim() {
            "1" => Ok(Self::Installed),
            "2" => Ok(Self::Installing),
            "3" => Ok(Self::Absent),
            "4" => Ok(Self::Failed),
            _ => Err("not a status (1 to 4)".to_owned()),
        }
    }

    fn to_text(&self) -> String {
        let number = match self {
            Self::Installed => "1",
            Self::Installing => "2",
            Self::Absent => "3",
            Self::Failed => "4",
        };
        number.to_owned()
    }
}

record! {
    /// A package being fetched.
    pub struct Download = "download" in ns::VMCASTING {
        /// Its id.
        id: ApplianceId = "uuid",
        /// Its name.
        name: String = "name" via Loose,
        /// How much is there, percent; may exceed 100 a little.
        percent: f64 = "percentage" via Loose,
        /// Its size, bytes; nothing before it is known.
        total: Option<u64> = "total" via Total,
    }
}

/// A number of bytes, `-1` while it is not known.
struct Total;

impl Codec<Option<u64>> for Total {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<u64>, ParseError> {
        if element.attr(name.as_str()) == Some("-1") {
            return Ok(None);
        }
        Plain::read(element, name)
    }

    fn write(value: &Option<u64>, name: &'static NcNameStr, build: Build) -> Build {
        let text = value.map_or_else(|| "-1".to_owned(), |bytes| bytes.to_string());
        build.attr(name.to_owned(), text)
    }
}

record! {
    /// A package that is there.
    #[derive(Eq)]
    pub struct Package = "appliance" in ns::VMCASTING {
        /// Its file on the hypervisor.
        path: String = "path",
        /// Its name.
        name: String = "name" via Loose,
        /// For people.
        description: String = "description" via Loose,
    }
}
