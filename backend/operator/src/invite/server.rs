//! What the server is asked: accounts (XEP-0133 over XEP-0050), and who can be seen.

use std::time::Duration;

use archipel_bus::{RequestError, Session};
use archipel_config::Secret;
use archipel_protocol::{
    BareJid, Failure, HypervisorId, Iq, IqKind, Secret as Payload,
    commands::{Action, Answer, Command, NoteKind, Status},
    failure::FailureKind,
    roster,
    server_admin::Request,
};

use super::InviteError;
use crate::error::OperatorError;

/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(20);

pub(super) async fn add_user(
    session: &Session,
    id: &HypervisorId,
    secret: &Secret,
) -> Result<(), InviteError> {
    let request = Request::AddUser {
        jid: id.jid().clone(),
        password: Payload::new(secret.expose()),
    };
    let what = "make the account";
    Order { session, id, what }.carry_out(&request).await
}

pub(super) async fn delete_user(session: &Session, id: &HypervisorId) -> Result<(), InviteError> {
    let request = Request::DeleteUsers {
        jids: vec![id.jid().clone()],
    };
    let what = "delete the account";
    Order { session, id, what }.carry_out(&request).await
}

/// The contacts whose presence the operator is let see.
pub(super) async fn visible(session: &Session) -> Result<Vec<HypervisorId>, InviteError> {
    let query = Iq::request(IqKind::Get, None, roster::query());
    let answer = session.request(query, DEADLINE).await;
    let answer =
        answer.map_err(|error| OperatorError::of_request("the server", &error, DEADLINE))?;
    let contacts = answer.payload().map(roster::parse).unwrap_or_default();
    let seen = contacts.into_iter().filter(|one| one.subscription.sees());
    Ok(seen.map(|contact| contact.jid.into()).collect())
}

/// One command to the server of an account.
struct Order<'a> {
    session: &'a Session,
    id: &'a HypervisorId,
    what: &'static str,
}

impl Order<'_> {
    /// In one step; a server that gives back an empty form all the same gets it filled in.
    async fn carry_out(&self, request: &Request) -> Result<(), InviteError> {
        let command = request.to_command();
        let mut answer = self.step(&command).await?;
        if answer.status == Status::Executing {
            let next = Command {
                action: Some(Action::Complete),
                session: answer.session,
                ..command
            };
            answer = self.step(&next).await?;
        }
        match complaint(&answer) {
            // Prosody's words; ejabberd answers with an error.
            Some(why) if why.contains("already exists") => Err(InviteError::Taken(self.id.clone())),
            Some(why) => Err(self.refused(why)),
            None => Ok(()),
        }
    }

    async fn step(&self, command: &Command) -> Result<Answer, InviteError> {
        let server = BareJid::from_parts(None, self.id.jid().domain());
        let iq = Iq::request(IqKind::Set, Some(server.into()), command.to_element());
        let answer = match self.session.request(iq, DEADLINE).await {
            Ok(answer) => answer,
            Err(RequestError::Refused(iq)) => return Err(self.failed(Failure::parse(&iq))),
            Err(error) => {
                return Err(OperatorError::of_request(&self.server(), &error, DEADLINE).into());
            }
        };
        let answer = answer.payload().map(Answer::parse);
        let Some(Ok(answer)) = answer else {
            return Err(self.refused("its answer is not understood".to_owned()));
        };
        Ok(answer)
    }

    fn server(&self) -> String {
        self.id.jid().domain().to_string()
    }

    fn refused(&self, why: String) -> InviteError {
        InviteError::Refused {
            server: self.server(),
            what: self.what,
            id: self.id.clone(),
            why,
        }
    }

    fn failed(&self, failure: Failure) -> InviteError {
        let server = self.server();
        match failure.kind {
            FailureKind::Conflict => InviteError::Taken(self.id.clone()),
            FailureKind::Forbidden => {
                let account = self.session.bound_jid().map(|jid| jid.to_bare());
                let account = account.unwrap_or_else(|| self.id.jid().clone());
                let text = failure.text;
                InviteError::NotAdmin {
                    account,
                    server,
                    text,
                }
            }
            FailureKind::NotFound | FailureKind::Unsupported => InviteError::NoCommand { server },
            _ => self.refused(failure.text),
        }
    }
}

/// What a server complains about in an answer that is none. Prosody tells of accounts that it could not delete in a note for information.
fn complaint(answer: &Answer) -> Option<String> {
    let bad = |(kind, text): &&(NoteKind, String)| {
        *kind == NoteKind::Error || text.contains("could not be deleted")
    };
    let note = answer.notes.iter().find(bad).map(|(_, text)| text.clone());
    let undone = answer.status != Status::Completed;
    note.or_else(|| undone.then(|| "it asks for more than the account's address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: Status, notes: Vec<(NoteKind, String)>) -> Answer {
        Answer {
            node: "n".to_owned(),
            session: None,
            status,
            actions: vec![],
            form: None,
            notes,
        }
    }

    #[test]
    fn only_a_completed_answer_without_complaint_is_success() {
        assert_eq!(complaint(&answer(Status::Completed, vec![])), None);
        let note = |kind, text: &str| vec![(kind, text.to_owned())];
        let done = note(NoteKind::Info, "User successfully created");
        assert_eq!(complaint(&answer(Status::Completed, done)), None);
        let error = note(NoteKind::Error, "User already exists");
        assert!(complaint(&answer(Status::Completed, error)).is_some());
        let left = note(NoteKind::Info, "These accounts could not be deleted: x");
        assert!(complaint(&answer(Status::Completed, left)).is_some());
        assert!(complaint(&answer(Status::Executing, vec![])).is_some());
        assert!(complaint(&answer(Status::Canceled, vec![])).is_some());
    }
}
