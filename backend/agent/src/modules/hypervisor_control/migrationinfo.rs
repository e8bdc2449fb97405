//! `migrationinfo`: how a machine gets here: the address of libvirt as other hosts reach it, and where machines' files lie.

use archipel_hypervisor::Driver;
use archipel_protocol::migration::Info;

use super::{Answer, Call, ip};
use crate::{definitions::common_folder, host::Host};

const WHAT: &str = "read the address of libvirt";

pub(super) fn run(host: &mut Host, _: &Call) -> Answer {
    let calls = host.tools.calls.clone();
    let folders = host.state.folders.iter();
    let base_folder = folders.map(|folder| common_folder(folder)).next();
    Answer::Later(Box::pin(async move {
        let uri = calls.read(Driver::uri).await;
        let uri = uri.map_err(|error| error.into_failure(WHAT))?;
        let info = Info {
            libvirt_uri: from_outside(&uri, ip::address().as_deref()),
            base_folder: base_folder.unwrap_or_default(),
        };
        Ok(vec![info.to_element()])
    }))
}

/// The address with the host in it: as long as it names none it means the host on which it is read.
fn from_outside(uri: &str, host: Option<&str>) -> String {
    let host = host.map(|host| {
        let is_v6 = host.contains(':');
        if is_v6 {
            format!("[{host}]")
        } else {
            host.to_owned()
        }
    });
    match (uri.split_once(":///"), host) {
        (Some((scheme, path)), Some(host)) => format!("{scheme}://{host}/{path}"),
        _ => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_host() {
        let outside = |uri| from_outside(uri, Some("192.0.2.17"));
        assert_eq!(outside("qemu:///system"), "qemu://192.0.2.17/system");
        assert_eq!(outside("qemu+tls://hv01/system"), "qemu+tls://hv01/system");
        assert_eq!(
            from_outside("xen:///", Some("2001:db8::7")),
            "xen://[2001:db8::7]/"
        );
        assert_eq!(from_outside("qemu:///system", None), "qemu:///system");
    }
}
