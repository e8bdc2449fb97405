//! What a piece of the screen can mean.

use std::fmt;

use archipel_protocol::VmState;

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $name:literal),* $(,)?) => {
        /// What a piece of the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Role { $($(#[$doc])* $role),* }

        impl Role {
            /// All of them, with their names in theme files.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$role, $name)),*];
        }
    };
}

roles! {
    /// Ordinary text: the terminal's own colour.
    Text = "text",
    /// Text that matters less.
    Dim = "dim",
    /// Lines and rests that should hardly be seen.
    Faint = "faint",
    /// Names and figures that the eye looks for.
    Strong = "strong",
    /// The product's own accent.
    Accent = "accent",
    /// The top line.
    Bar = "bar",
    /// Lesser text in the top line.
    BarDim = "bar-dim",
    /// The product's name in the top line.
    Brand = "brand",
    /// The name of a key.
    Key = "key",
    /// The row under the cursor.
    Selected = "selected",
    /// The row under the cursor of a pane without the focus.
    SelectedIdle = "selected-idle",
    /// The sign of a mark.
    Mark = "mark",
    /// Column titles.
    Header = "header",
    /// The lines around a pane.
    Border = "border",
    /// The lines around the pane with the focus.
    BorderFocused = "border-focused",
    /// The title of a pane.
    Title = "title",
    /// The open tab.
    Tab = "tab",
    /// The other tabs.
    TabIdle = "tab-idle",
    /// A running machine.
    StateRunning = "state-running",
    /// A paused machine.
    StatePaused = "state-paused",
    /// A machine that is off.
    StateOff = "state-off",
    /// A machine on its way off.
    StateShuttingDown = "state-shutting-down",
    /// A crashed machine.
    StateCrashed = "state-crashed",
    /// A machine asleep.
    StateSuspended = "state-suspended",
    /// A machine without a definition.
    StateUndefined = "state-undefined",
    /// A machine of which nothing is known.
    StateUnknown = "state-unknown",
    /// A live hypervisor or link.
    Online = "online",
    /// One that is gone.
    Offline = "offline",
    /// Old data.
    Stale = "stale",
    /// The full part of a gauge.
    Gauge = "gauge",
    /// The same from 75 %.
    GaugeHigh = "gauge-high",
    /// The same from 90 %.
    GaugeFull = "gauge-full",
    /// The empty part of a gauge.
    GaugeTrack = "gauge-track",
    /// The first series of a chart: used, read, received.
    SeriesA = "series-a",
    /// The second series of a chart: written, sent.
    SeriesB = "series-b",
    /// A line of a difference that comes.
    Added = "added",
    /// A line of a difference that goes.
    Removed = "removed",
    /// A hint.
    Hint = "hint",
    /// A piece of news.
    Info = "info",
    /// A warning; a disruptive verb.
    Warning = "warning",
    /// An error.
    Error = "error",
    /// The frame of a dialog.
    Dialog = "dialog",
    /// The frame of a dialog about a destructive verb.
    Danger = "danger",
    /// Letters that matched what was typed.
    Match = "match",
    /// What is typed.
    Input = "input",
}

impl From<VmState> for Role {
    fn from(state: VmState) -> Self {
        match state {
            VmState::Running => Self::StateRunning,
            VmState::Paused => Self::StatePaused,
            VmState::Off => Self::StateOff,
            VmState::ShuttingDown => Self::StateShuttingDown,
            VmState::Crashed => Self::StateCrashed,
            VmState::Suspended => Self::StateSuspended,
            VmState::Undefined => Self::StateUndefined,
            VmState::Unknown => Self::StateUnknown,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL
            .iter()
            .find(|(role, _)| role == self)
            .map_or("", |(_, name)| name);
        f.write_str(name)
    }
}
