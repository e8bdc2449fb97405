//! The shell: one command line, one act.

mod access;
mod act;
mod arguments;
mod audit;
mod bus;
mod complete;
mod completions;
mod config;
mod confirm;
mod console;
mod definition;
mod describe;
mod doctor;
mod events;
mod failure;
mod files;
mod host_name;
mod hypervisor;
mod messages;
mod outcomes;
mod screenshot;
mod session;
mod sheet;
mod tag;
mod vm;
mod whoami;

pub(crate) use console::is_interactive;
pub(crate) use failure::Failure;
pub(crate) use hypervisor::news;

use archipel_config::{Flags, Profile};

use crate::{
    setup::{self, Setup},
    tui,
};
use arguments::{Arguments, FleetTask, Task};
use session::Session;
use sheet::Format;

/// Does what the command line says.
pub(crate) fn run() -> Result<(), Failure> {
    let Arguments {
        flags,
        format,
        task,
    } = arguments::read()?;
    match task {
        Task::Screen => tui::run(&flags),
        Task::Fleet(task) => on_the_bus(&task, &flags, format),
        Task::Bus(task) => bus::run(&task, &flags),
        Task::Config(task) => config::run(&task, &flags, format),
        Task::Completions(shell) => completions::print(shell),
        Task::Complete(typed) => complete::run(&typed.line, typed.word.as_deref()),
        Task::Doctor { list: true, .. } => doctor::list(),
        Task::Doctor { only, .. } => doctor::run(only.as_deref(), &flags, format),
    }
}

fn on_the_bus(task: &FleetTask, flags: &Flags, format: Format) -> Result<(), Failure> {
    let setup = setup::load(flags)?;
    permit(task, &setup.profile, format)?;
    let done = once(&setup, async |session| act(session, task, format).await);
    match task {
        // Whoever follows has no other way to end.
        FleetTask::Events(task) => done.or_else(|failure| failure.unless_interrupted(task.follow)),
        _ => done,
    }
}

/// Refuses what the profile does not allow, and what nothing could come of, before anybody is asked for a password.
fn permit(task: &FleetTask, profile: &Profile, format: Format) -> Result<(), Failure> {
    match task {
        FleetTask::Vm(task) => vm::permit(task, profile),
        FleetTask::Hypervisor(task) => hypervisor::permit(task, profile),
        FleetTask::Events(task) => events::permit(task, format),
        FleetTask::Access(task) => access::permit(task, profile),
        FleetTask::Tag(task) => tag::permit(task, profile),
        FleetTask::Audit(_) | FleetTask::Whoami => Ok(()),
    }
}

async fn act(session: &mut Session, task: &FleetTask, format: Format) -> Result<(), Failure> {
    match task {
        FleetTask::Vm(task) => vm::run(session, task, format).await,
        FleetTask::Hypervisor(task) => hypervisor::run(session, task, format).await,
        FleetTask::Events(task) => events::run(session, task, format).await,
        FleetTask::Audit(task) => audit::verify(session, task, format).await,
        FleetTask::Access(task) => access::run(session, task, format).await,
        FleetTask::Tag(task) => tag::run(session, task, format).await,
        FleetTask::Whoami => whoami::run(session, format).await,
    }
}

/// Runs one act in a session of its own.
fn once(
    setup: &Setup,
    act: impl AsyncFnOnce(&mut Session) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let _log = crate::log::open(setup)?;
    let secret = setup.password()?;
    let runtime = setup::runtime()?;
    let done = runtime.block_on(async {
        let mut session = Session::open(setup, secret)?;
        let done = tokio::select! {
            biased;
            done = act(&mut session) => done,
            Ok(()) = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
        };
        session.close().await;
        done
    });
    // A thread that still waits for a person or for the DNS is not waited for.
    runtime.shutdown_background();
    done
}
