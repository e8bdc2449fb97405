//! Amounts of memory and storage.

use std::{fmt, str::FromStr};

use crate::Element;

/// An amount, bytes. Reads `8GiB`, `8 GiB`, `512M`, `1000 MB`; writes the largest unit (of 1024) that says it exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    /// Bytes.
    pub bytes: u64,
}

/// A text that is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is a whole number and its unit, such as `8GiB` or `512 MiB`")]
pub struct AmountError;

const UNITS: [(&str, u32); 7] = [
    ("EiB", 60),
    ("PiB", 50),
    ("TiB", 40),
    ("GiB", 30),
    ("MiB", 20),
    ("KiB", 10),
    ("B", 0),
];

impl Amount {
    /// Of KiB, libvirt's unit for memory.
    pub const fn from_kib(kib: u64) -> Option<Amount> {
        match kib.checked_mul(1024) {
            Some(bytes) => Some(Amount { bytes }),
            None => None,
        }
    }

    /// In KiB, rounded up as libvirt does.
    pub const fn kib(self) -> u64 {
        self.bytes.div_ceil(1024)
    }

    /// A number as it stands in a document, in the unit that stands with it.
    pub(crate) fn written(number: &str, unit: &str) -> Option<Amount> {
        let number = number.trim();
        // The parser of numbers would take a sign.
        let sound = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = sound.then(|| number.parse::<u64>().ok())??;
        let bytes = number.checked_mul(scale(unit)?)?;
        Some(Amount { bytes })
    }

    /// The number to write where a unit already stands, if that unit can say it.
    pub(crate) fn in_unit(self, unit: &str) -> Option<u64> {
        let scale = scale(unit)?;
        self.bytes.is_multiple_of(scale).then(|| self.bytes / scale)
    }
}

/// What an element with a `unit` holds; the unit where none stands.
pub(crate) fn of_element(element: Element<'_>, default: &str) -> Option<Amount> {
    let stated = element.attribute("unit");
    Amount::written(&element.text(), stated.as_deref().unwrap_or(default))
}

/// Bytes in one unit; libvirt ignores capitals.
fn scale(unit: &str) -> Option<u64> {
    let unit = unit.to_ascii_lowercase();
    if matches!(unit.as_str(), "b" | "byte" | "bytes") {
        return Some(1);
    }
    let (letter, rest) = unit.split_at_checked(1)?;
    let power = "kmgtpe".find(letter)?;
    let base: u64 = match rest {
        "" | "ib" => 1024,
        "b" => 1000,
        _ => return None,
    };
    base.checked_pow(u32::try_from(power).ok()? + 1)
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Amount, AmountError> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .ok_or(AmountError)?;
        let (number, unit) = text.split_at(end);
        Amount::written(number, unit.trim_start()).ok_or(AmountError)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits =
            |(_, bits): &&(&str, u32)| self.bytes != 0 && self.bytes.trailing_zeros() >= *bits;
        let (unit, bits) = UNITS.iter().find(fits).unwrap_or(&("B", 0));
        write!(f, "{}{unit}", self.bytes >> bits)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_and_libvirt_spell_amounts() {
        for (text, bytes) in [
            ("8GiB", 8 << 30),
            ("8 gib", 8 << 30),
            ("512M", 512 << 20),
            ("1 MB", 1_000_000),
            ("7b", 7),
            ("0B", 0),
        ] {
            assert_eq!(text.parse(), Ok(Amount { bytes }), "{text}");
        }
        for text in [
            "", "8", "GiB", "-1GiB", "+1GiB", "8GiBs", "99EiB", "1.5GiB", "8ü",
        ] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn print_and_parse_is_the_identity(bytes: u64, shift in 0..64_u32) {
            let amount = Amount { bytes: bytes >> shift << shift };
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }
}
