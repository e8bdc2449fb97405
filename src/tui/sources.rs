//! Everything that can wake the loop, in the order of its importance: signals, keys, answers, events, time.

use std::{io, time::Duration};

use archipel_fleet::Stamped;
use crossterm::event::{Event as Input, EventStream};
use futures::{FutureExt, StreamExt};
use tokio::{
    signal::unix::{self, SignalKind},
    sync::mpsc,
};

use super::commands::Answer;

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
    input: Option<EventStream>,
    answers: Option<mpsc::Receiver<Answer>>,
    events: Option<mpsc::Receiver<Stamped>>,
}

impl Sources {
    pub(super) fn listen(
        events: mpsc::Receiver<Stamped>,
        answers: Option<mpsc::Receiver<Answer>>,
    ) -> io::Result<Self> {
        Ok(Self {
            terminate: unix::signal(SignalKind::terminate())?,
            hang_up: unix::signal(SignalKind::hangup())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            go_on: unix::signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            input: Some(EventStream::new()),
            answers,
            events: Some(events),
        })
    }

    /// The next thing; [`Wake::Time`] after `wait`.
    pub(super) async fn next(&mut self, wait: Option<Duration>) -> Wake {
        tokio::select! {
            biased;
            wake = self.anything() => wake,
            () = sleep(wait) => Wake::Time,
        }
    }

    /// The next thing that is there already.
    pub(super) fn ready(&mut self) -> Option<Wake> {
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
            input = next_input(self.input.as_mut()) => match input {
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

async fn next_input(input: Option<&mut EventStream>) -> Option<io::Result<Input>> {
    match input {
        Some(input) => input.next().await,
        None => std::future::pending().await,
    }
}

async fn recv<T>(receiver: Option<&mut mpsc::Receiver<T>>) -> Option<T> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => std::future::pending().await,
    }
}
