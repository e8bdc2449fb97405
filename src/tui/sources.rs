//! Everything that can wake the loop, in the order of its importance: signals, keys, answers, events, time.

use std::{
    io,
    time::{Duration, Instant},
};

use archipel_fleet::Stamped;
use crossterm::event::{Event as Input, EventStream};
use futures::{FutureExt, StreamExt};
use tokio::{
    signal::unix::{self, SignalKind},
    sync::mpsc,
};

use super::commands::Answer;

/// Input that waits while the loop is busy: a burst of pasted text.
const INPUT_QUEUE: usize = 64;

/// What woke the loop.
#[derive(Debug)]
pub(super) enum Wake {
    Signal(Signal),
    Input(Input),
    /// The terminal is gone.
    InputEnded,
    Answer(Answer),
    Event(Stamped),
    EngineEnded,
    Time,
}

/// What the system says.
#[derive(Debug)]
pub(super) enum Signal {
    /// Asked to end, or the terminal was closed.
    End,
    /// Stopped for a while by somebody else.
    Continued,
}

/// All sources. An ended one is not asked again.
pub(super) struct Sources {
    terminate: unix::Signal,
    hang_up: unix::Signal,
    interrupt: unix::Signal,
    go_on: unix::Signal,
    input: Option<mpsc::Receiver<io::Result<Input>>>,
    answers: Option<mpsc::Receiver<Answer>>,
    events: Option<mpsc::Receiver<Stamped>>,
}

impl Sources {
    /// Listens to system, keys and `answers`; within a runtime.
    pub(super) fn listen(answers: mpsc::Receiver<Answer>) -> io::Result<Self> {
        Self::of(read_terminal(), answers)
    }

    fn of(
        input: mpsc::Receiver<io::Result<Input>>,
        answers: mpsc::Receiver<Answer>,
    ) -> io::Result<Self> {
        Ok(Self {
            terminate: unix::signal(SignalKind::terminate())?,
            hang_up: unix::signal(SignalKind::hangup())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            go_on: unix::signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            input: Some(input),
            answers: Some(answers),
            events: None,
        })
    }

    /// Listens to an engine too.
    pub(super) fn follow(&mut self, events: mpsc::Receiver<Stamped>) {
        self.events = Some(events);
    }

    /// The next thing; [`Wake::Time`] after `wait`.
    pub(super) async fn next(&mut self, wait: Option<Duration>) -> Wake {
        tokio::select! {
            biased;
            wake = self.anything() => wake,
            () = sleep(wait) => Wake::Time,
        }
    }

    /// The next thing that is there already. Nothing is taken any more once `end` has come: what is taken is gone from its queue.
    pub(super) fn ready_before(&mut self, end: Instant) -> Option<Wake> {
        if Instant::now() >= end {
            return None;
        }
        self.anything().now_or_never()
    }

    /// Waits until the program was stopped and goes on.
    pub(super) async fn continued(&mut self) {
        self.go_on.recv().await;
    }

    async fn anything(&mut self) -> Wake {
        let wake = tokio::select! {
            biased;
            _ = self.terminate.recv() => return Wake::Signal(Signal::End),
            _ = self.hang_up.recv() => return Wake::Signal(Signal::End),
            _ = self.interrupt.recv() => return Wake::Signal(Signal::End),
            _ = self.go_on.recv() => return Wake::Signal(Signal::Continued),
            input = recv(self.input.as_mut()) => match input {
                Some(Ok(input)) => return Wake::Input(input),
                Some(Err(_)) | None => Wake::InputEnded,
            },
            answer = recv(self.answers.as_mut()) => match answer {
                Some(answer) => return Wake::Answer(answer),
                None => Wake::Time,
            },
            event = recv(self.events.as_mut()) => match event {
                Some(event) => return Wake::Event(event),
                None => Wake::EngineEnded,
            },
        };
        self.forget(&wake);
        wake
    }

    fn forget(&mut self, ended: &Wake) {
        match ended {
            Wake::InputEnded => self.input = None,
            Wake::EngineEnded => self.events = None,
            _ => self.answers = None,
        }
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// Input waits in a queue: the stream itself remembers only the waker of the first look that found nothing, so looking without
/// waiting ([`Sources::ready_before`]) would make it sleep through the next key.
fn read_terminal() -> mpsc::Receiver<io::Result<Input>> {
    let (sender, receiver) = mpsc::channel(INPUT_QUEUE);
    tokio::spawn(async move {
        let mut stream = EventStream::new();
        while let Some(input) = stream.next().await {
            if sender.send(input).await.is_err() {
                break;
            }
        }
    });
    receiver
}

async fn recv<T>(receiver: Option<&mut mpsc::Receiver<T>>) -> Option<T> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn what_comes_after_the_time_is_over_waits_for_the_next_turn() {
        let (keys, input) = mpsc::channel(1);
        let (_answers, answers) = mpsc::channel(1);
        let mut sources = Sources::of(input, answers).unwrap();
        keys.send(Ok(Input::FocusGained)).await.unwrap();
        let now = Instant::now();
        assert!(sources.ready_before(now).is_none());
        let soon = now + Duration::from_mins(1);
        assert!(matches!(sources.ready_before(soon), Some(Wake::Input(_))));
        assert!(sources.ready_before(soon).is_none());
    }
}
