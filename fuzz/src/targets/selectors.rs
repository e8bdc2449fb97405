//! What a person types to pick machines, and what a grant is limited to.

use archipel_language::{
    Field, Noun, Record, Scope, Selector, SelectorError, Value,
    selector::{Values, complete},
};

pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    for noun in [Noun::Vm, Noun::Hypervisor] {
        understood(Selector::exact(noun, text), |again| {
            Selector::exact(noun, again)
        });
        understood(Selector::filter(noun, text), |again| {
            Selector::filter(noun, again)
        });
        let cursor = text.chars().count();
        let _ = complete(noun, text, cursor / 2, &Live);
        let _ = complete(noun, text, cursor, &Live);
    }
    scope(text);
}

/// Whatever is a scope is a selector too, and is written so that it is understood the same.
fn scope(text: &str) {
    match Scope::parse(text) {
        Ok(scope) => {
            let text = scope.to_string();
            let again = Scope::parse(&text).unwrap_or_else(|why| panic!("{text:?}: {why}"));
            assert_eq!(again, scope, "{text}");
            let selector = Selector::exact(Noun::Vm, &text);
            let selector = selector.unwrap_or_else(|why| panic!("{text:?}: {why}"));
            for record in Odd::ALL {
                assert_eq!(scope.holds(&record), selector.matches(&record), "{text}");
            }
        }
        Err(why) => drop(why.to_string()),
    }
}

/// Values of which some must be quoted.
struct Live;

impl Values for Live {
    fn visit(&self, _: Noun, _: Field, each: &mut dyn FnMut(&str)) {
        for value in ["web01", "web 02", "and", "\"", ""] {
            each(value);
        }
    }
}

/// A selector that is understood is written so that it is understood the same, and picks without harm.
fn understood(
    read: Result<Selector, SelectorError>,
    parse: impl Fn(&str) -> Result<Selector, SelectorError>,
) {
    match read {
        Ok(selector) => {
            let text = selector.to_string();
            let again = parse(&text).unwrap_or_else(|why| panic!("{text:?}: {why}"));
            assert_eq!(again, selector, "{text}");
            for record in Odd::ALL {
                let _ = selector.matches(&record);
            }
        }
        Err(why) => drop(why.to_string()),
    }
}

/// Records that answer the same to every question, whatever type it has.
enum Odd {
    Nothing,
    Text,
    Texts,
    Number,
}

impl Odd {
    const ALL: [Self; 4] = [Self::Nothing, Self::Text, Self::Texts, Self::Number];
}

impl Record for Odd {
    fn value(&self, _: Field) -> Value<'_> {
        match self {
            Self::Nothing => Value::Missing,
            Self::Text => Value::Text("web01 läuft İ"),
            Self::Texts => Value::Texts(Box::new(["", "infra/db/aaaaaaaaaaaaaaaa"].into_iter())),
            Self::Number => Value::Number(f64::MAX),
        }
    }
}
