//! The screen's loop: it alone touches the state. Signals, keys and events come in, commands go out, at most one frame is
//! drawn per 16 ms (per 4 ms where a key waits for it), and where nothing changed nothing is written.

mod colours;
mod commands;
mod copy;
mod look;
mod panics;
mod questions;
mod quiet;
mod screen;
mod sources;

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use archipel_config::Flags;
use archipel_fleet::{Changes, Event, Fleet, Level, Notice, Stamped};
use archipel_operator::{Clock, Handle, Invitations, Settings};
use archipel_ui::{App, Now};
use crossterm::event::{Event as Input, KeyEventKind};
use jiff::Zoned;

use crate::{
    cli::Failure,
    log,
    setup::{self, Setup},
};
use commands::{Answer, Answers};
use screen::Screen;
use sources::{Signal, Sources, Wake};

/// The least time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// The same where a key or a paste waits for its frame: fingers are slow enough, and they feel 16 ms.
const ANSWER: Duration = Duration::from_millis(4);
/// How long queued input and events are taken in before a frame is drawn.
const BUDGET: Duration = Duration::from_millis(8);
/// How long logging out may take before the program ends without.
const FAREWELL: Duration = Duration::from_secs(3);

/// Opens the screen and stays until it is left.
pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let text = "the screen needs a terminal for input and output; in scripts use commands such as: archipel vm list -o json";
        return Err(Failure::usage(text));
    }
    let setup = setup::load(flags)?;
    let options = look::options(&setup)?;
    let secret = setup.password()?;
    let _log = log::open(&setup)?;
    let runtime = setup::runtime()?;
    let clock = Clock::start();
    let Setup { profile, places } = setup;
    panics::install(places.log_file());
    let settings = Settings::new(profile, secret, places, clock);
    let done = runtime.block_on(show(App::new(options), settings, clock));
    // A thread that still waits for the DNS is not waited for.
    runtime.shutdown_background();
    done
}

async fn show(app: App, settings: Settings, clock: Clock) -> Result<(), Failure> {
    let (answers, answered) = Answers::channel();
    // Before the terminal is taken over: whatever ends the program from here on gives it back.
    let mut sources = Sources::listen(answered).map_err(|error| no_terminal(&error))?;
    let screen = Screen::open().map_err(|error| no_terminal(&error))?;
    let mut tui = Tui::new(app, screen, answers, clock);
    // The operator sees a frame before anything waits for a network.
    tui.draw().map_err(|error| no_terminal(&error))?;
    let (profile, places) = (settings.profile.clone(), settings.paths.clone());
    let (handle, events) = archipel_operator::start(settings).map_err(Failure::usage)?;
    sources.follow(events);
    tui.invitations = Some(Invitations::new(handle.clone(), &profile, &places));
    let result = tui.turn(&handle, &mut sources).await;
    // The terminal first: a slow farewell must not look like a program that hangs.
    drop(tui);
    let _ = tokio::time::timeout(FAREWELL, handle.stop()).await;
    result
}

fn no_terminal(error: &io::Error) -> Failure {
    Failure::failed(format_args!("the terminal cannot be used: {error}"))
}

/// What the loop owns.
struct Tui {
    app: App,
    fleet: Fleet,
    screen: Screen,
    clock: Clock,
    answers: Answers,
    /// Looked after once, as soon as there is a session.
    invitations: Option<Invitations>,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
    /// Whether something was typed since then.
    typed: bool,
    /// What events changed since the app was told.
    changes: Changes,
    leaving: bool,
}

impl Tui {
    fn new(app: App, screen: Screen, answers: Answers, clock: Clock) -> Self {
        Self {
            app,
            screen,
            clock,
            fleet: Fleet::default(),
            answers,
            invitations: None,
            drawn: None,
            typed: false,
            changes: Changes::NONE,
            leaving: false,
        }
    }

    async fn turn(&mut self, handle: &Handle, sources: &mut Sources) -> Result<(), Failure> {
        while !self.leaving {
            let wake = sources.next(self.wait()).await;
            let began = Instant::now();
            self.take(wake, handle, sources).await;
            while let Some(wake) = sources.ready_before(began + BUDGET) {
                self.take(wake, handle, sources).await;
            }
            self.tell_changes(handle, sources).await;
            if self.app.dirty() && self.until_frame().is_zero() && !self.leaving {
                self.draw().map_err(|error| no_terminal(&error))?;
                let commands = self.app.drawn();
                self.execute(commands, handle, sources).await;
            }
            warn_if_slow(began);
        }
        Ok(())
    }

