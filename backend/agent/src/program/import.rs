//! `import`: what the original agent knew, for this one: machines with their accounts' secrets, and who may do what.
//!
//! The original's files are hostile until they are read: bounded, opened for reading only, never changed. What is there already stays as it
//! is, so that a second run does nothing.

mod conf;
mod databases;
mod plan;

use std::path::PathBuf;

use archipel_protocol::text::clean_line;

use super::{
    At, Failed,
    local::{Local, block, reload},
    say,
};
use crate::access::PolicyChange;
use plan::{Machine, Plan};

/// Where the original's settings are by default.
const USUAL: &str = "/etc/archipel/archipel.conf";

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The original's settings
    #[arg(long, value_name = "FILE", default_value = USUAL)]
    from: PathBuf,
    /// Say what would be imported, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Also import what was granted on the hypervisor under names that mean its machines, too: here it counts for all of them
    #[arg(long)]
    host_wide: bool,
    #[command(flatten)]
    at: At,
}

/// Reads all, says what comes of it, and does it.
pub(super) fn import(wanted: &Import) -> Result<(), Failed> {
    let local = Local::open(&wanted.at)?;
    let conf = conf::Conf::read(&wanted.from).map_err(Failed::new)?;
    let plan = Plan::of(&conf, &local.settings.jid, wanted.host_wide).map_err(Failed::new)?;
    block(async {
        let known = Known::of(&local).await?;
        let news = known.without(plan);
        tell(&news, &local);
        if wanted.dry_run {
            say("nothing was changed: leave out --dry-run to do it");
            return Ok(());
        }
        keep(&local, news).await
    })
}

/// What the store holds already.
struct Known {
    machines: std::collections::BTreeSet<archipel_protocol::VmId>,
    policy: crate::access::Policy,
    accounts: std::collections::BTreeSet<archipel_protocol::BareJid>,
}

impl Known {
    async fn of(local: &Local) -> Result<Self, Failed> {
        let store = &local.store;
        let failed = |error| Failed::of(&error);
        let managed = store.managed().await.map_err(failed)?;
        let released = store.released().await.map_err(failed)?;
        let managed = managed.into_iter().map(|machine| machine.id);
        Ok(Self {
            machines: managed.chain(released).collect(),
            policy: store.policy().await.map_err(failed)?,
            accounts: store
                .accounts()
                .await
                .map_err(failed)?
                .into_iter()
                .collect(),
        })
    }

    /// What is new in a plan.
    fn without(&self, plan: Plan) -> Plan {
        let fresh = |machine: &Machine| !self.machines.contains(&machine.id);
        let give = |grant: &_| {
            self.policy
                .is_changed_by(&PolicyChange::Give(Clone::clone(grant)))
        };
        Plan {
            machines: plan.machines.into_iter().filter(fresh).collect(),
            secrets: plan
                .secrets
                .into_iter()
                .filter(|(jid, _)| !self.accounts.contains(jid))
                .collect(),
            grants: plan.grants.into_iter().filter(give).collect(),
            ..plan
        }
    }
}

fn tell(plan: &Plan, local: &Local) {
    for machine in &plan.machines {
        let name = clean_line(&machine.name, 64);
        say(format_args!("machine  {}  {name}", machine.id));
    }
    for jid in plan.secrets.keys() {
        say(format_args!("account  {jid}"));
    }
    for grant in &plan.grants {
        say(PolicyChange::Give(grant.clone()));
    }
    for remark in &plan.remarks {
        say(format_args!("left out  {remark}"));
    }
    let absent = |jid: &&_| !local.settings.rules.admins.contains(*jid);
    for admin in plan.admins.iter().filter(absent) {
        say(format_args!(
            "write into `admins` of agent.toml yourself: {admin}"
        ));
    }
    if let Some(uri) = plan
        .libvirt
        .as_ref()
        .filter(|uri| **uri != local.settings.libvirt_uri)
    {
        let uri = clean_line(uri, 200);
        say(format_args!("the original used libvirt_uri = \"{uri}\""));
    }
    let is_known = |folder: &&String| local.settings.rules.folders.contains(folder);
    if let Some(folder) = plan.folder.as_ref().filter(|folder| !is_known(folder)) {
        let folder = clean_line(folder, 200);
        say(format_args!(
            "write into `machine_folders` of agent.toml yourself, for machines' files lie there: \"{folder}\""
        ));
    }
    for setting in &plan.settings {
        say(format_args!("not taken over  {setting}"));
    }
}

/// In an order in which a run that is interrupted can be repeated.
async fn keep(local: &Local, plan: Plan) -> Result<(), Failed> {
    let failed = |error| Failed::of(&error);
    let store = &local.store;
    let counts = (plan.machines.len(), plan.secrets.len(), plan.grants.len());
    if counts == (0, 0, 0) {
        say("nothing to import: it is here already");
        return Ok(());
    }
    for (jid, secret) in &plan.secrets {
        store.keep_secret(jid, secret).await.map_err(failed)?;
        store.confirm_secret(jid).await.map_err(failed)?;
    }
    // The original wrote them into definitions, too.
    let labelled = plan.machines.iter().map(|machine| machine.id).collect();
    store.keep_labelled(labelled, true).await.map_err(failed)?;
    let machines = plan.machines.into_iter();
    let machines = machines.map(|machine| (machine.id, machine.name)).collect();
    store.keep_managed(machines).await.map_err(failed)?;
    let changes = plan.grants.into_iter().map(PolicyChange::Give).collect();
    let policy = store.change_policy(changes).await.map_err(failed)?;
    let (machines, secrets, grants) = counts;
    let text = format!("imported {machines} machines, {secrets} accounts and {grants} grants");
    local
        .note("import", policy.version, std::slice::from_ref(&text))
        .await?;
    say(text);
    reload();
    Ok(())
}

#[cfg(test)]
mod tests;
