//! What the operator can do: the verbs of `archipel-language`, and the commands of the screen itself as rows of the same shape.
//!
//! Keymap, `:` line, palette, help and hints read these rows and nothing else.

use archipel_fleet::Range;
use archipel_language::{Noun, Risk, Verb, verb::VERBS};

use crate::screen::{Screen, Tab};

mod table;

pub use table::UI_COMMANDS;

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
    Close,
    /// Leave the program.
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
    /// A certain side of the machine under the cursor.
    OfMachine(Tab),
    /// Ask for what the page shows anew.
    Refresh,
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
        UI_COMMANDS
            .iter()
            .map(Self::Ui)
            .chain(VERBS.iter().map(Self::Verb))
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
        let common = |action: &Self| {
            action
                .id()
                .chars()
                .zip(id.chars())
                .take_while(|(a, b)| a == b)
                .count()
        };
        Self::all()
            .max_by_key(common)
            .filter(|action| common(action) > 2)
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
                let verb = VERBS
                    .iter()
                    .any(|verb| verb.word == *word || verb.aliases.contains(word));
                assert!(!words.contains(word) && !verb, "{word}");
                words.push(word);
            }
        }
        assert_eq!(Action::by_word("boot").map(Action::id), Some("vm.start"));
        assert_eq!(Action::by_word("q").map(Action::id), Some("app.quit"));
    }
}
