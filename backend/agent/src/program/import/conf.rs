//! The original's `archipel.conf`: sections, options in any capitals, values that insert others.

use std::{collections::BTreeMap, fs, path::Path};

use crate::program::hostname;

/// No settings are larger, bytes.
const SIZE_LIMIT: u64 = 1 << 20;
/// How deep values may insert each other.
const DEPTH: usize = 10;
/// No value is longer, bytes.
const VALUE_LIMIT: usize = 64 * 1024;
/// The section whose options are visible in all.
const DEFAULT: &str = "DEFAULT";

/// The settings.
pub(super) struct Conf(BTreeMap<String, BTreeMap<String, String>>);

impl Conf {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let unreadable = |error| format!("`{shown}` cannot be read: {error}");
        let found = fs::metadata(path).map_err(unreadable)?;
        if !found.is_file() || found.len() > SIZE_LIMIT {
            return Err(format!(
                "`{shown}` is no file of settings, or larger than any"
            ));
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        Ok(Self::parse(&text))
    }

    pub(super) fn parse(text: &str) -> Self {
        let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let (mut section, mut option) = (String::new(), String::new());
        for line in text.lines() {
            let bare = line.trim();
            if bare.is_empty() || bare.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = bare
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                name.clone_into(&mut section);
                option.clear();
                continue;
            }
            let options = sections.entry(section.clone()).or_default();
            // A line that is indented goes on with the value above it.
            if line.starts_with([' ', '\t']) && !option.is_empty() {
                if let Some(value) = options.get_mut(&option) {
                    value.push('\n');
                    value.push_str(bare);
                }
                continue;
            }
            let Some((name, value)) = bare.split_once(['=', ':']) else {
                continue;
            };
            option = name.trim().to_lowercase();
            options.insert(option.clone(), value.trim().to_owned());
        }
        Self(sections)
    }

    /// The value of an option, with what it inserts; `None` where there is none or it is empty.
    pub(super) fn get(&self, section: &str, option: &str) -> Result<Option<String>, String> {
        let Some(raw) = self.raw(section, option) else {
            return Ok(None);
        };
        let value = self.inserted(section, raw, DEPTH)?;
        let value = value.replace("@HOSTNAME@", &hostname());
        Ok(Some(value).filter(|value| !value.is_empty()))
    }

    fn raw(&self, section: &str, option: &str) -> Option<&str> {
        let of = |section: &str| self.0.get(section)?.get(option).map(String::as_str);
        of(section).or_else(|| of(DEFAULT))
    }

    /// `%(option)s` stands for another option, `%%` for a percent sign.
    fn inserted(&self, section: &str, raw: &str, depth: usize) -> Result<String, String> {
        let mut value = String::new();
        let mut rest = raw;
        while let Some((before, after)) = rest.split_once('%') {
            value.push_str(before);
            if let Some(after) = after.strip_prefix('%') {
                value.push('%');
                rest = after;
                continue;
            }
            let name = after
                .strip_prefix('(')
                .and_then(|after| after.split_once(")s"));
            let Some((name, after)) = name.filter(|_| depth > 0) else {
                return Err(format!(
                    "a value of [{section}] in archipel.conf cannot be understood"
                ));
            };
            let inner = self.raw(section, &name.to_lowercase());
            let inner = inner.ok_or_else(|| {
                format!(
                    "archipel.conf inserts `{}`, which is not there",
                    archipel_protocol::text::clean_line(name, 60)
                )
            })?;
            value.push_str(&self.inserted(section, inner, depth - 1)?);
            if value.len() > VALUE_LIMIT {
                return Err(format!(
                    "a value of [{section}] in archipel.conf is longer than any"
                ));
            }
            rest = after;
        }
        value.push_str(rest);
        Ok(value)
    }
}
