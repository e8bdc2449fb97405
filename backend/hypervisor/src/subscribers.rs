//! Hands news to every subscriber without ever waiting for one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{self, error::TrySendError};

use crate::DriverEvent;

/// How much news a subscriber may leave unread before it misses some.
const QUEUE: usize = 1024;

/// The subscribers of one driver. Publishing never blocks.
///
/// A subscriber whose queue is full gets one [`DriverEvent::Missed`] behind what it has not read yet, and nothing more until it
/// has read that far. So whatever it missed happened before it sees `Missed`, and one list after that makes it
/// current again; this holds for [`DriverEvent::Lost`] and [`DriverEvent::Restored`] too.
#[derive(Debug)]
pub struct Subscribers {
    queue: usize,
    all: Mutex<Vec<Subscriber>>,
}

#[derive(Debug)]
struct Subscriber {
    sender: mpsc::Sender<DriverEvent>,
    /// `Missed` is in the queue, as its last item.
    behind: bool,
}

impl Default for Subscribers {
    fn default() -> Self {
        Self::with_queue(QUEUE)
    }
}

impl Subscribers {
    /// Each subscriber may leave so many events unread (at least one).
    pub fn with_queue(events: usize) -> Self {
        Self {
            queue: events.max(1),
            all: Mutex::default(),
        }
    }

    /// A new subscriber, for news from now on. Dropping the receiver ends it.
    pub fn subscribe(&self) -> mpsc::Receiver<DriverEvent> {
        // One place more than promised: for `Missed`.
        let (sender, receiver) = mpsc::channel(self.queue + 1);
        self.lock().push(Subscriber {
            sender,
            behind: false,
        });
        receiver
    }

    /// Gives the news to all, in the order of the calls.
    pub fn publish(&self, event: &DriverEvent) {
        self.lock().retain_mut(|subscriber| subscriber.tell(event));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Subscriber>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber {
    /// False when nobody listens any more.
    fn tell(&mut self, event: &DriverEvent) -> bool {
        let room = self.sender.capacity();
        if self.behind && room < self.sender.max_capacity() {
            return !self.sender.is_closed();
        }
        self.behind = room <= 1;
        let news = if self.behind {
            DriverEvent::Missed
        } else {
            event.clone()
        };
        !matches!(self.sender.try_send(news), Err(TrySendError::Closed(_)))
    }
}

#[cfg(test)]
mod tests;
