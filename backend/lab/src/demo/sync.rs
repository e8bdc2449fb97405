//! Whether the fleet is all there, seen with the operator's own program.

use std::process::Stdio;

use anyhow::{Result, bail};
use serde_json::Value;

use super::host::Host;
use super::programs::Operator;
use crate::wait::{Patience, until};

/// Agents connect within a second; a busy machine may take longer.
const PATIENCE: Patience = Patience::seconds(90);

/// Waits until the operator's program lists `expected` machines, all in a known state.
///
/// # Errors
///
/// When an agent ended, or patience did.
pub(super) async fn wait(operator: &Operator, expected: usize, hosts: &mut [Host]) -> Result<()> {
    let mut answer = String::new();
    let all_there = until("all agents to be in sync", PATIENCE, async || {
        if let Some(obituary) = hosts.iter_mut().find_map(Host::obituary) {
            return Some(Err(obituary));
        }
        answer = list_machines(operator).await;
        (known_machines(&answer) == expected).then_some(Ok(()))
    });
    match all_there.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(obituary)) => bail!("{obituary}"),
        Err(error) => bail!("{error}; the last answer was: {answer}"),
    }
}

/// What `archipel vm list` prints; its complaint where it fails.
async fn list_machines(operator: &Operator) -> String {
    let output = tokio::process::Command::new(&operator.0)
        .args(["--profile", "demo", "vm", "list", "-o", "json"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    }
}

/// How many machines of a JSON list are in a known state.
fn known_machines(answer: &str) -> usize {
    let rows: Vec<Value> = serde_json::from_str(answer).unwrap_or_default();
    rows.iter()
        .filter(|row| {
            row["state"]
                .as_str()
                .is_some_and(|state| state != "unknown")
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_known() {
        let rows = r#"[{"name":"web01","state":"running"},{"name":"db01","state":"unknown"},{"name":"x","state":"off"}]"#;
        assert_eq!(known_machines(rows), 2);
        assert_eq!(known_machines("not connected"), 0);
    }
}
