//! The hot parts of a frame at 40,000 machines, without terminal and bus.

use archipel_fleet::{Changes, Moment};
use archipel_ui::{App, GlyphSet, Keymap, Now, Options, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend};

use crate::{
    frame::{Figures, Goal, Row, Table, Unit},
    invented::{self, Size},
    subjects::times,
};

/// Rows of [`frame`].
pub(super) const FRAME: &[Row] = &[
    part(
        "part-apply",
        "one delta applied to a model of 40,000 machines",
    ),
    part(
        "part-still",
        "a frame of 40,000 machines, nothing but the cursor moved",
    ),
    part(
        "part-by-name",
        "a frame of 40,000 machines by name, 16 machines changed",
    ),
    part(
        "part-by-cpu",
        "a frame of 40,000 machines by a figure, 16 machines changed",
    ),
    part(
        "part-filtered",
        "a frame of 40,000 machines filtered, 16 machines changed",
    ),
];

const fn part(name: &'static str, what: &'static str) -> Row {
    Row {
        name,
        what,
        goal: Goal::None,
        unit: Unit::Milliseconds,
        place: "no server, no terminal, 200x60",
        table: Table::Parts,
    }
}

/// The parts that a frame is made of.
pub(super) async fn frame() -> Vec<Figures> {
    let mut stage = Stage::new();
    let apply = times_with(2_000, |round| {
        let event = invented::news(round % 2_500, round % 16, round as u64);
        invented::apply(&mut stage.fleet, event)
    });
    stage.type_in(":vms\r");
    stage.draw();
    let still = stage.frames(0);
    let by_name = stage.frames(16);
    stage.type_in(":sort cpu\r");
    let by_cpu = stage.frames(16);
    stage.type_in("/state = running and tag = web\r");
    let filtered = stage.frames(16);
    let all = [apply, still, by_name, by_cpu, filtered];
    FRAME
        .iter()
        .zip(all)
        .map(|(row, values)| row.values(values))
        .collect()
}

/// The application in front of an invented fleet.
struct Stage {
    app: App,
    fleet: archipel_fleet::Fleet,
    terminal: Terminal<TestBackend>,
    round: usize,
}

const NOW: Now = Now {
    moment: Moment(2_000),
    hour: 14,
    minute: 3,
    second: 0,
};

impl Stage {
    fn new() -> Self {
        let options = Options {
            profile: "bench".into(),
            account: "admin@dc.example".into(),
            theme: Theme::preset("dark").expect("a theme"),
            glyphs: GlyphSet::Unicode,
            read_only: false,
            keymap: Keymap::preset("default").expect("a keymap"),
        };
        Self {
            app: App::new(options),
            fleet: invented::fleet(Size::FULL),
            terminal: Terminal::new(TestBackend::new(200, 60)).expect("a terminal"),
            round: 0,
        }
    }

    fn type_in(&mut self, keys: &str) {
        for letter in keys.chars() {
            let code = match letter {
                '\r' => KeyCode::Enter,
                other => KeyCode::Char(other),
            };
            self.press(code);
        }
    }

    fn press(&mut self, code: KeyCode) {
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        self.app.key(key, &self.fleet, NOW);
    }

    fn draw(&mut self) {
        let (app, fleet) = (&mut self.app, &self.fleet);
        let drawn = self.terminal.draw(|frame| app.draw(frame, fleet, NOW));
        drawn.expect("a frame");
    }

    /// Frames, each after a key and news of so many machines; milliseconds of key and frame.
    fn frames(&mut self, news: usize) -> Vec<f64> {
        times_with(100, |_| {
            let mut changes = Changes::NONE;
            for _ in 0..news {
                self.round += 1;
                let (host, index) = (self.round * 37 % 2_500, self.round % 16);
                let event = invented::news(host, index, self.round as u64);
                changes |= invented::apply(&mut self.fleet, event);
            }
            self.press(KeyCode::Char('j'));
            self.app.changed(&changes, &self.fleet, NOW);
            self.draw();
        })
    }
}

fn times_with<T>(count: usize, mut work: impl FnMut(usize) -> T) -> Vec<f64> {
    let mut round = 0;
    times(count, || {
        round += 1;
        work(round)
    })
}
