//! A place in the text that moves forward.

use super::Span;
use crate::{
    XmlError,
    text::{begins_name, continues_name, is_space, is_speakable},
};

#[derive(Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Cursor { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_at(&self, what: &str) -> bool {
        self.rest().starts_with(what)
    }

    /// Steps over these characters if they come next.
    pub(super) fn eat(&mut self, what: &str) -> bool {
        let there = self.is_at(what);
        if there {
            self.at += what.len();
        }
        there
    }

    pub(super) fn expect(&mut self, what: &str) -> Result<(), XmlError> {
        if self.eat(what) {
            Ok(())
        } else {
            Err(self.fault())
        }
    }

    /// Steps over characters of a kind.
    pub(super) fn run(&mut self, wanted: impl Fn(char) -> bool) -> Span {
        let start = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        Span {
            start,
            end: self.at,
        }
    }

    /// Steps over white space; says whether there was some.
    pub(super) fn spaces(&mut self) -> bool {
        let run = self.run(is_space);
        run.start < run.end
    }

    pub(super) fn name(&mut self) -> Result<Span, XmlError> {
        if !self.rest().starts_with(begins_name) {
            return Err(self.fault());
        }
        Ok(self.run(continues_name))
    }

    /// Steps behind the next `end`; the place before it, in which every character must be one of XML's.
    pub(super) fn through(&mut self, end: &str) -> Result<Span, XmlError> {
        let start = self.at;
        let length = self.rest().find(end).ok_or_else(|| self.fault())?;
        let found = self.rest().get(..length).unwrap_or_default();
        if let Some(bad) = found.find(|c| !is_speakable(c)) {
            return Err(self.fault_at(start + bad));
        }
        self.at += length + end.len();
        Ok(Span {
            start,
            end: start + length,
        })
    }

    pub(super) fn fault(&self) -> XmlError {
        self.fault_at(self.at)
    }

    pub(super) fn fault_at(&self, at: usize) -> XmlError {
        XmlError::malformed(self.text, at)
    }
}
