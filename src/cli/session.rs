//! The engine for one act: logged in without broadcast presence, asked, stopped.

use std::{future::Future, pin::pin, time::Duration};

use archipel_config::{Profile, ProfilePaths, Secret};
use archipel_fleet::{Fleet, Link, Moment, Plan, Run, StepState, VmRef};
use archipel_language::{Selector, Verb, WireAction};
use archipel_operator::{Anchors, Clock, Handle, Invitations, OneShot, Settings, Wanted};
use archipel_protocol::{HypervisorId, VmState, vm_control::Action};
use futures::{StreamExt, stream};

use super::{
    console::{Progress, remark},
    failure::Failure,
    messages::{HowFar, NoSession, NotCurrent},
    vm::pick,
};
use crate::setup::Setup;

/// How long hypervisors may take to tell their state.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the new states may take after the last answer.
const AFTERMATH: Duration = Duration::from_secs(3);
/// Requests of one command on their way at the same time.
const AT_A_TIME: usize = 16;
/// How long the login may take.
const LOGIN: Duration = Duration::from_secs(40);

/// A running engine and what it has told so far.
pub(super) struct Session {
    pub(super) profile: Profile,
    places: ProfilePaths,
    engine: OneShot,
    clock: Clock,
}

impl Session {
    /// Starts the engine; within a runtime.
    pub(super) fn open(setup: &Setup, secret: Secret) -> Result<Self, Failure> {
        let clock = Clock::start();
        let profile = setup.profile.clone();
        let settings = Settings::new(profile.clone(), secret, setup.places.clone(), clock);
        let engine = OneShot::start(settings).map_err(Failure::usage)?;
        Ok(Self {
            profile,
            places: setup.places.clone(),
            engine,
            clock,
        })
    }

    /// What is known.
    pub(super) fn fleet(&self) -> &Fleet {
        self.engine.fleet()
    }

    /// The way to ask for things.
    pub(super) fn handle(&self) -> Handle {
        self.engine.handle().clone()
    }

    /// The invitations of new hosts.
    pub(super) fn invitations(&self) -> Invitations {
        Invitations::new(self.handle(), &self.profile, &self.places)
    }

    /// What was seen of audits.
    pub(super) fn anchors(&self) -> std::io::Result<Anchors> {
        Anchors::load(self.places.audit_file(), &self.profile.jid)
    }

    /// Now, on the clock of the events.
    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Logs in, and asks nobody.
    pub(super) async fn connect(&mut self) -> Result<(), Failure> {
        let settled = |fleet: &Fleet| matches!(fleet.link(), Link::Online { .. } | Link::Ended(_));
        let settled = tokio::time::timeout(LOGIN, self.until(settled)).await;
        let why = match self.fleet().link() {
            Link::Online { .. } => return Ok(()),
            Link::Ended(why) | Link::Suspended { reason: why, .. } => why.clone(),
            Link::Connecting { reason, .. } => reason.clone().unwrap_or_default(),
        };
        tracing::warn!(in_time = settled.is_ok(), %why, "no session");
        Err(Failure::not_connected(NoSession { why: &why }))
    }

    /// Logs in and waits until the wanted hypervisors have told their state, or are known not to, or patience ends. Those whose
    /// machines are shown as they were are named.
    pub(super) async fn sync(&mut self, wanted: Wanted) -> Result<(), Failure> {
        let mut progress = Progress::new();
        progress.say("asking the hypervisors…".to_owned());
        let missing = self.engine.sync(wanted, PATIENCE).await?;
        drop(progress);
        for host in &missing {
            tracing::warn!(hypervisor = %host.hypervisor, reason = %host.reason, "not current");
        }
        if !missing.is_empty() {
            remark(&NotCurrent(&missing).to_string());
        }
        Ok(())
    }

    /// The machines that `selectors` pick, with their state as it is now. Names that the cache knows are asked for at their
    /// hypervisors alone; anything else needs the word of all.
    pub(super) async fn pick(&mut self, selectors: &[Selector]) -> Result<Vec<VmRef>, Failure> {
        self.engine.cached().await?;
        if let Some(hosts) = self.hosts_of(selectors) {
            self.sync(Wanted::These(hosts)).await?;
            if let Ok(picked) = pick(self.fleet(), selectors) {
                return Ok(picked);
            }
        }
        self.sync(Wanted::All).await?;
        pick(self.fleet(), selectors)
    }

    /// The hypervisors of the machines that `selectors` name, if they do no more than that and all are known.
    fn hosts_of(&self, selectors: &[Selector]) -> Option<Vec<HypervisorId>> {
        if !selectors.iter().all(Selector::is_name) {
            return None;
        }
        let picked = pick(self.fleet(), selectors).ok()?;
        let mut hosts: Vec<HypervisorId> = picked.into_iter().map(|vm| vm.hypervisor).collect();
        hosts.sort();
        hosts.dedup();
        Some(hosts)
    }

    /// Carries a plan out, and waits a moment for the states that come of it.
    pub(super) async fn run(&mut self, plan: Plan) -> Result<Run, Failure> {
        let mut progress = Progress::new();
        let say = |run: &Run| progress.say(HowFar(run.progress()).to_string());
        let run = self.engine.run(plan, say).await?;
        let done = run
            .steps
            .iter()
            .filter(|step| step.state == StepState::Done);
        let done: Vec<&VmRef> = done.map(|step| &step.vm).collect();
        if let Some(aim) = aim(run.verb) {
            let there = |fleet: &Fleet| {
                done.iter()
                    .all(|vm| fleet.vm(vm).is_none_or(|vm| vm.state == aim))
            };
            // A guest that is done with it at once or never: the result holds the last state heard either way.
            let _ = tokio::time::timeout(AFTERMATH, self.until(there)).await;
        }
        Ok(run)
    }

    /// Waits for `work` while events are taken over.
    pub(super) async fn alongside<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                Some(_) = self.engine.next() => {}
            }
        }
    }

    /// Asks something about each, some at a time; the answers come in the same order.
    pub(super) async fn each<T, R>(&mut self, all: Vec<T>, ask: impl AsyncFn(T) -> R) -> Vec<R> {
        let ask = &ask;
        let one = |item: T| async move { ask(item).await };
        let answers = stream::iter(all).map(one).buffered(AT_A_TIME).collect();
        self.alongside(answers).await
    }

    /// Takes events over until `done`, or until the engine ends.
    pub(super) async fn until(&mut self, done: impl Fn(&Fleet) -> bool) {
        while !done(self.fleet()) && self.engine.next().await.is_some() {}
    }

    /// Logs out.
    pub(super) async fn close(self) {
        self.engine.stop().await;
    }
}

/// The state that a verb leads to at once, where it does.
fn aim(verb: &Verb) -> Option<VmState> {
    match verb.wire {
        WireAction::Vm(Action::Create | Action::Resume | Action::Restore) => Some(VmState::Running),
        WireAction::Vm(Action::Suspend) => Some(VmState::Paused),
        WireAction::Vm(Action::Destroy | Action::Save) => Some(VmState::Off),
        _ => None,
    }
}
