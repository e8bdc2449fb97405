//! The engine for one command of the shell.

use std::time::Duration;

use archipel_fleet::{Changes, Fleet, Plan, Run, Stamped};
use tokio::sync::mpsc;

use crate::{
    command::{Missing, Wanted},
    engine::Mode,
    error::{OperatorError, StartError},
    handle::{Handle, start_in},
    settings::Settings,
};

/// A session for one command. It sends no presence but to the hypervisors concerned: a broadcast would bring back that of every
/// contact. One failure to connect ends it.
#[derive(Debug)]
pub struct OneShot {
    handle: Handle,
    events: mpsc::Receiver<Stamped>,
    fleet: Fleet,
}

impl OneShot {
    /// Starts connecting and reads trust list and cache meanwhile. Must be called inside a tokio runtime.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let (handle, events) = start_in(settings, Mode::OneShot)?;
        Ok(Self {
            handle,
            events,
            fleet: Fleet::default(),
        })
    }

    /// What is known. Until [`OneShot::sync`] it is what the cache remembers, all of it stale.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The engine.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Waits until the trust list and the cache have been read; nothing on the network is waited for.
    pub async fn cached(&mut self) -> Result<(), OperatorError> {
        self.sync(Wanted::These(Vec::new()), Duration::ZERO)
            .await
            .map(|_| ())
    }

    /// Waits until the states of the hypervisors wanted are current; those that did not make it until `deadline` come back with
    /// the reason. Works without a cache too: then the roster is fetched and each hypervisor is asked whether it is there.
    pub async fn sync(
        &mut self,
        wanted: Wanted,
        deadline: Duration,
    ) -> Result<Vec<Missing>, OperatorError> {
        let handle = self.handle.clone();
        let mut answer = std::pin::pin!(handle.sync(wanted, deadline));
        let missing = loop {
            tokio::select! {
                biased;
                Some(event) = self.events.recv() => drop(self.fleet.apply(event)),
                missing = &mut answer => break missing,
            }
        };
        self.catch_up();
        missing
    }

    /// Carries out a plan and waits for its end; `progress` sees every change of a line.
    pub async fn run(
        &mut self,
        plan: Plan,
        mut progress: impl FnMut(&Run),
    ) -> Result<Run, OperatorError> {
        let id = self.handle.execute(plan)?;
        loop {
            let changes = self.next().await.ok_or(OperatorError::Over)?;
            let Some(run) = self.fleet.run(id).filter(|_| changes.has(Changes::RUNS)) else {
                continue;
            };
            progress(run);
            if run.is_over() {
                return Ok(run.clone());
            }
        }
    }

    /// Waits for the next event and says what it changed; `None` when the engine has ended.
    pub async fn next(&mut self) -> Option<Changes> {
        let event = self.events.recv().await?;
        Some(self.fleet.apply(event))
    }

    /// Saves the cache and ends the session.
    pub async fn stop(mut self) {
        // The engine must not wait for a consumer that waits for it.
        self.events.close();
        self.handle.stop().await;
    }

    /// Applies what has arrived already.
    fn catch_up(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.fleet.apply(event);
        }
    }
}
