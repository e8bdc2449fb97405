//! `archipel completions`: what a shell needs to complete commands, and for some of them what stands in selectors.

use clap_complete::Shell;

use super::{arguments::command, failure::Failure};

/// Prints the completions for `shell`.
pub(super) fn print(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "archipel", &mut text);
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if shell == Shell::Zsh {
        text = text.replacen('\n', READY, 1);
    }
    text.push_str(values(shell));
    super::console::print(&text)?;
    Ok(())
}

/// zsh completes nothing by functions until it is told to. Behind the first line, which must be the first for a folder of `fpath`.
const READY: &str = "\n(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }\n";

/// The part that asks `archipel complete`, for shells that have one.
fn values(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("completions/archipel.bash"),
        Shell::Zsh => include_str!("completions/archipel.zsh"),
        Shell::Fish => include_str!("completions/archipel.fish"),
        _ => "",
    }
}
