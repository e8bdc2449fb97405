//! Fills the `{{NAME}}` places of an embedded template.

/// Replaces each `{{NAME}}` by its value. Values are the lab's own (paths, ports, domains), never foreign text.
pub(crate) fn render(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    text
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
