//! The operator's model of the fleet: what is known, how it changes, what could be done about it.
//!
//! [`Fleet::apply`] takes one event after the other and says what changed. It performs no I/O and reads no clock: every event
//! carries the [`Moment`] of its receipt, so that a recorded stream replays in a test. [`plan`] says per machine what a verb
//! would do and what stands against it.
//!
//! ```
//! use archipel_fleet::{Event, Fleet, Link, Moment, Stamped};
//!
//! let mut fleet = Fleet::default();
//! let link = Link::Online { jid: archipel_protocol::FullJid::new("olga@dc.example/desk").unwrap() };
//! let changes = fleet.apply(Stamped { at: Moment(1_000), event: Event::Link(link) });
//! assert!(changes.has(archipel_fleet::Changes::LINK));
//! assert!(fleet.link().is_online());
//! ```

mod apply;
mod changes;
mod claims;
mod counts;
mod event;
mod feed;
mod fleet;
mod groups;
mod history;
mod host;
mod hypervisor;
mod journal;
mod look;
mod machines;
mod messages;
mod plan;
mod ready;
mod records;
mod run;
mod runs;
mod time;
mod trend;
mod vm;

pub use changes::Changes;
pub use counts::Counts;
pub use event::{Cached, Contact, Event, Level, Link, Notice, Reach, Stamped, WatchState, Wire};
pub use fleet::Fleet;
pub use groups::Group;
pub use history::{History, Range};
pub use host::MACHINES_LIMIT;
pub use hypervisor::Hypervisor;
pub use journal::{Logged, Noticed};
pub use look::{LOOK_LIMIT, Look};
pub use plan::{Confirm, Plan, Step, plan, plan_given};
pub use ready::{Reason, ready};
pub use records::Key;
pub use run::{Progress, Run, RunId, RunStep, StepState};
pub use time::{Freshness, Moment};
pub use trend::Trend;
pub use vm::{Vm, VmRef};
