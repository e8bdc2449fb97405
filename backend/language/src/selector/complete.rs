//! What may stand at the cursor: fields, operators, values.

mod place;

use archipel_protocol::VmState;

use super::{
    expression::{Comparison, Quantifier},
    field::{self, Field, FieldRow, Kind},
    lexer::{self, RESERVED},
    pattern::Pattern,
    table::fields,
};
use crate::noun::{self, NOUNS, Noun, Relation};
use place::{Place, Reader};

/// No more candidates are offered.
const CANDIDATES_LIMIT: usize = 100;

/// The live values of fields, such as the names of all machines.
pub trait Values {
    /// Calls `each` with the values that `field` has now among records of `noun`, best first. The same may come twice.
    fn visit(&self, noun: Noun, field: Field, each: &mut dyn FnMut(&str));
}

/// Something that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What to write.
    pub text: String,
    /// What it means; empty for a live value.
    pub summary: &'static str,
}

/// All that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// The character, from 0, at which a candidate begins: it replaces all from there to the cursor.
    pub from: usize,
    /// In the order in which to offer them; at most a hundred.
    pub candidates: Vec<Candidate>,
}

/// What may stand at `cursor`, in characters from 0, of a selector that is being typed. What comes after the cursor does not
/// matter. A text that makes no sense before it, or an open quote, gives no candidates.
pub fn complete(noun: Noun, text: &str, cursor: usize, values: &dyn Values) -> Completion {
    let head: Vec<char> = text.chars().take(cursor.min(super::LENGTH_LIMIT)).collect();
    let typed = head.iter().rev().take_while(|c| lexer::is_word(**c));
    let from = head.len() - typed.count();
    let (before, partial) = head.split_at(from);
    let (before, partial): (String, String) = (before.iter().collect(), partial.iter().collect());
    let mut offer = Offer {
        partial: partial.to_lowercase(),
        candidates: Vec::new(),
        values,
    };
    if let Some(reader) = read(noun, &before) {
        offer.at(&reader, before.trim().is_empty());
    }
    Completion {
        from,
        candidates: offer.candidates,
    }
}

fn read(noun: Noun, before: &str) -> Option<Reader> {
    let prefix = lexer::noun_prefix(before).ok()?;
    let (noun, start) = prefix.unwrap_or((noun, 0));
    Reader::read(noun, lexer::tokens(before, start).ok()?)
}

struct Offer<'a> {
    /// What is typed of the word, in small letters.
    partial: String,
    candidates: Vec<Candidate>,
    values: &'a dyn Values,
}

