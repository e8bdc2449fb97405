//! The shell: one command line, one act.

mod act;
mod arguments;
mod completions;
mod config;
mod confirm;
mod console;
mod events;
mod failure;
mod hypervisor;
mod messages;
mod session;
mod sheet;
mod vm;
mod whoami;

pub(crate) use console::is_interactive;
pub(crate) use failure::Failure;

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
        Task::Config(task) => config::run(&task, &flags, format),
        Task::Completions(shell) => completions::print(shell),
        Task::Vm(task) => {
            let setup = setup::load(&flags)?;
            vm::permit(&task, &setup.profile)?;
            once(&setup, async |session| {
                vm::run(session, &task, format).await
            })
        }
        Task::Hypervisor(task) => {
            let setup = setup::load(&flags)?;
            once(&setup, async |session| {
                hypervisor::run(session, &task, format).await
            })
        }
        Task::Events(task) => {
            events::permit(&task, format)?;
            let setup = setup::load(&flags)?;
            once(&setup, async |session| {
                events::run(session, &task, format).await
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
    setup::runtime()?.block_on(async {
        let mut session = Session::open(setup, secret)?;
        let done = act(&mut session).await;
        session.close().await;
        done
    })
}
