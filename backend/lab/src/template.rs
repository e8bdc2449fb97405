//! Fills the `{{NAME}}` places of an embedded template.

use std::path::Path;

/// Replaces each `{{NAME}}` by its value. Values are the lab's own (paths, ports, domains), never foreign text.
pub(crate) fn render(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    text
}

/// A text as TOML (and JSON) quote it.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A path as TOML quotes it.
pub(crate) fn quoted_path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_every_place() {
        let text = render("{{A}} and {{B}}, {{A}}", &[("A", "1"), ("B", "2")]);
        assert_eq!(text, "1 and 2, 1");
    }
}
