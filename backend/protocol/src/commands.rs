//! Ad-hoc commands (XEP-0050).

use minidom::Element;

use crate::{
    data_form::Form,
    ns,
    table::words,
    text::clean_block,
    xml::{Build, ParseError, child, expect, name, optional, required},
};

words! {
    /// What the requester wants of a command.
    pub enum Action, "an action of a command (execute, cancel, prev, next, complete)" {
        /// To begin it or to go on.
        Execute = "execute",
        /// To end it undone.
        Cancel = "cancel",
        /// The stage before.
        Prev = "prev",
        /// The stage after.
        Next = "next",
        /// To have done with it.
        Complete = "complete",
    }
}

words! {
    /// How a command stands.
    pub enum Status, "a status of a command (executing, completed, canceled)" {
        /// It goes on.
        Executing = "executing",
        /// It is done.
        Completed = "completed",
        /// It was ended undone.
        Canceled = "canceled",
    }
}

words! {
    /// How a note is meant.
    pub enum NoteKind, "a kind of note (info, warn, error)" {
        /// To be known.
        Info = "info",
        /// To be minded.
        Warn = "warn",
        /// Why it went wrong.
        Error = "error",
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Which command.
    pub node: String,
    /// What is wanted of it.
    pub action: Option<Action>,
    /// Which run of it; absent at the beginning.
    pub session: Option<String>,
    /// What was filled in.
    pub form: Option<Form>,
}

impl Command {
    /// Begins a command.
    pub fn execute(node: &str) -> Self {
        Self {
            node: node.to_owned(),
            action: Some(Action::Execute),
            session: None,
            form: None,
        }
    }

    /// Does a command in one step, as the original's central agent does.
    pub fn submit(node: &str, form: Form) -> Self {
        Self {
            node: node.to_owned(),
            action: None,
            session: None,
            form: Some(form),
        }
    }

    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("command", ns::COMMANDS)
            .attr(name!("node"), &self.node)
            .maybe(name!("action"), self.action)
            .maybe(name!("sessionid"), self.session.as_ref())
            .children(self.form.as_ref().map(Form::to_element))
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "command")?;
        Ok(Self {
            node: required(element, "node")?,
            action: optional(element, "action")?,
            session: optional(element, "sessionid")?,
            form: form(element)?,
        })
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which command.
    pub node: String,
    /// Which run of it.
    pub session: Option<String>,
    /// How it stands.
    pub status: Status,
    /// What may be wanted next.
    pub actions: Vec<Action>,
    /// What is to be filled in, or came out.
    pub form: Option<Form>,
    /// For people.
    pub notes: Vec<(NoteKind, String)>,
}

impl Answer {
    /// As an element.
    pub fn to_element(&self) -> Element {
        let note = |(kind, text): &(NoteKind, String)| {
            Build::new("note", ns::COMMANDS)
                .attr(name!("type"), kind)
                .text(text)
                .done()
        };
        Build::new("command", ns::COMMANDS)
            .attr(name!("node"), &self.node)
            .maybe(name!("sessionid"), self.session.as_ref())
            .attr(name!("status"), self.status)
            .children(self.actions_element())
            .children(self.form.as_ref().map(Form::to_element))
            .children(self.notes.iter().map(note))
            .done()
    }

    fn actions_element(&self) -> Option<Element> {
        let action = |action: &Action| Build::new(action.word(), ns::COMMANDS).done();
        let actions = Build::new("actions", ns::COMMANDS).children(self.actions.iter().map(action));
        (!self.actions.is_empty()).then(|| actions.done())
    }

    /// Reads an answer.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "command")?;
        let actions = child(element, "actions")
            .into_iter()
            .flat_map(Element::children);
        let notes = element.children().filter(|child| child.name() == "note");
        Ok(Self {
            node: required(element, "node")?,
            session: optional(element, "sessionid")?,
            status: required(element, "status")?,
            actions: actions
                .filter_map(|child| child.name().parse().ok())
                .collect(),
            form: form(element)?,
            notes: notes.map(note).collect::<Result<_, _>>()?,
        })
    }
}

fn note(element: &Element) -> Result<(NoteKind, String), ParseError> {
    let kind = optional(element, "type")?.unwrap_or(NoteKind::Info);
    Ok((kind, clean_block(&element.text()).into_owned()))
}

fn form(element: &Element) -> Result<Option<Form>, ParseError> {
    let form = element
        .children()
        .find(|child| child.is("x", ns::DATA_FORMS));
    form.map(Form::parse).transpose()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data_form::Field;

    #[test]
    fn requests_and_answers_come_back() {
        let form = Form::submit("urn:x", [Field::new("accountjid", "bob@dc.example")]);
        for command in [Command::execute("n"), Command::submit("n", form.clone())] {
            assert_eq!(Command::parse(&command.to_element()).unwrap(), command);
        }
        let answer = Answer {
            node: "n".into(),
            session: Some("s".into()),
            status: Status::Executing,
            actions: vec![Action::Next, Action::Complete],
            form: Some(form),
            notes: vec![(NoteKind::Warn, "slow".into())],
        };
        assert_eq!(Answer::parse(&answer.to_element()).unwrap(), answer);
    }

    #[test]
    fn odd_commands_are_refused() {
        let read = |xml: &str| Command::parse(&xml.parse().unwrap());
        assert!(read("<command xmlns='x'/>").is_err());
        assert!(read("<command xmlns='x' node='n' action='dance'/>").is_err());
        let answer = "<command xmlns='x' node='n' status='asleep'/>";
        assert!(Answer::parse(&answer.parse().unwrap()).is_err());
    }
}
