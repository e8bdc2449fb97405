//! The capabilities of a hypervisor.

use crate::{XmlError, document::rooted};

/// Whether it runs unmodified guests: some `<guest>` has the type `hvm`.
pub fn offers_hvm(xml: &str) -> Result<bool, XmlError> {
    let tree = rooted(xml.to_owned(), "capabilities")?;
    let mut guests = tree.root().all("guest");
    Ok(guests.any(|guest| {
        let kind = guest.child("os_type");
        kind.is_some_and(|kind| kind.text().trim() == "hvm")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_not_unmodified_guests() {
        let text = |kind| {
            format!("<capabilities><host/><guest><os_type>{kind}</os_type></guest></capabilities>")
        };
        assert_eq!(offers_hvm(&text("hvm")), Ok(true));
        assert_eq!(offers_hvm(&text("exe")), Ok(false));
        assert_eq!(
            offers_hvm("<domain/>"),
            Err(XmlError::Unexpected("capabilities"))
        );
    }
}
