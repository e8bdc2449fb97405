//! Elements that are not there yet.

use super::Layout;
use crate::text::{Spot, escaped};

/// An element to be written. As deep as a path has steps.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Sprout {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Sprout>,
}

impl Sprout {
    pub(crate) fn named(name: &str) -> Self {
        Sprout {
            name: name.to_owned(),
            ..Sprout::default()
        }
    }

    /// The child of this name, made if it is not there.
    pub(crate) fn child(&mut self, name: &str) -> &mut Sprout {
        let at = self.children.iter().position(|child| child.name == name);
        let at = at.unwrap_or_else(|| {
            self.children.push(Sprout::named(name));
            self.children.len() - 1
        });
        // `at` is a place in the list: found or just pushed.
        &mut self.children[at]
    }

    pub(crate) fn set(&mut self, attribute: &str, value: &str) {
        self.attributes.retain(|(name, _)| name != attribute);
        self.attributes
            .push((attribute.to_owned(), value.to_owned()));
    }

    /// Its source; `indent` is that of its first line, which itself is not indented.
    pub(crate) fn write(&self, layout: &Layout, indent: &str) -> String {
        let quote = layout.quote;
        let attributes = self.attributes.iter().map(|(name, value)| {
            let value = escaped(value, Spot::Quoted(quote));
            [
                " ",
                name,
                "=",
                &quote.to_string(),
                &value,
                &quote.to_string(),
            ]
            .concat()
        });
        let opening = format!("<{}{}", self.name, attributes.collect::<String>());
        if self.text.is_empty() && self.children.is_empty() {
            return opening + "/>";
        }
        let text = escaped(&self.text, Spot::Content);
        format!(
            "{opening}>{text}{}</{}>",
            self.inside(layout, indent),
            self.name
        )
    }

    fn inside(&self, layout: &Layout, indent: &str) -> String {
        let inner = format!("{indent}{}", layout.unit);
        let children = self.children.iter();
        match layout.line {
            _ if self.children.is_empty() => String::new(),
            None => children.map(|child| child.write(layout, &inner)).collect(),
            Some(line) => {
                let lines =
                    children.map(|child| format!("{line}{inner}{}", child.write(layout, &inner)));
                lines.collect::<String>() + line + indent
            }
        }
    }
}