    /// How long nothing happens if nothing comes in.
    fn wait(&self) -> Option<Duration> {
        if self.app.dirty() {
            return Some(self.until_frame());
        }
        let now = self.now();
        let wake = self.app.next_wake(now)?;
        Some(wake.since(now.moment))
    }

    fn until_frame(&self) -> Duration {
        let least = if self.typed { ANSWER } else { FRAME };
        let since = self.drawn.map(|drawn| drawn.elapsed());
        since.map_or(Duration::ZERO, |since| least.saturating_sub(since))
    }

    fn now(&self) -> Now {
        let wall = Zoned::now();
        let positive = |number: i8| u8::try_from(number).unwrap_or(0);
        Now {
            moment: self.clock.now(),
            hour: positive(wall.hour()),
            minute: positive(wall.minute()),
            second: positive(wall.second()),
        }
    }

    async fn take(&mut self, wake: Wake, handle: &Handle, sources: &mut Sources) {
        match wake {
            Wake::Signal(Signal::End) | Wake::InputEnded => self.leaving = true,
            Wake::Signal(Signal::Continued) => self.come_back(),
            Wake::Input(input) => {
                self.typed = true;
                let commands = self.input(input);
                self.execute(commands, handle, sources).await;
            }
            Wake::Event(event) => self.changes |= self.fleet.apply(event),
            Wake::EngineEnded => self.notice(
                Level::Error,
                "The connection's engine has ended; leave the program and start it again"
                    .to_owned(),
            ),
            Wake::Answer(Answer::Invitations(None)) => {}
            Wake::Answer(Answer::Notice(notice) | Answer::Invitations(Some(notice))) => {
                self.apply(Event::Notice(notice));
            }
            Wake::Answer(Answer::Told(question, answer)) => {
                let now = self.now();
                let commands = self.app.told(&question, answer, &self.fleet, now);
                self.execute(commands, handle, sources).await;
            }
            Wake::Time => self.app.wake(self.now()),
        }
    }

    fn input(&mut self, input: Input) -> Vec<archipel_ui::Command> {
        let now = self.now();
        self.app.tell_time(crate::wall::now());
        match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => {
                self.app.key(key, &self.fleet, now)
            }
            Input::Paste(text) => self.app.paste(&text, &self.fleet, now),
            Input::Resize(..) => {
                self.app.resized();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Tells the app what the events of this turn changed, once for all of them.
    async fn tell_changes(&mut self, handle: &Handle, sources: &mut Sources) {
        let changes = std::mem::replace(&mut self.changes, Changes::NONE);
        if changes.is_empty() {
            return;
        }
        if self.fleet.link().is_online() {
            self.look_after_invitations();
        }
        let commands = self.app.changed(&changes, &self.fleet, self.now());
        self.execute(commands, handle, sources).await;
    }

    fn apply(&mut self, event: Event) {
        let at = self.clock.now();
        self.changes |= self.fleet.apply(Stamped { at, event });
    }

    fn notice(&mut self, level: Level, text: String) {
        self.apply(Event::Notice(Notice { level, text }));
    }

    /// After a stop the terminal is somebody else's: everything is set and drawn anew.
    fn come_back(&mut self) {
        if let Err(error) = self.screen.enter() {
            tracing::error!(%error, "the terminal cannot be used any more");
            self.leaving = true;
        }
        self.app.resized();
    }

    fn draw(&mut self) -> io::Result<()> {
        let now = self.now();
        let (app, fleet) = (&mut self.app, &self.fleet);
        self.screen.draw(|frame| app.draw(frame, fleet, now))?;
        self.drawn = Some(Instant::now());
        self.typed = false;
        Ok(())
    }
}

/// A turn that the operator can feel has to be found.
fn warn_if_slow(began: Instant) {
    let took = began.elapsed();
    if took > FRAME {
        let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(elapsed_ms, "a slow turn of the loop");
    }
}
