//! Fills the `{{NAME}}` places of a shipped file.

/// Replaces each `{{NAME}}` by its value, in one pass: a value is never read as a place. An unknown place stays, and a test fails.
pub(crate) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let Some((name, following)) = after.split_once("}}") else {
            break;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(value),
            None => text.extend(["{{", name, "}}"]),
        }
        rest = following;
    }
    text.push_str(rest);
    text
}

/// A text as Lua and YAML both read it between double quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_read_again() {
        let values = [("A", "{{B}}".to_owned()), ("B", "2".to_owned())];
        assert_eq!(fill("{{A}} {{B}} {{C}}", &values), "{{B}} 2 {{C}}");
    }

    #[test]
    fn quotes_do_not_end_a_text() {
        assert_eq!(quoted(r#"a\20"b"#), r#""a\\20\"b""#);
    }
}
