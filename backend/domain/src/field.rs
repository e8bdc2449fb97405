//! The fields that have a type of their own.
//!
//! A field is a row of a table: its name, the path of libvirt's element or attribute, the shape of its values. Whatever has no
//! row is reached by its path; a further row is an addition here and nowhere else.

mod amount;
mod devices;
mod name;
mod others;
mod row;
mod shape;
mod table;

use strsim::osa_distance;

use crate::{Document, Edit, EditError, Kind, Path};

pub(crate) use amount::of_element;
pub use amount::{Amount, AmountError};
pub use name::{DeviceKey, FieldName, FieldNameError};
pub use shape::Shape;

/// One field of a document or of a device.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// How people call it.
    pub name: &'static str,
    /// libvirt's element or attribute, from the document's outermost element or from the device.
    pub path: &'static str,
    /// What it holds, with its unit.
    pub shape: Shape,
    /// What it means, for people.
    pub about: &'static str,
}

/// A kind of device, or another thing of which a document holds several.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    /// How people call it.
    pub noun: &'static str,
    /// libvirt's elements.
    pub path: &'static str,
    /// What tells one from another, from the device; a position (from 1) always does.
    pub key: Option<&'static str>,
    /// Its fields.
    pub fields: &'static [Field],
}

/// The fields of a kind of document.
pub fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Domain => table::DOMAIN,
        Kind::Network => others::NETWORK,
        Kind::Filter => others::FILTER,
        Kind::Pool => others::POOL,
        Kind::Volume => others::VOLUME,
        Kind::Snapshot => others::SNAPSHOT,
    }
}

/// The devices of a kind of document.
pub fn devices(kind: Kind) -> &'static [Device] {
    match kind {
        Kind::Domain => devices::DOMAIN,
        _ => &[],
    }
}

impl Document {
    /// What a field holds, in the field's own spelling (an amount of memory as `8GiB`); `None` when nothing is said.
    /// What the document holds against the field's shape is [`EditError::Value`].
    pub fn field(&self, name: &FieldName) -> Result<Option<String>, EditError> {
        let (field, path) = name.resolve(self.kind())?;
        field.shape.read(self, name, &path)
    }
}

impl FieldName {
    /// The edits of paths that give the field this value.
    pub(crate) fn setting(&self, document: &Document, value: &str) -> Result<Vec<Edit>, EditError> {
        let (field, path) = self.resolve(document.kind())?;
        self.need_device(document)?;
        field.shape.setting(document, self, &path, value)
    }

    /// The edits of paths that take the field away.
    pub(crate) fn unsetting(&self, document: &Document) -> Result<Vec<Edit>, EditError> {
        let (field, path) = self.resolve(document.kind())?;
        Ok(field.shape.unsetting(document, path))
    }

    /// A path may make a device; a field is that of one which is there.
    fn need_device(&self, document: &Document) -> Result<(), EditError> {
        let path = self
            .device
            .as_ref()
            .and_then(|device| device.path(document.kind()));
        match path {
            Some(path) if path.elements(document.root()).is_empty() => Err(EditError::Nothing {
                path: path.to_string(),
            }),
            _ => Ok(()),
        }
    }

    fn resolve(&self, kind: Kind) -> Result<(&'static Field, Path), EditError> {
        let missing = || EditError::NoField {
            name: self.to_string(),
            document: kind.element(),
            nearest: self.nearest(kind),
        };
        let within = match &self.device {
            None => fields(kind),
            Some(device) => device.row(kind).ok_or_else(missing)?.fields,
        };
        let field = within
            .iter()
            .find(|field| field.name == self.field)
            .ok_or_else(missing)?;
        let path = self.path_of(kind, field).ok_or_else(missing)?;
        Ok((field, path))
    }

    fn path_of(&self, kind: Kind, field: &Field) -> Option<Path> {
        let own: Path = field.path.parse().ok()?;
        let Some(device) = &self.device else {
            return Some(own);
        };
        let mut path = device.path(kind)?;
        path.steps.extend(own.steps);
        path.attribute = own.attribute;
        Some(path)
    }

    /// The known name that is nearest to this one, if any is near.
    fn nearest(&self, kind: Kind) -> Option<String> {
        let within = match &self.device {
            None => fields(kind),
            Some(device) => device.row(kind)?.fields,
        };
        let known = within.iter().map(|field| field.name);
        let nearest = known.min_by_key(|known| osa_distance(known, &self.field))?;
        let is_near = osa_distance(nearest, &self.field) <= 2;
        is_near.then(|| {
            let field = nearest.to_owned();
            let device = self.device.clone();
            FieldName { device, field }.to_string()
        })
    }
}

#[cfg(test)]
mod tests;
