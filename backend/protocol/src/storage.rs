//! `archipel:vm:disk`: the drives of a machine, files in its folder; images and golden images of its host.

use minidom::Element;
use rxml::NcNameStr;

use crate::{
    ids::FileName,
    ns,
    table::{Codec, Loose, Value, YesNo, actions, missing, record, replies, words},
    xml::{Build, ParseError, name},
};

actions! {
    /// A request. The permission is `drives_` and the name of the action; the original never made those for golden images.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "drives_", answered by Reply {
        /// Makes a drive.
        Create = "create", changes, -3001 {
            /// Its name, without extension.
            name: FileName = "name",
            /// How big the guest sees it.
            size: Size = "size" via SizeAndUnit,
            /// Its format, which becomes its extension.
            format: Format = "format",
            /// What is written at once.
            preallocation: Option<Preallocation> = "preallocation",
            /// The golden image that it starts from.
            golden: Option<FileName> = "golden",
        } => Done,
        /// Removes a drive.
        Delete = "delete", changes, -3002 {
            /// Its file's name or whole path.
            name: String = "name",
            /// Whether to take it out of the machine's definition too.
            undefine: Option<bool> = "undefine" via YesNo,
        } => Done,
        /// Which drives there are.
        Get = "get", reads, -3003 => Drives(Vec<Drive>),
        /// Which images there are.
        GetIso = "getiso", reads, -3004 => Images(Vec<Image>),
        /// Makes another format of a drive and removes the first.
        Convert = "convert", changes, -3005 {
            /// Its path.
            path: String = "path",
            /// The new format.
            format: Format = "format",
        } => Done,
        /// Gives a drive another name.
        Rename = "rename", changes, -3006 {
            /// Its path.
            path: String = "path",
            /// The new name, without extension.
            name: FileName = "newname",
        } => Done,
        /// Which golden images there are.
        GetGolden = "getgolden", reads, -3007 => Golden(Vec<Golden>),
        /// Makes a golden image of a drive.
        SetGolden = "setgolden", changes, -3008 {
            /// The drive's path.
            path: String = "path",
            /// The image's name, with extension.
            name: FileName = "name",
        } => Done,
    }
}

replies! {
    /// What a machine answers.
    pub enum Reply {
        /// Done.
        Done,
        /// Its drives.
        Drives(drives: Vec<Drive>),
        /// The images that it can read.
        Images(images: Vec<Image>),
        /// The golden images of its host.
        Golden(images: Vec<Golden>),
    }
}

words! {
    /// What a drive's file looks like.
    pub enum Format, "a drive format (qcow2, qcow, cow, raw, vmdk)" {
        /// QEMU's own.
        Qcow2 = "qcow2",
        /// Its first version.
        Qcow = "qcow",
        /// Gone from QEMU.
        Cow = "cow",
        /// Nothing but the contents.
        Raw = "raw",
        /// Of `VMware`.
        Vmdk = "vmdk",
    }
}

words! {
    /// What is written when a drive is made.
    pub enum Preallocation, "a kind of preallocation (metadata)" {
        /// Its tables.
        Metadata = "metadata",
    }
}

/// The size of a drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// In bytes.
    pub bytes: u64,
}

/// Units of the attribute `unit`, largest first. The original passes any letter on to `qemu-img`; these are what that knows.
const UNITS: [(&str, u32); 6] = [
    ("T", 40),
    ("G", 30),
    ("M", 20),
    ("K", 10),
    ("k", 10),
    ("B", 0),
];

impl Size {
    fn parse(number: &str, unit: &str) -> Result<Self, String> {
        let mut units = UNITS.into_iter();
        let (_, shift) = units
            .find(|(known, _)| *known == unit)
            .ok_or("not a unit (T, G, M, K)")?;
        let number: u64 = number.trim().parse().map_err(|why| format!("{why}"))?;
        let bytes = number.checked_mul(1 << shift).ok_or("too large")?;
        Ok(Self { bytes })
    }

    /// The number and the largest unit that it is a whole multiple of.
    fn parts(self) -> (u64, &'static str) {
        let whole =
            |(_, shift): &(&str, u32)| self.bytes > 0 && self.bytes.is_multiple_of(1 << shift);
        let (unit, shift) = UNITS.into_iter().find(whole).unwrap_or(("B", 0));
        (self.bytes >> shift, unit)
    }
}

/// As the attributes `size` and `unit`.
struct SizeAndUnit;

impl Codec<Size> for SizeAndUnit {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Size, ParseError> {
        let number = element.attr(name.as_str()).unwrap_or_default();
        if number.is_empty() {
            return Err(missing(element, name));
        }
        Size::parse(number, element.attr("unit").unwrap_or("B"))
            .map_err(|why| ParseError::invalid("size", why))
    }

    fn write(value: &Size, name: &'static NcNameStr, build: Build) -> Build {
        let (number, unit) = value.parts();
        build
            .attr(name.to_owned(), number)
            .attr(name!("unit"), unit)
    }
}

record! {
    /// A drive.
    #[derive(Eq)]
    pub struct Drive = "disk" in ns::STORAGE {
        /// Its file's name without the last extension.
        name: String = "name",
        /// Its path on the host; an original's may hold `//`.
        path: String = "path",
        /// As `qemu-img` says.
        format: String = "format" via Loose,
        /// How big the guest sees it, bytes; nothing where an original says `GiB`.
        virtual_size: Option<u64> = "virtualSize" via NumberOrNothing,
        /// Length of the file, bytes; what it takes on the disk may be less.
        file_size: Option<u64> = "diskSize" via NumberOrNothing,
        /// What it is based on.
        backing_file: Option<String> = "backingFile",
    }
}

/// A number; a text that is none counts as unknown, because originals on today's `qemu-img` send its unit instead.
struct NumberOrNothing;

impl Codec<Option<u64>> for NumberOrNothing {
    fn read(element: &Element, name: &'static NcNameStr) -> Result<Option<u64>, ParseError> {
        let text = element.attr(name.as_str()).unwrap_or_default();
        Ok(u64::from_text(text).ok())
    }

    fn write(value: &Option<u64>, name: &'static NcNameStr, build: Build) -> Build {
        build.maybe(name.to_owned(), *value)
    }
}

record! {
    /// An image that a machine can read.
    #[derive(Eq)]
    pub struct Image = "iso" in ns::STORAGE {
        /// Its file's name.
        name: String = "name",
        /// Its path on the host.
        path: String = "path",
    }
}

record! {
    /// A golden image.
    #[derive(Eq)]
    pub struct Golden = "golden" in ns::STORAGE {
        /// Its file's name.
        name: String = "name",
        /// Its path on the host.
        path: String = "path",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sizes_are_bytes_inside_and_units_outside() {
        let size = Size::parse("20", "G").unwrap();
        assert_eq!((size.bytes, size.parts()), (21_474_836_480, (20, "G")));
        assert_eq!(Size { bytes: 1_536 << 20 }.parts(), (1_536, "M"));
        assert_eq!(Size { bytes: 7 }.parts(), (7, "B"));
        for (number, unit) in [("", "G"), ("1.5", "G"), ("-1", "G"), ("1", "Q")] {
            assert!(Size::parse(number, unit).is_err(), "{number}{unit}");
        }
        assert!(Size::parse("18446744073709551615", "T").is_err());
    }

    proptest::proptest! {
        #[test]
        fn sizes_come_back(bytes in 0_u64..) {
            let (number, unit) = Size { bytes }.parts();
            proptest::prop_assert_eq!(Size::parse(&number.to_string(), unit).unwrap().bytes, bytes);
        }
    }
}
