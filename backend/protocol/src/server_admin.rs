//! Service administration (XEP-0133): accounts of an XMPP server, by ad-hoc commands to its domain.

use jid::BareJid;

use crate::{
    commands::{Answer, Command},
    data_form::{Field, Form},
    ns,
    secret::Secret,
    xml::ParseError,
};

/// What an administrator asks of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// To make an account.
    AddUser {
        /// Its address.
        jid: BareJid,
        /// Its password.
        password: Secret,
    },
    /// To give an account another password.
    ChangePassword {
        /// Its address.
        jid: BareJid,
        /// Its new password.
        password: Secret,
    },
    /// To remove accounts.
    DeleteUsers {
        /// Their addresses.
        jids: Vec<BareJid>,
    },
    /// How many accounts there are.
    CountUsers,
}

impl Request {
    /// The command's node.
    pub fn node(&self) -> String {
        let word = match self {
            Self::AddUser { .. } => "add-user",
            Self::ChangePassword { .. } => "change-user-password",
            Self::DeleteUsers { .. } => "delete-user",
            Self::CountUsers => "get-registered-users-num",
        };
        format!("{}#{word}", ns::ADMIN)
    }

    fn fields(&self) -> Option<Vec<Field>> {
        let account = |jid: &BareJid| Field::new("accountjid", jid.to_string());
        let secret = |var, password: &Secret| Field::new(var, password.reveal());
        match self {
            Self::AddUser { jid, password } => Some(vec![
                account(jid),
                secret("password", password),
                secret("password-verify", password),
            ]),
            Self::ChangePassword { jid, password } => {
                Some(vec![account(jid), secret("password", password)])
            }
            Self::DeleteUsers { jids } => {
                let jids = jids.iter().map(BareJid::to_string);
                Some(vec![Field::list("accountjids", jids)])
            }
            Self::CountUsers => None,
        }
    }

    /// The command in one step.
    pub fn to_command(&self) -> Command {
        match self.fields() {
            Some(fields) => Command::submit(&self.node(), Form::submit(ns::ADMIN, fields)),
            None => Command::execute(&self.node()),
        }
    }
}

/// The number in the answer to [`Request::CountUsers`], whatever its field is called.
pub fn parse_count(answer: &Answer) -> Result<u64, ParseError> {
    let fields = answer.form.iter().flat_map(|form| &form.fields);
    let mut numbers = fields
        .filter(|field| field.var != "FORM_TYPE")
        .filter_map(|field| field.values.first()?.trim().parse().ok());
    numbers
        .next()
        .ok_or_else(|| ParseError::invalid("registeredusersnum", "no number in the answer"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{commands::Status, data_form::Kind};

    #[test]
    fn requests_are_one_step_commands() {
        let jid: BareJid = "bob@dc.example".parse().unwrap();
        let add = Request::AddUser {
            jid: jid.clone(),
            password: Secret::new("s3cret"),
        };
        let form = add.to_command().form.unwrap();
        assert_eq!(form.value("FORM_TYPE"), Some(ns::ADMIN));
        assert_eq!(form.value("password-verify"), Some("s3cret"));
        assert!(!format!("{add:?}").contains("s3cret"));
        let delete = Request::DeleteUsers {
            jids: vec![jid.clone(), jid],
        };
        let fields = delete.to_command().form.unwrap().fields;
        assert_eq!(fields[1].values.len(), 2);
        assert!(Request::CountUsers.to_command().form.is_none());
    }

    #[test]
    fn a_count_is_found_in_any_field() {
        let answer = |value: &str| Answer {
            node: Request::CountUsers.node(),
            session: None,
            status: Status::Completed,
            actions: vec![],
            form: Some(Form {
                kind: Kind::Result,
                title: None,
                fields: vec![Field::form_type(ns::ADMIN), Field::new("num", value)],
            }),
            notes: vec![],
        };
        assert_eq!(parse_count(&answer("17")).unwrap(), 17);
        assert!(parse_count(&answer("many")).is_err());
    }
}
