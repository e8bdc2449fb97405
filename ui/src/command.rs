//! What the operator can do: the verbs of `archipel-language`, and the commands of the screen itself as rows of the same shape.
//!
//! Keymap, `:` line, palette, help and hints read these rows and nothing else.

use archipel_fleet::Range;
use archipel_language::{Noun, Risk, Verb, verb::VERBS};

use crate::screen::{Screen, Tab};

/// A command of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UiCommand {
    /// Stable for ever: it is written in keymaps.
    pub id: &'static str,
    /// Words for the `:` line.
    pub aliases: &'static [&'static str],
    /// What it does, imperative, under 60 columns.
    pub summary: &'static str,
    /// The word in the last line; empty where it is no hint.
    pub hint: &'static str,
    /// What is done.
    pub act: Act,
}

/// What a command of the screen does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// Leave the view, at last the program.
    Quit,
    /// Stop in the background, as Ctrl-Z does in a shell.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Open the help.
    Help,
    /// Open the palette.
    Palette,
    /// Open the `:` line.
    CommandLine,
    /// Narrow the view.
    Filter,
    /// Close, clear, go back.
    Back,
    /// Take the next theme.
    NextTheme,
    /// Open a screen.
    Show(Screen),
    /// The screen before.
    LastScreen,
    /// Show or hide the roster.
    Roster,
    /// To the other pane.
    Focus,
    /// Move the cursor.
    Move(Step),
    /// Open what is under the cursor.
    Open,
    /// Show what is inside.
    Expand,
    /// Hide it, or go to the parent.
    Collapse,
    /// Set or take away a mark.
    Mark,
    /// Mark from the last mark to the cursor.
    MarkRange,
    /// Mark what is not marked and the other way round.
    Invert,
    /// Take all marks away.
    Unmark,
    /// Choose the column to sort by: right, or left.
    Column {
        /// To the right.
        right: bool,
    },
    /// Sort by the chosen column, or turn the order.
    Sort,
    /// The next tab, or the one before.
    NextTab {
        /// The one before.
        back: bool,
    },
    /// A certain tab.
    ShowTab(Tab),
    /// The next span of time of the charts.
    NextRange,
    /// A certain span of time.
    ShowRange(Range),
    /// Copy the name of what is under the cursor.
    CopyName,
    /// Copy its id.
    CopyId,
    /// Try the failed steps of a run again.
    Retry,
    /// Confirm.
    Accept,
    /// Do not.
    Cancel,
}

/// How far the cursor moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
}

const fn row(id: &'static str, summary: &'static str, act: Act) -> UiCommand {
    UiCommand { id, aliases: &[], summary, hint: "", act }
}

