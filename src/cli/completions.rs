//! `archipel completions`: what a shell needs to complete commands.

use clap_complete::Shell;

use super::{arguments::command, failure::Failure};

/// Prints the completions for `shell`.
pub(super) fn print(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "archipel", &mut text);
    super::console::print(&String::from_utf8_lossy(&text))?;
    Ok(())
}
