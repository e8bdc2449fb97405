//! An operator without a screen: what it believes of the fleet, and what it asks for.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use archipel_config::{Environment, Flags, Paths, Profile};
use archipel_fleet::{Fleet, Plan, Run, Stamped, VmRef};
use archipel_language::Verb;
use archipel_operator::{Clock, Handle, Settings, start};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::bus::Access;
use crate::{Patience, Scratch};

/// An operator's session of the library that the screen uses. Dropping it ends the session.
#[derive(Debug)]
pub struct Observer {
    handle: Handle,
    events: mpsc::Receiver<Stamped>,
    fleet: Fleet,
    _folder: Scratch,
}

impl Observer {
    /// Logs in and watches all hypervisors of these roster groups. Must be called inside a tokio runtime.
    pub(crate) fn start(access: Access, groups: &[String]) -> Result<Observer> {
        let folder = Scratch::new()?;
        let paths = Paths::under(folder.path());
        let profile = profile(&paths, &folder, &access, groups)?;
        let own = paths.profile(&profile.name);
        let settings = Settings::new(profile, access.secret, own, Clock::start());
        let (handle, events) = start(settings)?;
        Ok(Observer {
            handle,
            events,
            fleet: Fleet::default(),
            _folder: folder,
        })
    }

    /// What the operator believes.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The engine.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Takes in what has arrived, without waiting; how many events that were.
    pub fn catch_up(&mut self) -> usize {
        let mut taken = 0;
        while let Ok(event) = self.events.try_recv() {
            self.fleet.apply(event);
            taken += 1;
        }
        taken
    }

    /// Takes in what arrives, for as long as the future is polled: an engine that waits for its consumer reads nothing from the bus.
    ///
    /// # Errors
    ///
    /// When the engine has ended; otherwise it never returns.
    pub async fn attend(&mut self) -> Result<()> {
        while let Some(event) = self.events.recv().await {
            self.fleet.apply(event);
        }
        bail!("the operator's engine ended")
    }

    /// Takes in what arrives until `holds`.
    ///
    /// # Errors
    ///
    /// When patience or the engine ends; the text names `what` was waited for.
    pub async fn until(
        &mut self,
        what: &str,
        patience: Patience,
        mut holds: impl FnMut(&Fleet) -> bool,
    ) -> Result<()> {
        let end = Instant::now() + patience.0;
        loop {
            self.catch_up();
            if holds(&self.fleet) {
                return Ok(());
            }
            // Something else than the fleet may be waited for: look again soon even if nothing arrives.
            let soon = Instant::now() + Duration::from_millis(200);
            match timeout_at(soon.min(end), self.events.recv()).await {
                Ok(Some(event)) => drop(self.fleet.apply(event)),
                Ok(None) => bail!("the operator's engine ended while waiting for {what}"),
                Err(_) if Instant::now() >= end => {
                    bail!("waited {} s in vain for {what}", patience.0.as_secs())
                }
                Err(_) => {}
            }
        }
    }

    /// Does `verb` to machines and waits until each has a result.
    ///
    /// # Errors
    ///
    /// When there is no such verb, or patience ends.
    pub async fn act(&mut self, verb: &str, targets: &[VmRef], patience: Patience) -> Result<Run> {
        let plan = self.plan(verb, targets)?;
        let run = self.handle.execute(plan)?;
        let over = |fleet: &Fleet| fleet.run(run).is_some_and(Run::is_over);
        self.until("the end of a run", patience, over).await?;
        self.fleet.run(run).cloned().context("the run is forgotten")
    }

    /// What `verb` would do.
    ///
    /// # Errors
    ///
    /// When there is no such verb.
    pub fn plan(&self, verb: &str, targets: &[VmRef]) -> Result<Plan> {
        let verb = Verb::by_id(verb).with_context(|| format!("there is no verb `{verb}`"))?;
        Ok(archipel_fleet::plan(&self.fleet, verb, targets))
    }

    /// Ends the session.
    pub async fn stop(self) {
        // The engine must not wait for a consumer that waits for it.
        drop(self.events);
        self.handle.stop().await;
    }
}

/// A profile that lies in `paths`, as a person has it.
fn profile(paths: &Paths, folder: &Scratch, access: &Access, groups: &[String]) -> Result<Profile> {
    let text = access.profile("a simulated operator", folder, groups)?;
    crate::scratch::write_private(&paths.drop_ins().join("sim.toml"), &text)?;
    let none = Environment::from_lookup(|_| None);
    Profile::load(paths, &Flags::default(), &none).context("the simulated operator's profile")
}
