//! Events on their way to the consumer.

use std::collections::VecDeque;

use archipel_fleet::Stamped;
use tokio::sync::mpsc;

/// Above this the engine takes nothing more from the bus until the consumer has caught up.
const FULL: usize = 1_024;

/// Events that the consumer has not taken. The engine never waits for it; it only stops reading.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: VecDeque<Stamped>,
    sender: mpsc::Sender<Stamped>,
}

/// The consumer is gone.
#[derive(Debug)]
pub(crate) struct ConsumerGone;

impl Outbox {
    pub(crate) fn new(sender: mpsc::Sender<Stamped>) -> Self {
        Self {
            waiting: VecDeque::new(),
            sender,
        }
    }

    pub(crate) fn push(&mut self, event: Stamped) {
        self.waiting.push_back(event);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= FULL
    }

    /// Hands over what the consumer has room for, waiting until it has room for one. Can be cancelled without loss.
    pub(crate) async fn flush(&mut self) -> Result<(), ConsumerGone> {
        let permit = self.sender.reserve().await.map_err(|_| ConsumerGone)?;
        match self.waiting.pop_front() {
            Some(event) => permit.send(event),
            None => drop(permit),
        }
        self.offer();
        Ok(())
    }

    /// Hands over what the consumer has room for now.
    pub(crate) fn offer(&mut self) {
        while !self.waiting.is_empty() {
            let Ok(permit) = self.sender.try_reserve() else {
                break;
            };
            if let Some(event) = self.waiting.pop_front() {
                permit.send(event);
            }
        }
    }
}
