//! ejabberd's administration commands (`mod_http_api`) over a socket that only its user and root reach: no password on a command
//! line.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use archipel_config::Secret;
use archipel_protocol::BareJid;
use serde_json::{Value, json};

use crate::{Domain, Group};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The socket of a running server.
#[derive(Debug, Clone)]
pub struct EjabberdApi {
    socket: PathBuf,
    domain: Domain,
}

/// A command that was not done.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody answers.
    #[error("ejabberd does not answer at `{}`: {error}; is it running, with the profile that was written?", socket.display())]
    Unreachable {
        /// Where.
        socket: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It says no.
    #[error("ejabberd answered {status} to `{command}`: {said}")]
    Refused {
        /// The command.
        command: &'static str,
        /// The HTTP status.
        status: String,
        /// Its words.
        said: String,
    },
}

impl EjabberdApi {
    /// Commands for `domain` over `socket`.
    pub fn new(socket: &Path, domain: &Domain) -> Self {
        Self {
            socket: socket.to_owned(),
            domain: domain.clone(),
        }
    }

    /// Whether the server answers.
    pub fn is_up(&self) -> bool {
        self.call("status", &json!({})).is_ok()
    }

    /// Whether there is such an account.
    pub fn has_account(&self, name: &str) -> Result<bool, ApiError> {
        let asked = json!({"user": name, "host": self.domain.as_str()});
        let answer = self.call("check_account", &asked)?;
        Ok(answer.trim() == "0")
    }

    /// Creates an account.
    pub fn register(&self, name: &str, password: &Secret) -> Result<(), ApiError> {
        let account =
            json!({"user": name, "host": self.domain.as_str(), "password": password.expose()});
        self.call("register", &account).map(drop)
    }

    /// Changes a password.
    pub fn change_password(&self, name: &str, password: &Secret) -> Result<(), ApiError> {
        let account =
            json!({"user": name, "host": self.domain.as_str(), "newpass": password.expose()});
        self.call("change_password", &account).map(drop)
    }

    /// Creates both groups; those that exist get the same shape again. Each sees the other: ejabberd sends presence only to those
    /// whom the sender has in its own list.
    pub fn create_groups(&self) -> Result<(), ApiError> {
        self.create_group(Group::Hypervisors, Group::Operators.name())?;
        self.create_group(Group::Operators, Group::Hypervisors.name())
    }

    /// A group, and the group whose members its members see.
    fn create_group(&self, group: Group, displayed: &str) -> Result<(), ApiError> {
        let name = group.name();
        let shape = json!({
            "group": name, "host": self.domain.as_str(), "label": name, "description": "", "display": displayed,
        });
        self.call("srg_create", &shape).map(drop)
    }

    /// The members of a group; of one that does not exist: none.
    pub fn members(&self, group: Group) -> Result<Vec<String>, ApiError> {
        let asked = json!({"group": group.name(), "host": self.domain.as_str()});
        let answer = self.call("srg_get_members", &asked)?;
        let members: Value = serde_json::from_str(&answer).unwrap_or_default();
        let members = members.as_array().into_iter().flatten();
        Ok(members
            .filter_map(|member| member.as_str().map(str::to_owned))
            .collect())
    }

    /// Adds a member to a group.
    pub fn add_member(&self, group: Group, member: &BareJid) -> Result<(), ApiError> {
        let user = member.node().map(ToString::to_string);
        let member = json!({
            "user": user, "host": member.domain().as_str(), "group": group.name(), "grouphost": self.domain.as_str(),
        });
        self.call("srg_user_add", &member).map(drop)
    }

    /// The body of the answer.
    fn call(&self, command: &'static str, arguments: &Value) -> Result<String, ApiError> {
        let answer = self.exchange(command, &arguments.to_string());
        let answer = answer.map_err(|error| ApiError::Unreachable {
            socket: self.socket.clone(),
            error,
        })?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split_ascii_whitespace().nth(1).unwrap_or("nothing");
        if status == "200" {
            return Ok(body.to_owned());
        }
        Err(ApiError::Refused {
            command,
            status: status.to_owned(),
            said: said(body),
        })
    }

    fn exchange(&self, command: &str, body: &str) -> io::Result<String> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let length = body.len();
        let request = Secret::new(format!(
            "POST /api/{command} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}",
        ));
        stream.write_all(request.expose().as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// Its own words, without their JSON clothes; never what was sent.
fn said(body: &str) -> String {
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    let text = value["message"].as_str().or(value.as_str());
    text.unwrap_or(body).trim().to_owned()
}
