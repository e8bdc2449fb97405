//! Volumes: files that libvirt's storage pools know.

use archipel_domain::{Document, Edit, Kind};
use archipel_hypervisor::{Copying, Volume, VolumeCopy};
use virt::{connect::Connect, error::Error, storage_vol::StorageVol, sys};

use crate::failure::Failure;

/// Deletes the volume at a path (`virStorageVolLookupByPath`, `virStorageVolDelete`), unless another builds on it.
pub(crate) fn delete(connect: &Connect, path: &str) -> Result<(), Failure> {
    let volume = connect.lookup_storage_vol_by_path(path)?;
    if let Some(other) = built_upon(connect, path)? {
        return Err(Failure::BuiltUpon(other));
    }
    Ok(volume.delete(0)?)
}

/// Makes a volume from another in the other's pool: a copy by libvirt itself (`virStorageVolCreateXMLFrom`), or an empty one that
/// builds on it (`virStorageVolCreateXML` with a `backingStore`).
pub(crate) fn copy(connect: &Connect, copy: &VolumeCopy) -> Result<Volume, Failure> {
    let other = connect.lookup_storage_vol_by_path(&copy.from)?;
    let facts = Facts::read(&other)?;
    // A guest that writes the header of an image into its raw disk must not have libvirt follow it.
    if facts
        .format
        .as_deref()
        .is_some_and(|pool| pool != copy.format)
    {
        let pool = facts.format.unwrap_or_default();
        let path = copy.from.clone();
        return Err(Failure::OtherFormat { path, pool });
    }
    let pool = other.lookup_storage_pool()?;
    let text = text(copy, facts.capacity)?;
    let made = match copy.how {
        Copying::Full => StorageVol::create_xml_from(&pool, &text, &other, 0)?,
        Copying::Linked => StorageVol::create_xml(&pool, &text, 0)?,
    };
    Ok(Volume {
        path: made.path()?,
        format: format(copy).to_owned(),
    })
}

/// What a copy is read as: only some images can build on others.
fn format(copy: &VolumeCopy) -> &str {
    match copy.how {
        Copying::Full => &copy.format,
        Copying::Linked => "qcow2",
    }
}

/// What is known of a volume.
struct Facts {
    /// Bytes.
    capacity: u64,
    /// What the pool reads it as, where it looks.
    format: Option<String>,
}

impl Facts {
    fn read(volume: &StorageVol) -> Result<Self, Failure> {
        let document = Document::parse_as(Kind::Volume, volume.xml_desc(0)?)?;
        let target = document.root().child("target");
        let format = target.and_then(|target| target.child("format"));
        Ok(Self {
            capacity: volume.info()?.capacity,
            format: format.and_then(|format| format.attribute("type")),
        })
    }
}

fn text(copy: &VolumeCopy, capacity: u64) -> Result<String, Failure> {
    let capacity = capacity.to_string();
    let mut facts = vec![
        ("name", copy.name.as_str()),
        ("capacity", &capacity),
        ("target/format/@type", format(copy)),
    ];
    if copy.how == Copying::Linked {
        facts.push(("backingStore/path", &copy.from));
        facts.push(("backingStore/format/@type", &copy.format));
    }
    let document = Document::parse_as(Kind::Volume, "<volume/>")?;
    let edits = facts.into_iter().map(|(path, value)| {
        let path = path
            .parse()
            .map_err(|why: archipel_domain::PathError| Failure::Made(why.to_string()))?;
        Ok(Edit::set(path, value))
    });
    let edits: Vec<Edit> = edits.collect::<Result<_, Failure>>()?;
    let edited = document.edited(&edits);
    let edited = edited.map_err(|why| Failure::Made(why.to_string()))?;
    Ok(edited.document.into_text())
}

/// A volume of any active pool whose backing file this is.
fn built_upon(connect: &Connect, path: &str) -> Result<Option<String>, Error> {
    let active = sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE;
    for pool in connect.list_all_storage_pools(active)? {
        for volume in pool.list_all_volumes(0)? {
            // One that is gone meanwhile builds on nothing.
            let text = volume.xml_desc(0).unwrap_or_default();
            if backing(text).as_deref() == Some(path) {
                return Ok(Some(volume.path()?));
            }
        }
    }
    Ok(None)
}

fn backing(text: String) -> Option<String> {
    let document = Document::parse_as(Kind::Volume, text).ok()?;
    let path = document.root().child("backingStore")?.child("path")?;
    Some(path.text().trim().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_volume_is_deleted_once_and_not_from_under_another() {
        let connect = Connect::open(Some("test:///default")).unwrap();
        let pool = &connect.list_all_storage_pools(0).unwrap()[0];
        let make = |name: &str, inside: &str| {
            let text =
                format!("<volume><name>{name}</name><capacity>1024</capacity>{inside}</volume>");
            let flags = 0;
            virt::storage_vol::StorageVol::create_xml(pool, &text, flags).unwrap()
        };
        let base = make("base", "").path().unwrap();
        delete(&connect, &base).unwrap();
        assert!(delete(&connect, &base).is_err());
    }

    #[test]
    fn what_a_volume_builds_on_is_read() {
        let text =
            "<volume><name>a</name><backingStore><path>/images/base</path></backingStore></volume>";
        assert_eq!(backing(text.into()).as_deref(), Some("/images/base"));
        assert_eq!(backing("<volume><name>a</name></volume>".into()), None);
    }
}