const fn named(id: &'static str, aliases: &'static [&'static str], summary: &'static str, act: Act) -> UiCommand {
    UiCommand { aliases, ..row(id, summary, act) }
}

const fn hinted(id: &'static str, hint: &'static str, summary: &'static str, act: Act) -> UiCommand {
    UiCommand { hint, ..row(id, summary, act) }
}

/// All commands of the screen.
pub static UI_COMMANDS: &[UiCommand] = &[
    named("app.quit", &["quit", "q"], "Close the view; at last leave the program", Act::Quit),
    named("app.suspend", &["suspend"], "Stop in the background", Act::Suspend),
    named("app.redraw", &["redraw"], "Draw the whole screen anew", Act::Redraw),
    UiCommand { aliases: &["help", "keys"], ..hinted("app.help", "help", "Show the keys and commands", Act::Help) },
    hinted("app.palette", "palette", "Find a command by any part of its name", Act::Palette),
    hinted("app.command-line", "command", "Type a command", Act::CommandLine),
    row("app.back", "Close, clear the filter, go back", Act::Back),
    named("app.theme", &["theme"], "Change to the next theme, or to the one named", Act::NextTheme),
    named("view.fleet", &["fleet"], "Show the roster and the detail", Act::Show(Screen::Fleet)),
    named("view.vms", &["vms", "machines"], "Show all machines of the fleet", Act::Show(Screen::Vms)),
    named("view.hypervisors", &["hypervisors", "hosts"], "Show all hypervisors", Act::Show(Screen::Hypervisors)),
    named("view.messages", &["messages"], "Show every message so far", Act::Show(Screen::Messages)),
    named("view.tasks", &["tasks", "runs"], "Show what was carried out, with results", Act::Show(Screen::Tasks)),
    named("view.events", &["events"], "Show the agents' logs", Act::Show(Screen::Events)),
    row("view.last", "Go to the view before", Act::LastScreen),
    named("view.roster", &["roster"], "Show or hide the roster", Act::Roster),
    row("view.focus", "Go to the other pane", Act::Focus),
    UiCommand { aliases: &["filter"], ..hinted("list.filter", "filter", "Narrow the view to what matches", Act::Filter) },
    row("list.up", "Up", Act::Move(Step::Up)),
    row("list.down", "Down", Act::Move(Step::Down)),
    row("list.page-up", "A page up", Act::Move(Step::PageUp)),
    row("list.page-down", "A page down", Act::Move(Step::PageDown)),
    row("list.top", "To the top", Act::Move(Step::Top)),
    row("list.bottom", "To the end", Act::Move(Step::Bottom)),
    hinted("list.open", "open", "Open what is under the cursor", Act::Open),
    hinted("list.mark", "mark", "Mark or unmark, and go down", Act::Mark),
    row("list.mark-range", "Mark from the last mark to here", Act::MarkRange),
    row("list.invert", "Invert the marks of what is shown", Act::Invert),
    named("list.unmark", &["unmark"], "Take all marks away", Act::Unmark),
    row("roster.expand", "Show what is inside", Act::Expand),
    row("roster.collapse", "Hide it, or go to the parent", Act::Collapse),
    row("table.column-right", "Choose the column to the right", Act::Column { right: true }),
    row("table.column-left", "Choose the column to the left", Act::Column { right: false }),
    UiCommand { aliases: &["sort"], ..hinted("table.sort", "sort", "Sort by the chosen or named column, or turn the order", Act::Sort) },
    row("tab.next", "The next tab", Act::NextTab { back: false }),
    row("tab.previous", "The tab before", Act::NextTab { back: true }),
    named("tab.health", &["health"], "Show the hypervisor's figures", Act::ShowTab(Tab::Health)),
    named("tab.vms", &["tab-vms"], "Show the machines of it", Act::ShowTab(Tab::Vms)),
    named("tab.log", &["log"], "Show the hypervisor's log", Act::ShowTab(Tab::Log)),
    hinted("range.next", "span", "Change the charts' span of time", Act::NextRange),
    named("range.five-minutes", &["5m"], "Charts over five minutes", Act::ShowRange(Range::FiveMinutes)),
    named("range.hour", &["1h"], "Charts over an hour", Act::ShowRange(Range::Hour)),
    named("range.day", &["24h"], "Charts over a day", Act::ShowRange(Range::Day)),
    row("copy.name", "Copy the name", Act::CopyName),
    row("copy.id", "Copy the id", Act::CopyId),
    hinted("task.retry", "retry failed", "Try the failed ones again", Act::Retry),
    hinted("plan.cancel", "cancel", "Do nothing", Act::Cancel),
    hinted("plan.accept", "do it", "Carry the plan out", Act::Accept),
];

/// Anything that a key, the `:` line or the palette can run.
#[derive(Debug, Clone, Copy)]
pub enum Action {
    /// A command of the screen.
    Ui(&'static UiCommand),
    /// A verb.
    Verb(&'static Verb),
}

/// Ids are unique over both tables.
impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Action {
    /// Everything there is, the screen's commands first.
    pub fn all() -> impl Iterator<Item = Self> {
        UI_COMMANDS.iter().map(Self::Ui).chain(VERBS.iter().map(Self::Verb))
    }

    /// The row with this id.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::all().find(|action| action.id() == id)
    }

    /// The row with this id, word or alias. Machines go before hypervisors where both have the word.
    pub fn by_word(word: &str) -> Option<Self> {
        let named = |action: &Self| action.word() == Some(word) || action.aliases().contains(&word);
        Self::by_id(word).or_else(|| Self::all().find(named))
    }

    /// The row whose id looks most like `id`.
    pub fn near(id: &str) -> Option<Self> {
        let common = |action: &Self| action.id().chars().zip(id.chars()).take_while(|(a, b)| a == b).count();
        Self::all().max_by_key(common).filter(|action| common(action) > 2)
    }

    /// Stable for ever.
    pub fn id(self) -> &'static str {
        match self {
            Self::Ui(command) => command.id,
            Self::Verb(verb) => verb.id.0,
        }
    }

    /// The word of a verb.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Ui(_) => None,
            Self::Verb(verb) => Some(verb.word),
        }
    }

    /// What it is called on the `:` line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ui(command) => command.aliases.first().copied().unwrap_or(command.id),
            Self::Verb(verb) => verb.word,
        }
    }

    /// Other words for it.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Ui(command) => command.aliases,
            Self::Verb(verb) => verb.aliases,
        }
    }

    /// What it does.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Ui(command) => command.summary,
            Self::Verb(verb) => verb.summary,
        }
    }

    /// What it may cost.
    pub fn risk(self) -> Risk {
        match self {
            Self::Ui(_) => Risk::Safe,
            Self::Verb(verb) => verb.risk,
        }
    }

    /// Whether it acts on machines.
    pub fn is_vm_verb(self) -> bool {
        matches!(self, Self::Verb(verb) if verb.noun == Noun::Vm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_summaries_short() {
        let all: Vec<Action> = Action::all().collect();
        for (at, action) in all.iter().enumerate() {
            assert!(!all[..at].contains(action), "{}", action.id());
            assert!(action.summary().len() < 60, "{}", action.id());
        }
    }

    #[test]
    fn a_word_means_one_thing() {
        let mut words: Vec<&str> = Vec::new();
        for action in UI_COMMANDS {
            for word in action.aliases {
                let verb = VERBS.iter().any(|verb| verb.word == *word || verb.aliases.contains(word));
                assert!(!words.contains(word) && !verb, "{word}");
                words.push(word);
            }
        }
        assert_eq!(Action::by_word("boot").map(Action::id), Some("vm.start"));
        assert_eq!(Action::by_word("q").map(Action::id), Some("app.quit"));
    }
}
