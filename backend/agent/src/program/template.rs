//! The annotated settings that the project ships, filled in.

use std::path::Path;

/// The settings as shipped.
const TEMPLATE: &str = include_str!("../../../../conf/agent.toml");

/// The template with the values of some keys, whether their lines are commented out or not; the lines of `without` are commented out.
pub(super) fn fill(values: &[(&str, String)], without: &[&str]) -> String {
    let line = |line: &str| {
        let key = key(line);
        let value = values.iter().find(|(name, _)| Some(*name) == key);
        match (value, key) {
            (Some((name, value)), _) => format!("{name} = {value}"),
            (None, Some(name)) if without.contains(&name) && !line.starts_with('#') => {
                format!("# {line}")
            }
            _ => line.to_owned(),
        }
    };
    let lines: Vec<String> = TEMPLATE.lines().map(line).collect();
    lines.join("\n") + "\n"
}

/// The key that a line sets, or would set.
fn key(line: &str) -> Option<&str> {
    let line = line.strip_prefix("# ").unwrap_or(line);
    line.split_once(" = ").map(|(key, _)| key)
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A path as TOML writes it.
pub(super) fn quoted_path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_on_one_line() {
        let keys = TEMPLATE.lines().filter_map(key);
        let mut keys: Vec<&str> = keys.filter(|key| !key.contains(' ')).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn values_take_the_place_of_lines_and_comments() {
        let text = fill(&[("joined", "true".to_owned())], &["password_file"]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.contains(&"joined = true"), "{text}");
        assert!(!text.contains("\npassword_file"), "{text}");
    }
}
