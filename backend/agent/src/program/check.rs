//! `check`: what is wrong with settings, host and bus, before the agent runs or while it does.

mod admins;
mod descriptors;
mod disk;
mod libvirt;
mod secret;
mod settings;
mod store;
mod user;
mod way;

use std::path::{Path, PathBuf};

use archipel_bus::probe::{self, Access, Aim, Check, Examined, LATE, Line, Purpose};
use archipel_config::finding::{Fault, Finding, Look, Report, chapter};

use super::{Checked, Drivers, EXIT_REFUSED, EXIT_SETTINGS, Failed, runtime, say};
use crate::{
    agent::VmSessions,
    settings::{Password, Settings},
};

/// Checks of the host.
static HOST: &[&Check<Host>] = &[
    &admins::CHECK,
    &user::CHECK,
    &libvirt::CHECK,
    &store::CHECK,
    &disk::CHECK,
    &descriptors::CHECK,
];

/// A host and what its agent is told.
#[derive(Debug)]
struct Host {
    settings: Settings,
    drivers: Drivers,
}

impl Checked {
    fn aim(&self) -> Aim<'_> {
        Aim(self.only.as_deref())
    }

    fn wants(&self, finding: &Finding) -> bool {
        let wanted = self.only.as_deref();
        wanted.is_none_or(|wanted| finding.is(wanted) || finding.id == LATE.id)
    }

    /// A name that no check and no fault has.
    fn refuse_unknown(&self) -> Result<(), Failed> {
        let faults = faults();
        let known = |wanted: &str| {
            faults.iter().any(|fault| {
                let check = fault.id.split('.').next();
                fault.id == wanted || check == Some(wanted)
            })
        };
        match &self.only {
            Some(wanted) if !known(wanted) => {
                let text =
                    format!("there is no check `{wanted}`; see: archipel-agent check --list");
                Err(Failed::new(text).with_code(EXIT_SETTINGS))
            }
            _ => Ok(()),
        }
    }
}

/// All that a check can find on a host and on its bus.
fn faults() -> Vec<&'static Fault> {
    let host = HOST.iter().flat_map(|check| check.faults);
    let outside = probe::OUTSIDE.iter().flat_map(|check| check.faults);
    let inside = probe::INSIDE.iter().flat_map(|check| check.faults);
    let own = settings::FAULTS.iter().chain(probe::LOGIN_FAULTS);
    let all = own.chain(host).chain(outside).chain(inside);
    all.copied().collect()
}

/// Looks at everything and changes nothing.
pub(super) fn check(asked: &Checked, drivers: Drivers) -> Result<(), Failed> {
    asked.refuse_unknown()?;
    if asked.list {
        say(catalogue());
        return Ok(());
    }
    let path = &asked.at.config;
    let settings = match Settings::load(path) {
        Ok(settings) => settings,
        Err(error) => return refuse(settings::of(path, &error)),
    };
    if asked.only.is_none() {
        introduce(path, &settings);
    }
    let examined = runtime()?.block_on(examine(settings, path, drivers, asked.aim()));
    let code = match examined.access {
        Access::Refused => EXIT_REFUSED,
        Access::NotTried | Access::In => 1,
    };
    let wanted = |finding: &Finding| asked.wants(finding);
    let refused = examined.access == Access::Refused;
    let report = Report::new(
        examined.findings.into_iter().filter(wanted).collect(),
        Look::of_process(80, examined.software),
    );
    say(&report);
    if refused || report.has_problem() {
        return Err(Failed::new(in_short(&report)).with_code(code));
    }
    Ok(())
}

/// The last line: a host that has not joined has nothing else to be told.
fn in_short(report: &Report) -> &str {
    let mut findings = report.findings().iter();
    let joining = findings.find(|finding| settings::is_joining(finding));
    joining.map_or("the agent would not work as it is set up", |finding| {
        &finding.seen
    })
}

/// Settings that leave nothing else to look at.
fn refuse(finding: Finding) -> Result<(), Failed> {
    say(Report::new(vec![finding], Look::of_process(80, None)));
    Err(Failed::new("the agent would not start").with_code(EXIT_SETTINGS))
}

/// What the settings would do.
fn introduce(path: &Path, settings: &Settings) {
    say(format_args!("settings  {}", path.display()));
    say(format_args!("account   {}", settings.jid));
    say(format_args!("bus       {}", way::text(settings)));
    say(format_args!("state     {}\n", settings.state_dir.display()));
}

async fn examine(settings: Settings, path: &Path, drivers: Drivers, aim: Aim<'_>) -> Examined {
    let secret = secret::of(&settings).await;
    let host = Host { settings, drivers };
    let mut findings = probe::all(HOST, &host, aim).await;
    let secret = match secret {
        Ok(secret) => secret,
        Err(error) => {
            findings.push(settings::of(path, &error));
            return Examined {
                findings,
                access: Access::Refused,
                software: None,
            };
        }
    };
    let settings = host.settings;
    if secret.is_none() && settings.password == Password::Joined {
        findings.push(settings::not_joined(&settings.jid));
        return Examined {
            findings,
            access: Access::NotTried,
            software: None,
        };
    }
    let purpose = purpose(&settings);
    let line = Line::new(settings.bus, settings.jid, secret, purpose);
    let mut examined = probe::examine(line, aim).await;
    findings.append(&mut examined.findings);
    Examined {
        findings,
        ..examined
    }
}

fn purpose(settings: &Settings) -> Purpose {
    let own = settings.password == Password::Registered;
    let registers = own || settings.vm_sessions == VmSessions::All;
    Purpose::Agent {
        registers,
        would_register: registers || settings.vm_sessions == VmSessions::Auto,
    }
}

/// What the checks of a host can find, as a part of the guide.
fn catalogue() -> String {
    let own = chapter(settings::ID, settings::ABOUT, settings::FAULTS);
    let host = HOST
        .iter()
        .map(|check| chapter(check.id, check.about, check.faults));
    let all: Vec<String> = std::iter::once(own).chain(host).collect();
    all.join("\n")
}

/// The nearest folder above `path`, or itself, that is there.
fn existing(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|folder| folder.exists());
    there.unwrap_or(Path::new("/")).to_owned()
}
