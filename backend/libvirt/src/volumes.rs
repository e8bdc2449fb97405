//! Volumes: files that libvirt's storage pools know.

use archipel_domain::{Document, Kind};
use virt::{connect::Connect, error::Error, sys};

use crate::failure::Failure;

/// Deletes the volume at a path (`virStorageVolLookupByPath`, `virStorageVolDelete`), unless another builds on it.
pub(crate) fn delete(connect: &Connect, path: &str) -> Result<(), Failure> {
    let volume = connect.lookup_storage_vol_by_path(path)?;
    if let Some(other) = built_upon(connect, path)? {
        return Err(Failure::BuiltUpon(other));
    }
    Ok(volume.delete(0)?)
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
