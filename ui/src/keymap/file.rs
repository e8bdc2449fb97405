//! Reading a keymap file: every mistake names its line.

use std::{collections::HashMap, fmt};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Scope,
    chord::{Chord, InvalidChord},
};
use crate::command::Action;

/// What is wrong with a keymap file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct KeymapError {
    /// In which line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

impl fmt::Display for KeymapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

/// A mistake in a keymap file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not TOML.
    #[error("{0}")]
    Syntax(String),
    /// A table that is no scope.
    #[error("there is no scope `{found}`; scopes are {known}", known = scope_names())]
    UnknownScope {
        /// Its name.
        found: String,
    },
    /// A key that cannot be read.
    #[error(transparent)]
    Chord(#[from] InvalidChord),
    /// A command that does not exist.
    #[error("there is no command `{found}`{}", hint(.near.as_deref()))]
    UnknownCommand {
        /// Its id.
        found: String,
        /// The command that was perhaps meant.
        near: Option<String>,
    },
    /// Something else than a command, `"none"` or a menu.
    #[error("a key runs a command, `\"none\"`, or opens `{{ menu = \"Title\" }}`")]
    Shape,
    /// One key twice in a scope.
    #[error("`{keys}` is bound twice in `{scope}`", scope = .scope.name())]
    Duplicate {
        /// Where.
        scope: Scope,
        /// Which keys.
        keys: String,
    },
    /// A key that runs a command and begins other bindings.
    #[error("`{keys}` runs a command and begins `{longer}` in `{scope}`", scope = .scope.name())]
    Shadows {
        /// Where.
        scope: Scope,
        /// The shorter keys.
        keys: String,
        /// The longer ones.
        longer: String,
    },
}

fn scope_names() -> String {
    let names: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    names.join(", ")
}

fn hint(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// What a key is bound to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Binding {
    /// A command.
    Run(Action),
    /// Nothing any more.
    None,
    /// The title of what follows.
    Menu(String),
}

/// A line of the file.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) scope: Scope,
    pub(super) keys: Vec<Chord>,
    pub(super) binding: Binding,
    number: usize,
    text: String,
}

/// Reads all lines, in the order of the file.
pub(super) fn parse(text: &str) -> Result<Vec<Line>, KeymapError> {
    let number = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let table = DeTable::parse(text).map_err(|why| KeymapError {
        line: number(why.span().map_or(0, |span| span.start)),
        problem: Problem::Syntax(why.message().to_owned()),
    })?;
    let mut lines = Vec::new();
    for (name, value) in table.get_ref() {
        let wrong = |problem| KeymapError {
            line: number(name.span().start),
            problem,
        };
        let scope = scope(name.get_ref()).map_err(wrong)?;
        let DeValue::Table(keys) = value.get_ref() else {
            return Err(wrong(Problem::Shape));
        };
        for (keys, value) in keys {
            let number = number(keys.span().start);
            let line = line(scope, keys, value, number);
            lines.push(line.map_err(|problem| KeymapError {
                line: number,
                problem,
            })?);
        }
    }
    lines.sort_by_key(|line| line.number);
    check(&lines)?;
    Ok(lines)
}

fn scope(name: &str) -> Result<Scope, Problem> {
    let mut all = Scope::ALL.iter().copied();
    all.find(|scope| scope.name() == name)
        .ok_or_else(|| Problem::UnknownScope {
            found: name.to_owned(),
        })
}

fn line(
    scope: Scope,
    keys: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    number: usize,
) -> Result<Line, Problem> {
    let text = keys.get_ref().to_string();
    let parsed: Result<Vec<Chord>, _> = text.split_ascii_whitespace().map(str::parse).collect();
    let keys = parsed?;
    if keys.is_empty() {
        return Err(text
            .parse::<Chord>()
            .map_or_else(Problem::from, |_| Problem::Shape));
    }
    Ok(Line {
        scope,
        keys,
        binding: binding(value.get_ref())?,
        number,
        text,
    })
}

fn binding(value: &DeValue<'_>) -> Result<Binding, Problem> {
    match value {
        DeValue::String(text) if text == "none" => Ok(Binding::None),
        DeValue::String(text) => command(text).map(Binding::Run),
        DeValue::Table(table) => {
            let text = |name: &str| match table
                .iter()
                .find(|(key, _)| key.get_ref() == name)?
                .1
                .get_ref()
            {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            };
            match (text("menu"), text("run"), table.len()) {
                (Some(title), None, 1) => Ok(Binding::Menu(title)),
                (None, Some(run), 1) => command(&run).map(Binding::Run),
                _ => Err(Problem::Shape),
            }
        }
        _ => Err(Problem::Shape),
    }
}

fn command(id: &str) -> Result<Action, Problem> {
    Action::by_id(id).ok_or_else(|| Problem::UnknownCommand {
        found: id.to_owned(),
        near: Action::near(id).map(|action| action.id().to_owned()),
    })
}

/// Within one file a key means one thing.
fn check(lines: &[Line]) -> Result<(), KeymapError> {
    let mut bound: HashMap<(Scope, &[Chord]), &Line> = HashMap::new();
    for line in lines {
        if bound.insert((line.scope, &line.keys), line).is_some() {
            let problem = Problem::Duplicate {
                scope: line.scope,
                keys: line.text.clone(),
            };
            return Err(KeymapError {
                line: line.number,
                problem,
            });
        }
    }
    for line in lines.iter().filter(|line| line.binding != Binding::None) {
        for length in 1..line.keys.len() {
            let shorter = bound.get(&(line.scope, &line.keys[..length]));
            if let Some(shorter) =
                shorter.filter(|shorter| matches!(shorter.binding, Binding::Run(_)))
            {
                let problem = Problem::Shadows {
                    scope: line.scope,
                    keys: shorter.text.clone(),
                    longer: line.text.clone(),
                };
                return Err(KeymapError {
                    line: shorter.number,
                    problem,
                });
            }
        }
    }
    Ok(())
}
