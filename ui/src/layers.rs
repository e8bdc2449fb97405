//! What lies over the views: text fields, menus, dialogs. The top one gets the keys.

pub(crate) mod command_line;
pub(crate) mod cycle;
pub(crate) mod help;
pub(crate) mod menu;
pub(crate) mod palette;
pub(crate) mod plan;
pub(crate) mod run;

use crate::widgets::field::Field;

/// Something over the views.
#[derive(Debug)]
pub(crate) enum Layer {
    /// All keys and commands.
    Help(help::Help),
    /// Commands by any part of their name.
    Palette(palette::Palette),
    /// The `:` line.
    Line(command_line::CommandLine),
    /// The `/` line: what is typed, what the filter was before, and what Tab goes through.
    Filter {
        field: Field,
        before: String,
        cycle: Option<cycle::Cycle>,
    },
    /// A plan that waits for its confirmation.
    Plan(Box<plan::PlanView>),
    /// A run whose results come in.
    Run(run::RunView),
    /// Whether to leave while tasks run.
    Quit,
}

impl Layer {
    /// Whether keys are text here.
    pub(crate) fn field(&mut self) -> Option<&mut Field> {
        match self {
            Self::Help(help) => Some(&mut help.field),
            Self::Palette(palette) => Some(&mut palette.field),
            Self::Line(line) => Some(&mut line.field),
            Self::Filter { field, .. } => Some(field),
            Self::Plan(plan) => plan.field.as_mut(),
            Self::Run(_) | Self::Quit => None,
        }
    }
}
