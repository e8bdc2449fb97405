//! What the screen asks its owner to do.

use archipel_fleet::{Look, Notice, Plan, Range};
use archipel_protocol::HypervisorId;

use crate::question::Question;

/// A request of the screen. None of them is waited for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Carry a confirmed plan out; answered with [`crate::App::started`].
    Execute(Plan),
    /// This is looked at from now on.
    Look(Look),
    /// Fetch the past of a hypervisor's figures.
    History(HypervisorId, Range),
    /// Fetch the newest entries of an agent's log.
    Log(HypervisorId),
    /// Ask a hypervisor about a machine; answered with [`crate::App::told`].
    Ask(Question),
    /// Believe a contact as a hypervisor.
    Trust(HypervisorId),
    /// Subscribe to a hypervisor and trust it.
    Add(HypervisorId),
    /// Forget a hypervisor.
    Remove(HypervisorId),
    /// Put a text on the clipboard.
    Copy(String),
    /// Tell the operator, by way of the model, which keeps it.
    Notice(Notice),
    /// Clear the terminal and draw everything anew.
    Redraw,
    /// Stop in the background.
    Suspend,
    /// Leave the program.
    Quit,
}
