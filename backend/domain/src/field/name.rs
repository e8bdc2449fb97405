//! How a field is named.

use std::{fmt, str::FromStr};

use super::{Device, devices};
use crate::{
    Kind, Path,
    path::{Filter, Plain},
};

/// A field's name: `memory`, or `disk[vda].cache`. [`Display`](fmt::Display) writes what [`FromStr`] reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldName {
    /// Of which device; `None` for the document's own.
    pub device: Option<DeviceKey>,
    /// Which of its fields.
    pub field: String,
}

/// A text that is no field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a field is named like `memory` or `disk[vda].cache`")]
pub struct FieldNameError;

/// One device of a document: `disk[vda]`, `interface[52:54:00:12:34:56]`, `serial[1]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceKey {
    /// Which kind, as in [`Device::noun`].
    pub noun: String,
    /// What the kind's key says, or a position from 1.
    pub key: String,
}

impl DeviceKey {
    pub(super) fn row(&self, kind: Kind) -> Option<&'static Device> {
        devices(kind).iter().find(|device| device.noun == self.noun)
    }

    /// The path to the device. A number is a position.
    pub(super) fn path(&self, kind: Kind) -> Option<Path> {
        let row = self.row(kind)?;
        let mut path: Path = row.path.parse().ok()?;
        let filter = match self.key.parse() {
            Ok(position) => Filter::Position(position),
            Err(_) => self.by_key(row.key?)?,
        };
        path.steps.last_mut()?.filters.push(filter);
        Some(path)
    }

    fn by_key(&self, key: &str) -> Option<Filter> {
        let Path { steps, attribute } = key.parse().ok()?;
        let names = steps.into_iter().filter_map(|step| step.name).collect();
        Some(Filter::Equals {
            at: Plain { names, attribute },
            value: self.key.clone(),
        })
    }
}

impl FromStr for FieldName {
    type Err = FieldNameError;

    fn from_str(text: &str) -> Result<FieldName, FieldNameError> {
        let Some((noun, rest)) = text.split_once('[') else {
            let device = None;
            return word(text).map(|field| FieldName { device, field });
        };
        let (key, field) = rest.rsplit_once("].").ok_or(FieldNameError)?;
        let unsound =
            |c: char| c.is_control() || c.is_whitespace() || matches!(c, '[' | ']' | '\'' | '"');
        if key.is_empty() || key.contains(unsound) {
            return Err(FieldNameError);
        }
        let device = DeviceKey {
            noun: word(noun)?,
            key: key.to_owned(),
        };
        Ok(FieldName {
            device: Some(device),
            field: word(field)?,
        })
    }
}

/// Letters, digits and `-`.
fn word(text: &str) -> Result<String, FieldNameError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !text.is_empty() && text.len() <= 64 && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(FieldNameError)
    }
}

impl fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.noun, self.key)
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.device {
            Some(device) => write!(f, "{device}.{}", self.field),
            None => f.write_str(&self.field),
        }
    }
}
