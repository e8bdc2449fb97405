//! The rows of the screen's own commands.

use archipel_fleet::Range;

use super::{Act, Step, UiCommand};
use crate::screen::{Screen, Tab};

const fn row(id: &'static str, summary: &'static str, act: Act) -> UiCommand {
    UiCommand {
        id,
        aliases: &[],
        summary,
        hint: "",
        act,
    }
}

const fn named(
    id: &'static str,
    aliases: &'static [&'static str],
    summary: &'static str,
    act: Act,
) -> UiCommand {
    UiCommand {
        aliases,
        ..row(id, summary, act)
    }
}

const fn hinted(
    id: &'static str,
    hint: &'static str,
    summary: &'static str,
    act: Act,
) -> UiCommand {
    UiCommand {
        hint,
        ..row(id, summary, act)
    }
}

/// All commands of the screen.
pub static UI_COMMANDS: &[UiCommand] = &[
    row(
        "app.close",
        "Close the view; at last leave the program",
        Act::Close,
    ),
    named("app.quit", &["quit", "q"], "Leave the program", Act::Quit),
    named(
        "app.suspend",
        &["background"],
        "Go to the background, as ctrl-z does in a shell",
        Act::Suspend,
    ),
    named(
        "app.redraw",
        &["redraw"],
        "Draw the whole screen anew",
        Act::Redraw,
    ),
    UiCommand {
        aliases: &["help", "keys"],
        ..hinted("app.help", "help", "Show the keys and commands", Act::Help)
    },
    hinted(
        "app.palette",
        "palette",
        "Find a command by any part of its name",
        Act::Palette,
    ),
    hinted(
        "app.command-line",
        "command",
        "Type a command",
        Act::CommandLine,
    ),
    row("app.back", "Close, clear the filter, go back", Act::Back),
    named(
        "app.theme",
        &["theme"],
        "Change to the next theme, or to the one named",
        Act::NextTheme,
    ),
    named(
        "view.fleet",
        &["fleet"],
        "Show the roster and the detail",
        Act::Show(Screen::Fleet),
    ),
    named(
        "view.vms",
        &["vms", "machines"],
        "Show all machines of the fleet",
        Act::Show(Screen::Vms),
    ),
    named(
        "view.hypervisors",
        &["hypervisors", "hosts"],
        "Show all hypervisors",
        Act::Show(Screen::Hypervisors),
    ),
    named(
        "view.messages",
        &["messages"],
        "Show every message so far",
        Act::Show(Screen::Messages),
    ),
    named(
        "view.tasks",
        &["tasks", "runs"],
        "Show what was carried out, with results",
        Act::Show(Screen::Tasks),
    ),
    named(
        "view.events",
        &["events"],
        "Show the agents' logs",
        Act::Show(Screen::Events),
    ),
    row("view.last", "Go to the view before", Act::LastScreen),
    named(
        "view.roster",
        &["roster"],
        "Show or hide the roster",
        Act::Roster,
    ),
    row("view.focus", "Go to the other pane", Act::Focus),
    UiCommand {
        aliases: &["filter"],
        ..hinted(
            "list.filter",
            "filter",
            "Narrow the view to what matches",
            Act::Filter,
        )
    },
    row("list.up", "Up", Act::Move(Step::Up)),
    row("list.down", "Down", Act::Move(Step::Down)),
    row("list.page-up", "A page up", Act::Move(Step::PageUp)),
    row("list.page-down", "A page down", Act::Move(Step::PageDown)),
    row("list.top", "To the top", Act::Move(Step::Top)),
    row("list.bottom", "To the end", Act::Move(Step::Bottom)),
    hinted(
        "list.open",
        "open",
        "Open what is under the cursor",
        Act::Open,
    ),
    hinted(
        "list.mark",
        "mark",
        "Mark or unmark, and go down",
        Act::Mark,
    ),
    row(
        "list.mark-range",
        "Mark from the last mark to here",
        Act::MarkRange,
    ),
    row(
        "list.invert",
        "Invert the marks of what is shown",
        Act::Invert,
    ),
    named(
        "list.unmark",
        &["unmark"],
        "Take all marks away",
        Act::Unmark,
    ),
    row("roster.expand", "Show what is inside", Act::Expand),
    row(
        "roster.collapse",
        "Hide it, or go to the parent",
        Act::Collapse,
    ),
    row(
        "table.column-right",
        "Choose the column to the right",
        Act::Column { right: true },
    ),
    row(
        "table.column-left",
        "Choose the column to the left",
        Act::Column { right: false },
    ),
    UiCommand {
        aliases: &["sort"],
        ..hinted(
            "table.sort",
            "sort",
            "Sort by the chosen or named column, or turn the order",
            Act::Sort,
        )
    },
    row("tab.next", "The next tab", Act::NextTab { back: false }),
    row(
        "tab.previous",
        "The tab before",
        Act::NextTab { back: true },
    ),
    named(
        "tab.health",
        &["health"],
        "Show the hypervisor's figures",
        Act::ShowTab(Tab::Health),
    ),
    named(
        "tab.vms",
        &["tab-vms"],
        "Show the machines of it",
        Act::ShowTab(Tab::Vms),
    ),
    named(
        "tab.log",
        &["log"],
        "Show the hypervisor's log",
        Act::ShowTab(Tab::Log),
    ),
    named(
        "machine.history",
        &["history"],
        "Show what was written about the machine",
        Act::OfMachine(Tab::History),
    ),
    named(
        "machine.access",
        &["why", "access"],
        "Show what you may do with the machine, and why",
        Act::OfMachine(Tab::Access),
    ),
    UiCommand {
        aliases: &["refresh"],
        ..hinted(
            "page.refresh",
            "refresh",
            "Ask the hypervisor anew for what the page shows",
            Act::Refresh,
        )
    },
    hinted(
        "range.next",
        "span",
        "Change the charts' span of time",
        Act::NextRange,
    ),
    named(
        "range.five-minutes",
        &["5m"],
        "Charts over five minutes",
        Act::ShowRange(Range::FiveMinutes),
    ),
    named(
        "range.hour",
        &["1h"],
        "Charts over an hour",
        Act::ShowRange(Range::Hour),
    ),
    named(
        "range.day",
        &["24h"],
        "Charts over a day",
        Act::ShowRange(Range::Day),
    ),
    row("copy.name", "Copy the name", Act::CopyName),
    row("copy.id", "Copy the id", Act::CopyId),
    hinted(
        "task.retry",
        "retry failed",
        "Try the failed ones again",
        Act::Retry,
    ),
    hinted("plan.cancel", "cancel", "Do nothing", Act::Cancel),
    hinted("plan.accept", "do it", "Carry the plan out", Act::Accept),
];
