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

use crate::{
    setup::{self, Setup},
    tui,
};
use arguments::{Arguments, Task};
use session::Session;

/// Does what the command line says.
pub(crate) fn run() -> Result<(), Failure> {
    let Arguments {
        flags,
        format,
        task,
    } = arguments::read()?;
    match task {
        Task::Screen => tui::run(&flags),
        Task::Bus(task) => bus::run(&task, &flags),
        Task::Config(task) => config::run(&task, &flags, format),
        Task::Completions(shell) => completions::print(shell),
        Task::Complete(typed) => complete::run(&typed.line, typed.word.as_deref()),
        Task::Doctor { list: true, .. } => doctor::list(),
        Task::Doctor { only, .. } => doctor::run(only.as_deref(), &flags, format),
        Task::Vm(task) => {
            let setup = setup::load(&flags)?;
            vm::permit(&task, &setup.profile)?;
            once(&setup, async |session| {
                vm::run(session, &task, format).await
            })
        }
        Task::Hypervisor(task) => {
            let setup = setup::load(&flags)?;
            hypervisor::permit(&task, &setup.profile)?;
            once(&setup, async |session| {
                hypervisor::run(session, &task, format).await
            })
        }
        Task::Events(task) => {
            events::permit(&task, format)?;
            let setup = setup::load(&flags)?;
            let done = once(&setup, async |session| {
                events::run(session, &task, format).await
            });
            // Whoever follows has no other way to end.
            done.or_else(|failure| failure.unless_interrupted(task.follow))
        }
        Task::Audit(task) => {
            let setup = setup::load(&flags)?;
            once(&setup, async |session| {
                audit::verify(session, &task, format).await
            })
        }
        Task::Access(task) => {
            let setup = setup::load(&flags)?;
            access::permit(&task, &setup.profile)?;
            once(&setup, async |session| {
                access::run(session, &task, format).await
            })
        }
        Task::Tag(task) => {
            let setup = setup::load(&flags)?;
            tag::permit(&task, &setup.profile)?;
            once(&setup, async |session| {
                tag::run(session, &task, format).await
            })
        }
        Task::Whoami => {
            let setup = setup::load(&flags)?;
            once(&setup, async |session| whoami::run(session, format).await)
        }
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
