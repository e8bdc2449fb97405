//! Reading a path.

use std::str::FromStr;

use super::{Filter, MAX_PATH_BYTES, MAX_STEPS, Path, Plain, Step};
use crate::text::{begins_name, continues_name, is_speakable};

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no path: at character {at} of `{path}` there should be {wanted}")]
pub struct PathError {
    /// The text, shortened.
    pub path: String,
    /// The character, from 1.
    pub at: usize,
    /// What should be there.
    pub wanted: &'static str,
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Path, PathError> {
        let mut reader = Reader { text, at: 0 };
        if text.len() > MAX_PATH_BYTES {
            return Err(reader.wants("a path of at most 2048 bytes"));
        }
        if text == "." {
            return Ok(Path {
                steps: Vec::new(),
                attribute: None,
            });
        }
        let path = reader.path()?;
        if reader.rest().is_empty() {
            Ok(path)
        } else {
            Err(reader.wants("`/`, `[` or the end"))
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn path(&mut self) -> Result<Path, PathError> {
        let mut steps = Vec::new();
        loop {
            if self.eat("@") {
                let attribute = Some(self.name()?);
                return Ok(Path { steps, attribute });
            }
            if steps.len() >= MAX_STEPS {
                return Err(self.wants("the end: a path has at most 32 steps"));
            }
            steps.push(self.step()?);
            if !self.eat("/") {
                let attribute = None;
                return Ok(Path { steps, attribute });
            }
        }
    }

    fn step(&mut self) -> Result<Step, PathError> {
        let name = if self.eat("*") {
            None
        } else {
            Some(self.name()?)
        };
        let mut filters = Vec::new();
        while self.eat("[") {
            filters.push(self.filter()?);
            self.expect("]", "`]`")?;
        }
        Ok(Step { name, filters })
    }

    fn filter(&mut self) -> Result<Filter, PathError> {
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return self.position();
        }
        let at = self.plain()?;
        if !self.eat("=") {
            return Ok(Filter::Has(at));
        }
        let value = self.quoted()?;
        Ok(Filter::Equals { at, value })
    }

    fn position(&mut self) -> Result<Filter, PathError> {
        let wanted = "a position, from 1";
        let digits = self.run(|c| c.is_ascii_digit());
        match digits.parse() {
            Ok(position) if position > 0 && !digits.starts_with('0') => {
                Ok(Filter::Position(position))
            }
            _ => Err(self.wants(wanted)),
        }
    }

    fn plain(&mut self) -> Result<Plain, PathError> {
        let mut names = Vec::new();
        loop {
            if self.eat("@") {
                let attribute = Some(self.name()?);
                return Ok(Plain { names, attribute });
            }
            if names.len() >= MAX_STEPS {
                return Err(self.wants("the end: a path has at most 32 steps"));
            }
            names.push(self.name()?);
            if !self.eat("/") {
                let attribute = None;
                return Ok(Plain { names, attribute });
            }
        }
    }

    fn quoted(&mut self) -> Result<String, PathError> {
        let quote = if self.eat("'") { '\'' } else { '"' };
        if quote == '"' {
            self.expect("\"", "a value in quotes")?;
        }
        let value = self.run(|c| c != quote && is_speakable(c)).to_owned();
        let closing = if quote == '"' { "\"" } else { "'" };
        self.expect(closing, "the closing quote")?;
        Ok(value)
    }

    fn name(&mut self) -> Result<String, PathError> {
        if !self.rest().starts_with(begins_name) {
            return Err(self.wants("a name"));
        }
        Ok(self.run(continues_name).to_owned())
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn eat(&mut self, what: &str) -> bool {
        let there = self.rest().starts_with(what);
        if there {
            self.at += what.len();
        }
        there
    }

    fn expect(&mut self, what: &str, wanted: &'static str) -> Result<(), PathError> {
        if self.eat(what) {
            Ok(())
        } else {
            Err(self.wants(wanted))
        }
    }

    fn wants(&self, wanted: &'static str) -> PathError {
        let before = self.text.get(..self.at).unwrap_or_default();
        PathError {
            path: self.text.chars().take(80).collect(),
            at: before.chars().count() + 1,
            wanted,
        }
    }
}
