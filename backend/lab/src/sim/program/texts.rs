//! What the program says.

use std::fmt;
use std::io::Write as _;
use std::time::Duration;

use archipel_config::ProfileName;

use anyhow::Result;

use crate::sim::scenario::SHIPPED;
use crate::sim::{Comparison, Figures, FleetSize, Played, Scenario};

/// A line on standard error.
pub(super) enum Note {
    Starting {
        size: FleetSize,
        seed: u64,
        bus: String,
    },
    Online {
        agents: usize,
        took: Duration,
        each: Figures,
    },
    InSync {
        hosts: u32,
        machines: u32,
        took: Duration,
    },
    Phase(String),
    Played(Played),
    Compared(Comparison),
    Stopping,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Starting { size, seed, bus } => write!(
                f,
                "starting {} hypervisors with {} machines each on {bus} (seed {seed})",
                size.hosts, size.machines
            ),
            Note::Online { agents, took, each } => write!(
                f,
                "{agents} agents on the bus after {:.1} s ({:.0} a second); each takes {} kB of private memory and {} descriptors; {} now",
                took.as_secs_f64(),
                rate(*agents, *took),
                each.private / 1_000,
                each.descriptors,
                Figures::now(),
            ),
            Note::InSync {
                hosts,
                machines,
                took,
            } => write!(
                f,
                "in sync: an operator sees {machines} machines on {hosts} hypervisors as they are, {:.1} s after it began to log in",
                took.as_secs_f64()
            ),
            Note::Phase(name) => write!(f, "phase: {name}"),
            Note::Played(played) => write!(
                f,
                "played: {} events ({} could not happen), {} agents upgraded, {} stanzas of the hostile account; {}",
                played.events,
                played.left_out,
                played.upgraded,
                played.attacks,
                Figures::now()
            ),
            Note::Compared(comparison) => comparison.fmt(f),
            Note::Stopping => f.write_str("stopping all that was started"),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a fleet has at most thousands of agents"
)]
fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(0.001)
}

/// Says it on standard error.
pub(super) fn say(note: &Note) {
    let _ = writeln!(std::io::stderr(), "fleet-sim: {note}");
}

/// The one line on standard output. Scripts wait for its command, so no earlier line may contain it.
pub(super) fn announce_ready(machines: usize, profile: &ProfileName) {
    let mut out = std::io::stdout();
    let _ = writeln!(
        out,
        "ready with {machines} machines; in another terminal: {} --profile {profile}   (Ctrl-C here stops the fleet)",
        crate::needs::operators_program()
    );
    let _ = out.flush();
}

/// Name and summary of each scenario, on standard output.
pub(super) fn list_scenarios() -> Result<()> {
    let mut out = std::io::stdout();
    for shipped in SHIPPED {
        let scenario = Scenario::find(shipped.name)?;
        writeln!(out, "{:16} {}", shipped.name, scenario.summary)?;
    }
    Ok(())
}
