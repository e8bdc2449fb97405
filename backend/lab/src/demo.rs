//! What `make demo` runs: a private bus, three hypervisors with a fleet each, and the operator's screen; or, with `FLEET=100x40`, a
//! simulated fleet.

mod bus;
mod host;
mod programs;
mod screen;
mod sync;
mod texts;
mod training;

use anyhow::{Context as _, Result};

use crate::Driver;
use crate::interrupts::Interrupts;
use crate::profile::{Content, ProfileFile};

use bus::Bus;
use host::Host;
use programs::Programs;
use texts::{Note, say};

pub use training::{Training, train};

/// The operator's profile.
const PROFILE: &str = "demo";

/// The operator's account.
const ADMIN: &str = "admin";

/// The hypervisors with libvirt's test driver.
const TEST_HOSTS: [&str; 3] = ["hv01", "hv02", "hv03"];

/// The hypervisor with real guests.
const REAL_HOST: &str = "hv04";

/// What the caller asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choices {
    /// No screen: stays in the foreground until a signal comes (`HEADLESS=1`).
    pub headless: bool,
    /// One more hypervisor, with two real guests (`GUESTS=real`).
    pub real_guests: bool,
}

impl Choices {
    /// Reads `HEADLESS` and `GUESTS`.
    pub fn from_environment() -> Choices {
        Choices {
            headless: is_set("HEADLESS"),
            real_guests: std::env::var("GUESTS").is_ok_and(|guests| guests == "real"),
        }
    }

    fn driver_of(host: &str) -> Driver {
        if host == REAL_HOST {
            Driver::Qemu
        } else {
            Driver::Test
        }
    }

    fn hosts(self) -> Vec<&'static str> {
        let real = self.real_guests.then_some(REAL_HOST);
        TEST_HOSTS.into_iter().chain(real).collect()
    }
}

/// Whether a variable says yes.
fn is_set(name: &str) -> bool {
    !matches!(std::env::var(name).unwrap_or_default().as_str(), "" | "0")
}

/// Everything the demo started. Dropping it ends what still runs.
struct Demo {
    programs: Programs,
    hosts: Vec<Host>,
    bus: Bus,
    /// Goes first when the demo ends: nobody shall connect to a bus that is being stopped.
    profile: ProfileFile,
}

/// Runs the demo until the screen is left or a signal comes, and stops all it started.
///
/// # Errors
///
/// When something is not installed or built, or a part does not start; the text says what next.
pub async fn run(choices: Choices) -> Result<()> {
    let mut interrupts = Interrupts::listen()?;
    let started = tokio::select! {
        biased;
        () = interrupts.next() => return Ok(()),
        started = Demo::start(choices) => started,
    };
    let mut demo = started.context("the demo did not start")?;
    let outcome = if choices.headless {
        demo.stay(&mut interrupts).await
    } else {
        let shown = screen::run(&demo.programs.operator, &mut interrupts).await;
        demo.hosts
            .iter_mut()
            .filter_map(Host::obituary)
            .for_each(|text| say(&Note::Obituary(text)));
        shown
    };
    say(&Note::Stopping);
    demo.stop().await;
    outcome
}

impl Demo {
    async fn start(choices: Choices) -> Result<Demo> {
        screen::refuse_without_terminal(choices.headless)?;
        let programs = Programs::find(choices)?;
        // Before anything is started: two demos cannot share the profile.
        let profile = ProfileFile::reserve(PROFILE)?;
        say(&Note::Bus);
        let bus = Bus::start(choices).await?;
        say(&Note::Hosts(choices.hosts().len()));
        let mut hosts = Vec::new();
        for (index, name) in choices.hosts().into_iter().enumerate() {
            hosts.push(Host::start(name, index, &bus, &programs).await?);
        }
        let content = Content {
            of: "`make demo`",
            folder: bus.folder(),
            jid: &bus::jid(ADMIN),
            password_file: bus.password_file(ADMIN)?,
            groups: &bus::groups().map(str::to_owned).collect::<Vec<_>>(),
            bus: &bus.address().to_string(),
            ca_file: bus.ca_file(),
        };
        profile.write(&content.text())?;
        say(&Note::BehindItsBack(hosts[0].libvirt_uri()));
        Ok(Demo {
            programs,
            hosts,
            bus,
            profile,
        })
    }

    /// Says when all agents are in sync, then waits for a signal.
    async fn stay(&mut self, interrupts: &mut Interrupts) -> Result<()> {
        let expected: usize = self.hosts.iter().map(Host::machines).sum();
        tokio::select! {
            biased;
            () = interrupts.next() => return Ok(()),
            synced = sync::wait(&self.programs.operator, expected, &mut self.hosts) => synced?,
        }
        texts::announce_ready(expected);
        interrupts.next().await;
        Ok(())
    }

    async fn stop(self) {
        drop(self.profile);
        for mut host in self.hosts {
            host.stop().await;
        }
        self.bus.stop().await;
    }
}
