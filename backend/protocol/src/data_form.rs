//! Forms (XEP-0004), as far as node settings, ad-hoc commands and rooms need them.

use minidom::Element;

use crate::{
    ns,
    table::{Leaf, Loose, record, records, words},
    xml::{Build, ParseError, child, expect, name, no_child},
};

/// The most fields of a form that are read.
const FIELDS_LIMIT: usize = 200;

words! {
    /// What a form is for.
    pub enum Kind, "a kind of form (form, submit, cancel, result)" {
        /// To be filled in.
        Form = "form",
        /// Filled in.
        Submit = "submit",
        /// Given back unfilled.
        Cancel = "cancel",
        /// An answer.
        Result = "result",
    }
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Field {
    /// Its name.
    pub var: String,
    /// Its type, such as `hidden` or `list-single`.
    pub kind: Option<String>,
    /// What it is called, for people.
    pub label: Option<String>,
    /// Whether it has to be filled in.
    pub required: bool,
    /// Its values.
    pub values: Vec<String>,
    /// What can be chosen.
    pub options: Vec<Choice>,
}

record! {
    /// A value that can be chosen.
    #[derive(Eq)]
    pub struct Choice = "option" in ns::DATA_FORMS {
        /// For people.
        label: String = "label" via Loose,
        /// The value.
        value: String = "value" via Leaf,
    }
}

impl Field {
    /// A field of one value.
    pub fn new(var: &str, value: impl Into<String>) -> Self {
        Self::list(var, [value.into()])
    }

    /// A field of several values.
    pub fn list(var: &str, values: impl IntoIterator<Item = String>) -> Self {
        Self {
            var: var.to_owned(),
            values: values.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The hidden field that says what a form is about.
    pub fn form_type(about: &str) -> Self {
        Self {
            kind: Some("hidden".to_owned()),
            ..Self::new("FORM_TYPE", about)
        }
    }

    fn to_element(&self) -> Element {
        let value = |text: &String| Build::new("value", ns::DATA_FORMS).text(text).done();
        let required = self
            .required
            .then(|| Build::new("required", ns::DATA_FORMS).done());
        Build::new("field", ns::DATA_FORMS)
            .attr(name!("var"), &self.var)
            .maybe(name!("type"), self.kind.as_ref())
            .maybe(name!("label"), self.label.as_ref())
            .children(required)
            .children(self.values.iter().map(value))
            .children(self.options.iter().map(Choice::to_element))
            .done()
    }

    fn parse(field: &Element) -> Result<Self, ParseError> {
        let values = field.children().filter(|child| child.name() == "value");
        let text = |name| field.attr(name).map(str::to_owned);
        Ok(Self {
            var: text("var").unwrap_or_default(),
            kind: text("type"),
            label: text("label"),
            required: child(field, "required").is_some(),
            values: values.map(Element::text).collect(),
            options: records(field)?,
        })
    }
}

/// A form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What it is for.
    pub kind: Kind,
    /// For people.
    pub title: Option<String>,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Form {
    /// A form that was filled in.
    pub fn submit(about: &str, fields: impl IntoIterator<Item = Field>) -> Self {
        Self {
            kind: Kind::Submit,
            title: None,
            fields: std::iter::once(Field::form_type(about))
                .chain(fields)
                .collect(),
        }
    }

    /// The first value of a field.
    pub fn value(&self, var: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.var == var)?;
        field.values.first().map(String::as_str)
    }

    /// As an element.
    pub fn to_element(&self) -> Element {
        let title = |text: &String| Build::new("title", ns::DATA_FORMS).text(text).done();
        Build::new("x", ns::DATA_FORMS)
            .attr(name!("type"), self.kind)
            .children(self.title.as_ref().map(title))
            .children(self.fields.iter().map(Field::to_element))
            .done()
    }

    /// Reads a form; one of no type is to be filled in.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "x")?;
        let fields = element.children().filter(|child| child.name() == "field");
        Ok(Self {
            kind: element.attr("type").map_or(Ok(Kind::Form), str::parse)?,
            title: child(element, "title").map(Element::text),
            fields: fields
                .take(FIELDS_LIMIT)
                .map(Field::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The form inside `parent`.
    pub fn within(parent: &Element) -> Result<Self, ParseError> {
        let form = parent
            .children()
            .find(|child| child.is("x", ns::DATA_FORMS));
        Self::parse(form.ok_or_else(|| no_child(parent, "x"))?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_form_comes_back() {
        let choice = Choice {
            label: "Open".into(),
            value: "open".into(),
        };
        let form = Form {
            kind: Kind::Form,
            title: Some("Settings".into()),
            fields: vec![
                Field::form_type("urn:x"),
                Field {
                    required: true,
                    label: Some("Access".into()),
                    kind: Some("list-single".into()),
                    options: vec![choice],
                    ..Field::new("access", "open")
                },
            ],
        };
        assert_eq!(Form::parse(&form.to_element()).unwrap(), form);
        assert_eq!(form.value("access"), Some("open"));
    }

    #[test]
    fn an_odd_form_is_refused_or_bounded() {
        let bad = "<x xmlns='jabber:x:data' type='poem'/>";
        assert!(Form::parse(&bad.parse().unwrap()).is_err());
        let long = format!("<x xmlns='jabber:x:data'>{}</x>", "<field/>".repeat(1_000));
        let form = Form::parse(&long.parse().unwrap()).unwrap();
        assert_eq!((form.kind, form.fields.len()), (Kind::Form, FIELDS_LIMIT));
    }
}
