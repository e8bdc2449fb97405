//! Screens, widgets, keymap and themes of the operator's program: state and keys in, commands and frames out.
//!
//! [`App`] starts no work and holds no channel. It is told of keys and of changes of the [`archipel_fleet::Fleet`], answers with
//! [`Command`]s, and draws a frame when [`App::dirty`] says that there is something new to see. Three kinds of state are kept
//! apart: the model (the fleet, borrowed), the operator's (filters, orders, marks, open views) and the widgets' (cursor, scroll).
//!
//! ```
//! use archipel_fleet::{Fleet, Moment};
//! use archipel_ui::{App, GlyphSet, Keymap, Now, Options, Theme};
//! use ratatui::{Terminal, backend::TestBackend};
//!
//! let mut app = App::new(Options {
//!     profile: "prod".into(),
//!     account: "olga@dc.example".into(),
//!     theme: Theme::preset("mono").unwrap(),
//!     glyphs: GlyphSet::Unicode,
//!     read_only: false,
//!     keymap: Keymap::preset("default").unwrap(),
//! });
//! let fleet = Fleet::default();
//! let now = Now { moment: Moment(0), hour: 14, minute: 3, second: 0 };
//! let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
//! terminal.draw(|frame| app.draw(frame, &fleet, now)).unwrap();
//! assert!(!app.dirty());
//! ```

mod app;
mod command;
mod filter;
mod format;
mod glyphs;
mod keymap;
mod layers;
mod marks;
mod messages;
mod now;
mod output;
mod picture;
mod question;
mod screen;
mod subject;
mod theme;
mod views;
mod widgets;

pub use app::{App, Options};
pub use command::{Act, Action, Step, UI_COMMANDS, UiCommand};
pub use glyphs::GlyphSet;
pub use keymap::{Chord, Follow, InvalidChord, Keymap, KeymapError, Lookup, Menu, Scope, spelled};
pub use now::Now;
pub use output::Command;
pub use picture::{PIXELS_LIMIT, Picture, Pixel};
pub use question::{Question, Told};
pub use screen::{Screen, Tab};
pub use theme::{Role, Theme, ThemeError};
