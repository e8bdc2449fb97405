//! `archipel doctor`: what is wrong with settings, terminal, bus and hypervisors, and what to do about it.

mod catalogue;
mod settings;
mod show;
mod terminal;

use archipel_config::{Flags, finding::Finding};
use archipel_operator::{
    Clock, Settings,
    doctor::{self, Access, Aim, Examined},
};

use super::{
    console::Progress,
    failure::{Code, Failure},
    sheet::Format,
};
use crate::setup::{self, Setup};
use terminal::Terminal;

/// Prints what could be found.
pub(super) fn list() -> Result<(), Failure> {
    Ok(super::console::print(&catalogue::list())?)
}

/// Looks at everything, or at what `only` names, and prints what was found.
pub(super) fn run(only: Option<&str>, flags: &Flags, format: Format) -> Result<(), Failure> {
    let aim = Aim(only);
    if let Some(wanted) = only {
        catalogue::refuse_unknown(wanted)?;
    }
    let examined = examine(flags, aim)?;
    let connected = examined.access != Access::Refused;
    let report = show::report(examined, only);
    show::print(&report, format)?;
    match () {
        () if !connected => Err(Failure::not_connected("")),
        () if report.has_problem() => Err(Failure::new(Code::Failed, "")),
        () => Ok(()),
    }
}

/// What is on this machine first; the bus only with sound settings.
fn examine(flags: &Flags, aim: Aim<'_>) -> Result<Examined, Failure> {
    let here = Terminal::of_process();
    let runtime = setup::runtime()?;
    let mut findings = runtime.block_on(doctor::all(terminal::CHECKS, &here, aim));
    let mut beyond = if catalogue::needs_settings(aim) {
        let settled = settings::load(flags);
        match settled {
            Ok((setup, secret, well)) => {
                findings.extend(well);
                let settings = Settings::new(
                    setup.profile.clone(),
                    secret,
                    setup.places.clone(),
                    Clock::start(),
                );
                look(&runtime, &setup, settings, aim)?
            }
            Err(finding) => unconnected(*finding),
        }
    } else {
        Examined {
            findings: Vec::new(),
            access: Access::NotTried,
            software: None,
        }
    };
    runtime.shutdown_background();
    findings.append(&mut beyond.findings);
    Ok(Examined { findings, ..beyond })
}

fn look(
    runtime: &tokio::runtime::Runtime,
    setup: &Setup,
    settings: Settings,
    aim: Aim<'_>,
) -> Result<Examined, Failure> {
    let _log = crate::log::open(setup)?;
    let mut progress = Progress::new();
    progress.say(format!("looking at {}…", setup.profile.jid.domain()));
    runtime.block_on(async {
        tokio::select! {
            biased;
            examined = doctor::examine(settings, aim) => Ok(examined),
            Ok(()) = tokio::signal::ctrl_c() => Err(Failure::failed("interrupted")),
        }
    })
}

/// Without settings there is no bus to look at.
fn unconnected(finding: Finding) -> Examined {
    Examined {
        findings: vec![finding],
        access: Access::Refused,
        software: None,
    }
}
