//! The driver itself.

use std::{fmt, sync::Arc, thread, time::Duration};

use archipel_hypervisor::{
    Apply, Domain, Driver, DriverError, DriverEvent, ErrorKind, HostSample, Node, Pin, Power,
    Screen, Statistics, Traffic, View, Volume, VolumeCopy,
};
use archipel_protocol::VmId;
use tokio::sync::mpsc;
use virt::error::Error;

use crate::{
    definitions, event_loop,
    failure::{Failure, code},
    host,
    link::Link,
    machines,
    messages::Unreachable,
    node, resources, screen,
    session::Session,
    statistics, supervisor, traffic,
    uri::Uri,
    volumes,
};

/// How long [`LibvirtDriver::open`] waits for the first attempt. A test driver of 10,000 machines needs 2 s.
const FIRST_ATTEMPT: Duration = Duration::from_secs(5);

/// A hypervisor behind libvirt.
pub struct LibvirtDriver {
    link: Arc<Link>,
}

impl LibvirtDriver {
    /// A driver for this URI. It waits up to 5 s for the first attempt; a libvirt that is not there yet is no error: calls fail with
    /// [`ErrorKind::Lost`] until it is, and subscribers then hear [`DriverEvent::Restored`].
    ///
    /// Fails only when the process cannot start a thread or libvirt's event loop.
    pub fn open(uri: &str) -> Result<Self, DriverError> {
        event_loop::ensure()?;
        let link = Arc::new(Link::new(Uri::new(uri)));
        let supervised = link.clone();
        let thread = thread::Builder::new().name("libvirt-link".to_owned());
        let started = thread.spawn(move || supervisor::run(&supervised));
        started.map_err(|error| {
            DriverError::new(
                ErrorKind::Failed,
                format!("no thread for the connection to libvirt: {error}"),
            )
        })?;
        link.signal.wait_tried(FIRST_ATTEMPT);
        Ok(Self { link })
    }
}

/// Whether a URI works, and what is there: opens a connection of its own and closes it. For the check of a configuration; blocks as
/// long as libvirt lets it. The error says what to do.
pub fn check(uri: &str) -> Result<Node, DriverError> {
    event_loop::ensure()?;
    let uri = Uri::new(uri);
    let session = Session::plain(&uri).map_err(|error| unreachable(&uri, &error))?;
    node::read(&session, &uri).map_err(|failure| match failure {
        Failure::Libvirt(error) => unreachable(&uri, &error),
        other => other.into(),
    })
}

fn unreachable(uri: &Uri, error: &Error) -> DriverError {
    let why = Unreachable::new(uri, error);
    DriverError {
        kind: why.kind(),
        code: i32::try_from(code(error)).ok(),
        message: why.to_string(),
    }
}

impl Driver for LibvirtDriver {
    fn node(&self) -> Result<Node, DriverError> {
        self.link
            .call(|session| node::read(session, &self.link.uri))
    }

    fn domains(&self) -> Result<Vec<Domain>, DriverError> {
        self.link.call(machines::all)
    }

    fn domain(&self, id: VmId) -> Result<Domain, DriverError> {
        self.link
            .call(|session| Ok(machines::one(&machines::find(session, id)?)?))
    }

    fn power(&self, id: VmId, power: Power) -> Result<(), DriverError> {
        self.link
            .call(|session| machines::power(&machines::find(session, id)?, power))
    }

    fn set_autostart(&self, id: VmId, on: bool) -> Result<(), DriverError> {
        self.link
            .call(|session| Ok(machines::find(session, id)?.set_autostart(on)?))
    }

    fn definition(&self, id: VmId) -> Result<String, DriverError> {
        self.link.call(|session| {
            let definition = machines::find(session, id)?.xml_desc(0)?;
            Ok(archipel_domain::shareable(&definition)?)
        })
    }

    fn secure_definition(&self, id: VmId, view: View) -> Result<String, DriverError> {
        self.link
            .call(|session| definitions::secure(&machines::find(session, id)?, view))
    }

    fn define(&self, xml: &str) -> Result<VmId, DriverError> {
        self.link
            .call(|session| definitions::define(session.connect(), xml))
    }

    fn undefine(&self, id: VmId) -> Result<(), DriverError> {
        self.link
            .call(|session| definitions::undefine(&machines::find(session, id)?))
    }

    fn drop_saved(&self, id: VmId) -> Result<(), DriverError> {
        self.link
            .call(|session| Ok(machines::find(session, id)?.managed_save_remove(0)?))
    }

    fn set_memory(&self, id: VmId, kib: u64, apply: Apply) -> Result<(), DriverError> {
        self.link
            .call(|session| resources::set_memory(&machines::find(session, id)?, kib, apply))
    }

    fn set_vcpus(&self, id: VmId, count: u32, apply: Apply) -> Result<(), DriverError> {
        self.link
            .call(|session| resources::set_vcpus(&machines::find(session, id)?, count, apply))
    }

    fn pin(&self, id: VmId, pin: &Pin, apply: Apply) -> Result<(), DriverError> {
        self.link
            .call(|session| resources::pin(&machines::find(session, id)?, pin, apply))
    }

    fn rename(&self, id: VmId, name: &str) -> Result<(), DriverError> {
        self.link
            .call(|session| definitions::rename(&machines::find(session, id)?, name))
    }

    fn describe(&self, id: VmId, text: Option<&str>) -> Result<(), DriverError> {
        self.link
            .call(|session| definitions::describe(&machines::find(session, id)?, text))
    }

    fn traffic(&self, id: VmId) -> Result<Vec<Traffic>, DriverError> {
        self.link
            .call(|session| traffic::read(&machines::find(session, id)?))
    }

    fn delete_volume(&self, path: &str) -> Result<(), DriverError> {
        self.link
            .call(|session| volumes::delete(session.connect(), path))
    }

    fn copy_volume(&self, copy: &VolumeCopy) -> Result<Volume, DriverError> {
        self.link
            .call(|session| volumes::copy(session.connect(), copy))
    }

    fn screenshot(&self, id: VmId) -> Result<Screen, DriverError> {
        self.link
            .call(|session| screen::take(session.connect(), &machines::find(session, id)?))
    }

    fn uri(&self) -> Result<String, DriverError> {
        self.link.call(|session| Ok(session.connect().uri()?))
    }

    fn capabilities(&self) -> Result<String, DriverError> {
        self.link
            .call(|session| Ok(session.connect().capabilities()?))
    }

    fn statistics(&self) -> Result<Vec<Statistics>, DriverError> {
        self.link.call(|session| Ok(statistics::all(session)?))
    }

    /// Of a local hypervisor from `/proc`, which tells everything, also while libvirt is away; of a remote one what libvirt tells.
    fn host(&self) -> Result<HostSample, DriverError> {
        if self.link.uri.is_local() {
            return Ok(host::local::sample());
        }
        self.link
            .call(|session| Ok(host::remote::sample(session.connect())?))
    }

    fn subscribe(&self) -> mpsc::Receiver<DriverEvent> {
        self.link.subscribers.subscribe()
    }
}

impl Drop for LibvirtDriver {
    /// The supervisor ends by itself, at once or when libvirt lets go of it.
    fn drop(&mut self) {
        self.link.signal.end();
    }
}

impl fmt::Debug for LibvirtDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LibvirtDriver")
            .field("uri", &self.link.uri.shown())
            .finish_non_exhaustive()
    }
}
