//! The screen as a whole: what the operator set up, which views are open, and what the next frame needs.

mod act;
mod draw;
mod input;
mod marking;
mod overlay;
mod pace;
mod place;
mod refresh;
mod requests;
mod typed;
mod verbs;

use archipel_fleet::{Changes, Fleet, Moment, Range, RunId};
use archipel_protocol::text::clean_line;

use crate::{
    glyphs::GlyphSet,
    keymap::{Chord, Keymap},
    layers::{Layer, run::RunView},
    marks::Marks,
    now::Now,
    output::Command,
    question::{Question, Told},
    screen::Tab,
    subject::Subject,
    theme::Theme,
    views::{
        hypervisors::Hypervisors, log::Log, messages::Messages, page::Pages, roster::Roster,
        tasks::Tasks, vms::Vms,
    },
};

use pace::Pace;
use place::Place;
use requests::Asked;

/// What the screen is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The profile's name; it stands in the first line and in every dialog.
    pub profile: String,
    /// The operator's account.
    pub account: String,
    /// The theme; use `mono` where `NO_COLOR` is set.
    pub theme: Theme,
    /// The signs.
    pub glyphs: GlyphSet,
    /// Whether every verb that is not safe is taken away.
    pub read_only: bool,
    /// The keys.
    pub keymap: Keymap,
}

/// The views, each with its own cursor, order and filter.
#[derive(Debug)]
struct Views {
    roster: Roster,
    /// The machines of what is under the roster's cursor.
    vms: Vms,
    /// The hypervisors of the group under the roster's cursor.
    hosts: Hypervisors,
    all_vms: Vms,
    all_hosts: Hypervisors,
    /// The log of the hypervisor under the roster's cursor.
    log: Log,
    events: Log,
    messages: Messages,
    tasks: Tasks,
    /// Those of the machine that was looked at last.
    pages: Option<Pages>,
}

/// The open tab per kind of subject.
#[derive(Debug, Clone, Copy)]
struct Tabs {
    group: Tab,
    host: Tab,
    vm: Tab,
}

/// The screen.
#[derive(Debug)]
pub struct App {
    options: Options,
    views: Views,
    tabs: Tabs,
    range: Range,
    place: Place,
    /// The places before, last at the back.
    back: Vec<Place>,
    marks: Marks,
    layers: Vec<Layer>,
    /// Keys pressed of a longer sequence.
    pending: Vec<Chord>,
    /// What the model changed since the indexes were computed.
    changes: Changes,
    pace: Pace,
    /// Whether the indexes have to be computed anew, whatever changed.
    stale: bool,
    dirty: bool,
    asked: Asked,
    /// Notices up to here were dismissed.
    dismissed: Option<Moment>,
    /// Machines of the plan that was handed out last: a result box opens for many.
    executed: usize,
    built: usize,
    /// The wall clock, as it was told last.
    wall: Option<archipel_language::Now>,
    out: Vec<Command>,
}

impl App {
    /// A screen with nothing on it yet.
    pub fn new(options: Options) -> Self {
        Self {
            options: Options {
                profile: clean_line(&options.profile, 32),
                account: clean_line(&options.account, 64),
                ..options
            },
            views: Views {
                roster: Roster::default(),
                vms: Vms::new(Subject::Group(None)),
                hosts: Hypervisors::new(Subject::Group(None)),
                all_vms: Vms::new(Subject::Fleet),
                all_hosts: Hypervisors::new(Subject::Fleet),
                log: Log::default(),
                events: Log::default(),
                messages: Messages::default(),
                tasks: Tasks::default(),
                pages: None,
            },
            tabs: Tabs {
                group: Tab::Hypervisors,
                host: Tab::Health,
                vm: Tab::Overview,
            },
            range: Range::Hour,
            place: Place::default(),
            back: Vec::new(),
            marks: Marks::default(),
            layers: Vec::new(),
            pending: Vec::new(),
            changes: Changes::NONE,
            pace: Pace::default(),
            stale: true,
            dirty: true,
            asked: Asked::default(),
            dismissed: None,
            executed: 0,
            built: 0,
            wall: None,
            out: Vec::new(),
        }
    }

    /// Takes note of what changed in the model. Indexes are computed before the next frame, once, however many changes come.
    pub fn changed(&mut self, changes: &Changes, fleet: &Fleet, now: Now) -> Vec<Command> {
        if changes.is_empty() {
            return Vec::new();
        }
        self.changes |= *changes;
        self.dirty = true;
        if changes.has(Changes::STRUCTURE) && !self.marks.is_empty() {
            self.marks.retain_known(fleet);
        }
        // Until the operator moves, the cursor looks for the first hypervisor; what is shown of it has to be asked for.
        if changes.has(Changes::STRUCTURE) && !self.views.roster.moved {
            self.refresh(fleet, now);
        }
        self.ask(fleet, now);
        std::mem::take(&mut self.out)
    }

    /// The answer to [`Command::Execute`]: results of a plan for many machines are shown as they come in.
    pub fn started(&mut self, run: RunId, _fleet: &Fleet) {
        if self.executed > 1 {
            self.layers
                .push(Layer::Run(RunView::new(run, &self.options.profile)));
        }
        self.dirty = true;
    }

    /// The answer to [`Command::Ask`]. One that was no longer waited for is dropped; the next question may follow at once.
    pub fn told(
        &mut self,
        question: &Question,
        answer: Result<Told, String>,
        fleet: &Fleet,
        now: Now,
    ) -> Vec<Command> {
        if let Some(pages) = &mut self.views.pages {
            pages.told(question, answer, now);
            self.dirty = true;
        }
        self.ask(fleet, now);
        std::mem::take(&mut self.out)
    }

    /// After a frame: what it shows and the fleet does not tell yet.
    pub fn drawn(&mut self) -> Vec<Command> {
        self.ask_figures();
        std::mem::take(&mut self.out)
    }

    /// Tells the time on the wall: what times in selectors that are typed from now on are told from.
    pub fn tell_time(&mut self, now: archipel_language::Now) {
        self.wall = Some(now);
    }

    /// The terminal has another size.
    pub fn resized(&mut self) {
        self.dirty = true;
    }

    /// At the moment named by [`App::next_wake`]: the clock and the ages have changed, or an index is due.
    pub fn wake(&mut self, _now: Now) {
        self.dirty = true;
    }

    /// When the clock and the ages change next, at most once a minute, or sooner when a change of the fleet waits for its turn.
    pub fn next_wake(&self, now: Now) -> Option<Moment> {
        let minute = now.next_minute();
        Some(self.pace.due().map_or(minute, |due| due.min(minute)))
    }

    /// Whether there is something new to see.
    pub fn dirty(&self) -> bool {
        self.dirty
    }

    /// How many rows of lists were built for the last frame: those that were seen, however long the lists are.
    pub fn rows_built(&self) -> usize {
        self.built
    }
}
