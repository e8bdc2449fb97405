//! The program `archipel-agent`, but for the driver: which one that is, its `main` alone knows.

mod actions;
mod audit;
mod check;
mod import;
mod init;
mod join;
mod local;
mod metrics;
mod notify;
mod run;
mod template;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use archipel_hypervisor::{Driver, DriverError, Node};
use archipel_protocol::{BareJid, audit::Head};
use clap::{Parser, Subcommand};

use crate::settings::{DEFAULT_FILE, SettingsError};

/// The settings are wrong, or the command line (clap exits with the same).
const EXIT_SETTINGS: u8 = 2;
/// The bus refuses the account for good.
const EXIT_REFUSED: u8 = 3;
/// Bytes of stack of each thread: more than the deepest element that a guarded stanza can hold needs. Only what is used is real.
const STACK: usize = 64 << 20;
/// Threads for blocking calls: libvirt's lanes, the store, name resolution.
const BLOCKING_THREADS: usize = 32;

/// How the driver is made.
#[derive(Debug, Clone, Copy)]
pub struct Drivers {
    /// Opens the hypervisor of a URI; one that is out of reach is no error.
    pub open: fn(&str) -> Result<Arc<dyn Driver>, DriverError>,
    /// Says what is behind a URI, or why it cannot be reached.
    pub check: fn(&str) -> Result<Node, DriverError>,
}

/// Puts this host and its machines on the bus
#[derive(Debug, Parser)]
#[command(name = "archipel-agent", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run until told to stop
    Run(At),
    /// Find out what is wrong with settings, host and bus; changes nothing
    Check(Checked),
    /// List every action that this agent answers on the bus
    Actions(Listing),
    /// Who changed or was refused what on this host
    #[command(subcommand)]
    Audit(Audit),
    /// Tags of this host and its machines
    #[command(subcommand)]
    Tags(local::Tags),
    /// Named sets of permissions of this host
    #[command(subcommand)]
    Roles(local::Roles),
    /// Who may do everything on this host
    #[command(subcommand)]
    Admins(local::Admins),
    /// Take over what the original agent on this host knew
    Import(import::Import),
    /// Write annotated settings; an existing file is left alone
    Init(Init),
    /// Join a bus with a code of `archipel hypervisor invite`, read from the terminal, standard input or a file
    Join(Join),
}

#[derive(Debug, clap::Args)]
struct At {
    /// The settings
    #[arg(long, value_name = "FILE", default_value = DEFAULT_FILE)]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Read the whole audit, and name the first entry that is not as it was written
    Verify {
        /// An end that was seen earlier, as `archipel audit verify -o json` prints it
        #[arg(long, value_name = "NUMBER:HASH")]
        seen: Vec<Head>,
        #[command(flatten)]
        at: At,
    },
    /// List the entries, the oldest first
    List {
        /// Only entries with a greater number
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: u64,
        #[command(flatten)]
        listing: Listing,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, clap::Args)]
struct Checked {
    /// One check or finding, such as libvirt or rate.throttled
    #[arg(long, value_name = "ID")]
    only: Option<String>,
    /// List what could be found on a host, and look at nothing
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, clap::Args)]
struct Listing {
    /// How the list is written
    #[arg(long, short, value_enum, default_value_t = Form::Table)]
    output: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Columns for people
    Table,
    /// A list of objects
    Json,
}

#[derive(Debug, clap::Args)]
struct Init {
    /// Who may do everything here, such as admin@dc.example
    #[arg(long, value_name = "JID")]
    admin: BareJid,
    /// The hypervisor's account; without it, this host's name on the admin's server
    #[arg(long, value_name = "JID")]
    jid: Option<BareJid>,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, clap::Args)]
struct Join {
    /// Where the code stands; without it, it is asked for or read from standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write over existing settings; the old ones are kept beside them
    #[arg(long)]
    replace: bool,
    /// The hypervisor, as libvirt names it; without it, this host's QEMU
    #[arg(long, value_name = "URI")]
    libvirt: Option<String>,
    /// Where the agent keeps its store; without it, the service's state folder, /var/lib/archipel
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Whom the files belong to, if root joins; without it, the user archipel where there is one
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    at: At,
}

/// Runs the program.
pub fn main(drivers: Drivers) -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(at) => run::run(&at.config, drivers),
        Command::Check(asked) => check::check(&asked, drivers),
        Command::Actions(listing) => actions::list(listing.output),
        Command::Audit(wanted) => audit::run(&wanted),
        Command::Tags(wanted) => local::tags(&wanted),
        Command::Roles(wanted) => local::roles(&wanted),
        Command::Admins(wanted) => local::admins(&wanted),
        Command::Import(wanted) => import::import(&wanted),
        Command::Init(init) => init::init(&init),
        Command::Join(wanted) => join::join(&wanted),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            // Nothing can be told if stderr is gone.
            let _ = writeln!(io::stderr(), "archipel-agent: {}", failed.text);
            ExitCode::from(failed.code)
        }
    }
}

/// Why the program ends, and with which code.
struct Failed {
    code: u8,
    text: String,
}

impl Failed {
    fn new(text: impl Into<String>) -> Self {
        Self {
            code: 1,
            text: text.into(),
        }
    }

    fn of(error: &dyn std::error::Error) -> Self {
        Self::new(error.to_string())
    }

    fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }
}

impl From<SettingsError> for Failed {
    fn from(error: SettingsError) -> Self {
        Self::of(&error).with_code(EXIT_SETTINGS)
    }
}

/// A line for people on stdout; a closed pipe is no failure.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// This host's name as the system has it.
fn hostname() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "hypervisor" } else { name }.to_owned()
}

/// The runtime of `run`, `check` and `join`.
fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(|error| Failed::new(format!("the system gives no threads: {error}")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
