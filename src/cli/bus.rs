//! `archipel bus`: a server of one's own.

mod furnish;
mod here;
mod init;
mod members;
mod messages;
mod output;
mod password;
mod service;

use archipel_config::Flags;

use super::{arguments::BusTask, console, failure::Failure};
use crate::setup;

/// Does what is asked about the bus.
pub(super) fn run(task: &BusTask, flags: &Flags) -> Result<(), Failure> {
    match task {
        BusTask::Init(wish) => init::run(wish),
        BusTask::Add(hypervisors) => members::add(hypervisors),
        BusTask::Nodes => nodes(flags),
    }
}

/// Makes the nodes with the profile's account.
fn nodes(flags: &Flags) -> Result<(), Failure> {
    let setup = setup::load(flags)?;
    let secret = setup.password()?;
    let profile = &setup.profile;
    let made = setup::runtime()?.block_on(archipel_operator::create_nodes(
        &profile.jid,
        secret,
        profile.bus.clone(),
    ))?;
    Ok(console::print(&messages::Nodes(&made).to_string())?)
}