impl Offer<'_> {
    fn at(&mut self, reader: &Reader, first: bool) {
        let noun = reader.noun();
        match reader.place {
            Place::Condition => self.conditions(noun, first),
            Place::Operator(row) => self.operators(row),
            Place::Value(row) => self.values(row),
            Place::Open => self.word("(", "begin the set"),
            Place::In => self.word("in", "one of a set"),
            Place::InSet => {
                self.word(",", "one more");
                self.word(")", "end the set");
            }
            Place::After => self.after(reader.is_nested()),
            Place::By => self.word("by", ""),
            Place::SortKey => self.sort_keys(noun),
            Place::Sorted => self.sorted(),
            Place::Relation => noun::of(noun).for_each(|way| self.relation(way, "")),
            Place::Related => {
                self.word(":", "only those");
                self.word(")", "all of them");
            }
            Place::Nothing => {}
        }
    }

    fn conditions(&mut self, noun: Noun, first: bool) {
        if let Some((path, _)) = self.partial.rsplit_once('.') {
            let path = path.to_owned();
            return self.dotted(noun, &path);
        }
        self.fields("", noun);
        noun::of(noun).for_each(|way| self.relation(way, "."));
        self.word("not", "the contrary");
        for (word, _) in Quantifier::WORDS {
            self.word(&format!("{word}("), "of what hangs together with it");
        }
        self.word("count(", "of what hangs together with it");
        if field::time_of(noun).is_some() {
            self.word("since", "from a time on");
            self.word("until", "up to a time");
        }
        if first {
            for row in NOUNS {
                self.word(&format!("{}:", row.plural), row.summary);
            }
        }
        self.live(noun, Field::Name);
    }

    fn dotted(&mut self, noun: Noun, path: &str) {
        let mut steps = path.split('.');
        let end = steps.try_fold(noun, |here, step| {
            Relation::by_word(here, step).map(|relation| relation.to)
        });
        let Some(end) = end else {
            return;
        };
        self.fields(&format!("{path}."), end);
    }

    fn operators(&mut self, row: &FieldRow) {
        for comparison in Comparison::ALL {
            if row.kind.is_ordered() || !comparison.is_order() {
                self.word(comparison.sign(), "");
            }
        }
        if row.kind.is_text() {
            self.word("~", "a regular expression between slashes");
            self.word("!~", "not the regular expression");
            self.word("has", "a part of the text");
        }
        self.word("in", "one of a set, or in a range");
        self.word("not in", "none of a set");
    }

    fn values(&mut self, row: &'static FieldRow) {
        match row.kind {
            Kind::State => VmState::ALL
                .iter()
                .for_each(|state| self.word(state.word(), "")),
            Kind::Word(words) | Kind::Level(words) => {
                for word in words {
                    self.word(word, "");
                }
            }
            Kind::Yes => ["yes", "no"].iter().for_each(|word| self.word(word, "")),
            Kind::Time => ["now", "today", "yesterday"]
                .iter()
                .for_each(|word| self.word(word, "")),
            Kind::Text | Kind::Tags => self.live(row.noun, row.field),
            Kind::Number(_) => {}
        }
    }

    fn after(&mut self, nested: bool) {
        self.word("and", "both");
        self.word("or", "either");
        if nested {
            return self.word(")", "end the group");
        }
        self.word("sort by", "an order");
        self.word("limit", "at most so many");
    }

    fn sort_keys(&mut self, noun: Noun) {
        self.fields("", noun);
        for way in noun::of(noun).filter(|way| !way.many) {
            let path = format!("{}.", way.word());
            self.fields(&path, way.to);
        }
    }

    fn sorted(&mut self) {
        self.word("asc", "the smallest first");
        self.word("desc", "the largest first");
        self.word(",", "one more key");
        self.word("limit", "at most so many");
    }

    fn fields(&mut self, path: &str, noun: Noun) {
        for row in fields(noun) {
            self.word(&format!("{path}{}", row.name), row.summary);
        }
    }

    fn relation(&mut self, way: &Relation, sign: &str) {
        self.word(&format!("{}{sign}", way.word()), way.to.row().summary);
    }

    fn word(&mut self, text: &str, summary: &'static str) {
        if text.starts_with(&self.partial) {
            self.add(text.to_owned(), summary);
        }
    }

    fn live(&mut self, noun: Noun, field: Field) {
        let values = self.values;
        values.visit(noun, field, &mut |value| {
            if value.to_lowercase().starts_with(&self.partial) {
                self.add(quoted_where_needed(value), "");
            }
        });
    }

    fn add(&mut self, text: String, summary: &'static str) {
        let known = self.candidates.iter().any(|known| known.text == text);
        if !known && self.candidates.len() < CANDIDATES_LIMIT {
            self.candidates.push(Candidate { text, summary });
        }
    }
}

fn quoted_where_needed(value: &str) -> String {
    let plain = |c: char| lexer::is_word(c) && !"*?".contains(c);
    let reserved = RESERVED.iter().any(|word| word.eq_ignore_ascii_case(value));
    if !value.is_empty() && value.chars().all(plain) && !reserved {
        value.to_owned()
    } else {
        Pattern::quoted(value.to_owned()).to_string()
    }
}

#[cfg(test)]
mod tests;
