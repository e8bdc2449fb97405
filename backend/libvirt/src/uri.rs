//! The address of a libvirt: `driver[+transport]://[user@][host][:port]/path[?options]`.

/// A URI as configured. libvirt alone decides whether it is sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uri(String);

impl Uri {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As libvirt takes it: text after a NUL would be lost (and the binding panics).
    pub(crate) fn as_str(&self) -> &str {
        self.0.split('\0').next().unwrap_or_default()
    }

    /// Whether its hypervisor is this very host: the URI names no other.
    pub(crate) fn is_local(&self) -> bool {
        self.authority().is_none_or(str::is_empty)
    }

    /// For people: without a password before the host, without options.
    pub(crate) fn shown(&self) -> String {
        let plain = self.as_str().split('?').next().unwrap_or_default();
        let Some((user, host)) = self
            .authority()
            .and_then(|authority| authority.rsplit_once('@'))
        else {
            return plain.to_owned();
        };
        let name = user.split(':').next().unwrap_or_default();
        plain.replacen(&format!("{user}@{host}"), &format!("{name}@{host}"), 1)
    }

    fn authority(&self) -> Option<&str> {
        let (_, rest) = self.as_str().split_once("://")?;
        rest.split(['/', '?', '#']).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_without_a_host_is_local() {
        for local in [
            "qemu:///system",
            "test+unix:///default?socket=/run/x",
            "qemu:///embed?root=/a/b",
            "",
            "lxc:///",
        ] {
            assert!(Uri::new(local).is_local(), "{local}");
        }
        for remote in [
            "qemu+tcp://10.77.0.2/system",
            "qemu+ssh://root@hv01:22/system",
            "esx://h?no_verify=1",
        ] {
            assert!(!Uri::new(remote).is_local(), "{remote}");
        }
    }

    #[test]
    fn what_is_shown_holds_no_secret() {
        assert_eq!(
            Uri::new("esx://op:a:b@h/x?password=c").shown(),
            "esx://op@h/x"
        );
        assert_eq!(Uri::new("qemu:///system").shown(), "qemu:///system");
    }
}
