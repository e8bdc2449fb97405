//! What the screen asks for, done.

use std::time::Duration;

use archipel_fleet::{Event, Level, Notice};
use archipel_operator::{Handle, Invitations};
use archipel_protocol::HypervisorId;
use archipel_ui::{Command, Question, Told};
use jiff::Timestamp;
use rustix::process::{Signal, kill_current_process_group};
use tokio::sync::mpsc;

use super::{Tui, copy, questions, sources::Sources};

/// Answers that wait to be taken. Each was asked for by a key.
const ANSWERS: usize = 64;
/// How long a stop may take to begin. It never does in a session without job control.
const STOP: Duration = Duration::from_millis(300);

/// The result of something that took its time.
#[derive(Debug)]
pub(super) enum Answer {
    Told(Box<Question>, Result<Told, String>),
    Notice(Notice),
    Invitations(Option<Notice>),
}

/// Where answers are sent.
#[derive(Debug)]
pub(super) struct Answers(mpsc::Sender<Answer>);

impl Answers {
    /// Both ends.
    pub(super) fn channel() -> (Self, mpsc::Receiver<Answer>) {
        let (sender, receiver) = mpsc::channel(ANSWERS);
        (Self(sender), receiver)
    }

    /// Runs `work` beside the loop.
    fn spawn(&self, work: impl Future<Output = Answer> + Send + 'static) {
        let sender = self.0.clone();
        tokio::spawn(async move {
            // Without a loop nobody waits for the answer.
            let _ = sender.send(work.await).await;
        });
    }
}

impl Tui {
    pub(super) async fn execute(
        &mut self,
        commands: Vec<Command>,
        handle: &Handle,
        sources: &mut Sources,
    ) {
        for command in commands {
            match command {
                Command::Suspend => self.suspend(sources).await,
                Command::Quit => self.leaving = true,
                Command::Redraw => self.come_back(),
                Command::Copy(text) => self.copy(&text),
                Command::Notice(notice) => self.apply(Event::Notice(notice)),
                asked => self.ask(asked, handle),
            }
        }
    }

    /// What the engine does.
    fn ask(&mut self, command: Command, handle: &Handle) {
        match command {
            Command::Execute(plan) => match handle.execute(plan) {
                Ok(run) => self.app.started(run, &self.fleet),
                Err(error) => self.notice(Level::Error, error.to_string()),
            },
            Command::Look(look) => handle.look(look),
            Command::History(hypervisor, range) => handle.history(hypervisor, range),
            Command::Log(hypervisor) => handle.log(hypervisor),
            Command::Ask(question) => self
                .answers
                .spawn(questions::answer(handle.clone(), question)),
            Command::Add(id) => self.answers.spawn(told(handle.clone(), Deed::Add, id)),
            Command::Trust(id) => self.answers.spawn(told(handle.clone(), Deed::Trust, id)),
            Command::Remove(id) => self.answers.spawn(told(handle.clone(), Deed::Remove, id)),
            other => tracing::error!(?other, "a command that is not the engine's"),
        }
    }

    /// Ends the invitations whose time is over, and says who has joined.
    pub(super) fn look_after_invitations(&mut self) {
        if let Some(invitations) = self.invitations.take() {
            self.answers.spawn(tidied(invitations));
        }
    }

    fn copy(&mut self, text: &str) {
        match copy::sequence(text).map(|sequence| self.screen.send(&sequence)) {
            Some(Ok(())) => {
                let shown = archipel_protocol::text::clean_line(text, 60);
                self.notice(Level::Hint, format!("Copied: {shown}"));
            }
            Some(Err(error)) => self.notice(Level::Error, format!("Could not copy: {error}")),
            None => self.notice(
                Level::Warning,
                "Could not copy: the text is too long for a terminal's clipboard".to_owned(),
            ),
        }
    }

    /// Stops the whole job, as Ctrl-Z does in front of any program, and comes back with `fg`.
    async fn suspend(&mut self, sources: &mut Sources) {
        self.screen.leave();
        if let Err(error) = kill_current_process_group(Signal::TSTP) {
            tracing::warn!(%error, "cannot stop in the background");
        }
        let _ = tokio::time::timeout(STOP, sources.continued()).await;
        self.come_back();
    }
}

/// A change of trust.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Add,
    Trust,
    Remove,
}

async fn told(handle: Handle, deed: Deed, id: HypervisorId) -> Answer {
    let told = id.to_string();
    let (result, done) = match deed {
        Deed::Add => (
            handle.add(id).await,
            "is trusted and was asked for its presence",
        ),
        Deed::Trust => (handle.trust(id).await, "is trusted"),
        Deed::Remove => (handle.remove(id).await, "is forgotten"),
    };
    Answer::Notice(match result {
        Ok(()) => Notice {
            level: Level::Info,
            text: format!("{told} {done}"),
        },
        Err(error) => Notice {
            level: Level::Error,
            text: error.to_string(),
        },
    })
}

async fn tidied(invitations: Invitations) -> Answer {
    let (level, text) = match invitations.tidy(Timestamp::now()).await {
        Ok(tidied) => (Level::Info, crate::cli::news(&tidied).join("; ")),
        Err(error) => (Level::Warning, error.to_string()),
    };
    Answer::Invitations((!text.is_empty()).then_some(Notice { level, text }))
}
