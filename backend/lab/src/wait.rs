//! Waiting for a condition, with an end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long to wait for something that comes in a moment on a quiet machine.
#[derive(Debug, Clone, Copy)]
pub struct Patience(pub Duration);

impl Patience {
    /// Generous enough for a busy machine with two cores; a wait that succeeds never takes it.
    pub const USUAL: Patience = Patience(Duration::from_mins(2));

    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Patience {
        Patience(Duration::from_secs(seconds))
    }
}

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `condition` answers `Some`, and returns what it answered.
///
/// # Errors
///
/// When patience ends; the text names `what` was waited for.
pub async fn until<T>(
    what: &str,
    patience: Patience,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let end = Instant::now() + patience.0;
    loop {
        if let Some(answer) = condition().await {
            return Ok(answer);
        }
        if Instant::now() >= end {
            bail!("waited {} s in vain for {what}", patience.0.as_secs());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn returns_what_the_condition_answers() {
        let mut left = 3;
        let answer = until("zero", Patience::USUAL, async || {
            left -= 1;
            (left == 0).then_some("there")
        });
        assert_eq!(answer.await.unwrap(), "there");
    }

    #[tokio::test]
    async fn names_what_did_not_come() {
        let never = until("the moon", Patience::seconds(0), async || None::<()>);
        assert!(never.await.unwrap_err().to_string().contains("the moon"));
    }
}
