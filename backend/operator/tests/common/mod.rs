//! A private bus, an operator on it, and an agent that does as it is told.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod agent;
pub(crate) mod original;

use std::time::Duration;

use archipel_config::{Environment, Flags, Paths, Profile, Secret};
use archipel_fleet::{Changes, Fleet, Stamped, VmRef};
use archipel_lab::{ServerKind, ServerOptions, XmppServer, missing, skip};
use archipel_operator::{Clock, Handle, OneShot, Settings, start};
use archipel_protocol::{HypervisorId, VmId};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

pub(crate) const PASSWORD: &str = "secret";
const PATIENCE: Duration = Duration::from_mins(2);

/// The bus and the operator's folder.
pub(crate) struct Lab {
    pub(crate) server: XmppServer,
    folder: TempDir,
}

/// A lab with the accounts `olga`, `hv01`, `hv02` and `eve` on Prosody; `None` where it is not installed.
pub(crate) async fn lab(test: &str) -> Option<Lab> {
    lab_on(ServerKind::Prosody, test).await
}

pub(crate) async fn lab_on(kind: ServerKind, test: &str) -> Option<Lab> {
    lab_with(kind, test, &[]).await
}

/// A lab with further accounts.
pub(crate) async fn lab_with(kind: ServerKind, test: &str, further: &[&str]) -> Option<Lab> {
    lab_like(kind, test, |options| {
        further
            .iter()
            .fold(options, |options, name| options.account(*name, PASSWORD))
    })
    .await
}

/// A lab whose server is different.
pub(crate) async fn lab_like(
    kind: ServerKind,
    test: &str,
    change: impl FnOnce(ServerOptions) -> ServerOptions,
) -> Option<Lab> {
    if let Some(reason) = missing(kind.programs()) {
        skip(test, &reason);
        return None;
    }
    let usual = ["olga", "hv01", "hv02", "eve"];
    let options = usual
        .iter()
        .fold(ServerOptions::new("dc.example"), |options, name| {
            options.account(*name, PASSWORD)
        });
    Some(Lab {
        server: XmppServer::start(kind, change(options)).await.unwrap(),
        folder: tempfile::tempdir().unwrap(),
    })
}

impl Lab {
    pub(crate) fn settings(&self) -> Settings {
        self.settings_through(&self.server.starttls_addr().to_string())
    }

    /// The operator's settings with another way to the server.
    pub(crate) fn settings_through(&self, host: &str) -> Settings {
        let paths = Paths::under(self.folder.path());
        let values = |name: &str| match name {
            "ARCHIPEL_JID" => Some("olga@dc.example".to_owned()),
            "ARCHIPEL_HOSTS" => Some(host.to_owned()),
            "ARCHIPEL_CA_FILE" => Some(self.server.ca_pem_path().display().to_string()),
            _ => None,
        };
        let environment = Environment::from_lookup(values);
        let profile = Profile::load(&paths, &Flags::default(), &environment).unwrap();
        let own = paths.profile(&profile.name);
        Settings::new(profile, Secret::new(PASSWORD.into()), own, Clock::start())
    }

    pub(crate) fn forget_cache(&self) {
        let paths = Paths::under(self.folder.path());
        std::fs::remove_dir_all(paths.cache).unwrap();
    }

    pub(crate) fn screen(&self) -> Screen {
        Screen::start(self.settings())
    }

    pub(crate) fn one_shot(&self) -> OneShot {
        OneShot::start(self.settings()).unwrap()
    }
}

/// What the screen would be: it applies what arrives.
pub(crate) struct Screen {
    pub(crate) handle: Handle,
    pub(crate) fleet: Fleet,
    /// Everything that has changed so far.
    pub(crate) changes: Changes,
    events: mpsc::Receiver<Stamped>,
}

impl Screen {
    pub(crate) fn start(settings: Settings) -> Self {
        let (handle, events) = start(settings).unwrap();
        Self {
            handle,
            events,
            fleet: Fleet::default(),
            changes: Changes::NONE,
        }
    }

    /// Applies events until `holds`.
    pub(crate) async fn until(&mut self, what: &str, holds: impl Fn(&Fleet) -> bool) {
        let wait = async {
            while !holds(&self.fleet) {
                let event = self.events.recv().await.expect("the engine ended");
                self.changes |= self.fleet.apply(event);
            }
        };
        let came = timeout(PATIENCE, wait).await;
        assert!(
            came.is_ok(),
            "waited in vain until {what}: {:#?}",
            self.fleet
        );
    }

    /// Applies what comes within a moment: for what must not come.
    pub(crate) async fn settle(&mut self) {
        while let Ok(Some(event)) = timeout(Duration::from_millis(300), self.events.recv()).await {
            self.changes |= self.fleet.apply(event);
        }
    }

    pub(crate) async fn until_live(&mut self, id: &HypervisorId, machines: u32) {
        let what = format!("{id} is live with {machines} machines");
        self.until(&what, |fleet| is_live(fleet, id, machines))
            .await;
    }

    pub(crate) async fn stop(self) {
        drop(self.events);
        self.handle.stop().await;
    }
}

pub(crate) fn is_live(fleet: &Fleet, id: &HypervisorId, machines: u32) -> bool {
    fleet.hypervisor(id).is_some_and(|own| {
        own.fresh.is_live()
            && own.watch == archipel_fleet::WatchState::Live
            && own.machines() == machines
    })
}

pub(crate) fn hv(number: u8) -> HypervisorId {
    format!("hv{number:02}@dc.example").parse().unwrap()
}

pub(crate) fn vm_id(number: u8) -> VmId {
    VmId::from_bytes([number; 16])
}

pub(crate) fn vm(host: u8, number: u8) -> VmRef {
    VmRef {
        hypervisor: hv(host),
        vm: vm_id(number),
    }
}
