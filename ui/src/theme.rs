//! Themes by meaning: views ask for a [`Role`], never for a colour.

mod role;

pub use role::Role;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

/// A style for each role.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    styles: Vec<Style>,
}

/// The shipped themes, by name.
const PRESETS: [(&str, &str); 4] = [
    ("dark", include_str!("../../conf/themes/dark.toml")),
    ("light", include_str!("../../conf/themes/light.toml")),
    ("mono", include_str!("../../conf/themes/mono.toml")),
    (
        "colour-blind",
        include_str!("../../conf/themes/colour-blind.toml"),
    ),
];

/// Why a text is no theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// Not TOML, or not of the shape of a theme.
    #[error("{0}")]
    Syntax(String),
    /// A role that does not exist.
    #[error("there is no role `{0}`; the shipped themes in conf/themes name all of them")]
    UnknownRole(String),
    /// A colour that cannot be read.
    #[error("`{colour}` of role `{role}` is no colour: a name, a number up to 255 or `#rrggbb`")]
    UnknownColour {
        /// Of which role.
        role: String,
        /// The text.
        colour: String,
    },
    /// The theme that it builds on is not shipped.
    #[error("it inherits from `{0}`, which is not a shipped theme")]
    UnknownBase(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    inherits: Option<String>,
    #[serde(default)]
    roles: std::collections::BTreeMap<String, Look>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools)] // The shape of a line in a theme file.
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    reverse: bool,
    underline: bool,
}

impl Look {
    fn style(&self, role: &str) -> Result<Style, ThemeError> {
        let colour = |text: &String| {
            let unknown = || ThemeError::UnknownColour {
                role: role.to_owned(),
                colour: text.clone(),
            };
            text.parse::<Color>().map_err(|_| unknown())
        };
        let mut style = Style::new();
        style.fg = self.fg.as_ref().map(colour).transpose()?;
        style.bg = self.bg.as_ref().map(colour).transpose()?;
        let modifiers = [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.reverse, Modifier::REVERSED),
            (self.underline, Modifier::UNDERLINED),
        ];
        let on = modifiers.into_iter().filter(|(on, _)| *on);
        Ok(on.fold(style, |style, (_, modifier)| style.add_modifier(modifier)))
    }
}

impl Theme {
    /// A shipped theme: `dark`, `light`, `mono` or `colour-blind`.
    pub fn preset(name: &str) -> Option<Self> {
        let (_, text) = PRESETS.iter().find(|(preset, _)| *preset == name)?;
        Self::parse(text).ok()
    }

    /// The names of the shipped themes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|(name, _)| *name)
    }

    /// Reads a theme file. A role that it does not name is taken from the theme that it inherits from, else plain text.
    pub fn parse(text: &str) -> Result<Self, ThemeError> {
        let file: File = toml::from_str(text).map_err(|why| ThemeError::Syntax(why.to_string()))?;
        let mut theme = match file.inherits {
            Some(base) => Self::preset(&base).ok_or(ThemeError::UnknownBase(base))?,
            None => Self {
                styles: vec![Style::new(); Role::ALL.len()],
            },
        };
        for (name, look) in &file.roles {
            let at = Role::ALL.iter().position(|(_, role)| role == name);
            let at = at.ok_or_else(|| ThemeError::UnknownRole(name.clone()))?;
            theme.styles[at] = look.style(name)?;
        }
        Ok(theme)
    }

    /// How `role` looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_shipped_themes_parse() {
        for (name, text) in PRESETS {
            let parsed = Theme::parse(text);
            assert!(parsed.is_ok(), "{name}: {parsed:?}");
        }
    }

    #[test]
    fn the_shipped_themes_name_every_role() {
        for (name, text) in PRESETS {
            let file: File = toml::from_str(text).unwrap();
            for (_, role) in Role::ALL {
                let inherited = file.inherits.is_some();
                assert!(
                    inherited || file.roles.contains_key(*role),
                    "{name} lacks {role}"
                );
            }
        }
    }

    #[test]
    fn mono_has_no_colour() {
        let mono = Theme::preset("mono").unwrap();
        for (role, _) in Role::ALL {
            let style = mono.style(*role);
            assert_eq!((style.fg, style.bg), (None, None), "{role}");
        }
    }

    /// A background without a foreground would leave the text to the terminal's own colour.
    #[test]
    fn a_background_never_stands_alone() {
        for (name, text) in PRESETS {
            let theme = Theme::parse(text).unwrap();
            for (role, _) in Role::ALL {
                let style = theme.style(*role);
                assert!(style.bg.is_none() || style.fg.is_some(), "{name}: {role}");
            }
        }
    }

    #[test]
    fn states_are_told_apart_from_errors_by_colour_too() {
        for name in ["dark", "light", "colour-blind"] {
            let theme = Theme::preset(name).unwrap();
            let styles = [
                Role::StateRunning,
                Role::StatePaused,
                Role::StateCrashed,
                Role::StateOff,
            ];
            for (at, role) in styles.iter().enumerate() {
                assert!(
                    styles[..at]
                        .iter()
                        .all(|other| theme.style(*other) != theme.style(*role)),
                    "{name} {role}"
                );
            }
        }
    }

    #[test]
    fn a_wrong_theme_says_what_is_wrong() {
        let unknown = Theme::parse("[roles]\nshiny = { fg = \"red\" }").unwrap_err();
        assert_eq!(unknown, ThemeError::UnknownRole("shiny".into()));
        let colour = Theme::parse("[roles]\ntext = { fg = \"reddish\" }").unwrap_err();
        assert!(colour.to_string().contains("`reddish`"));
        let patched =
            Theme::parse("inherits = \"dark\"\n[roles]\ntext = { fg = \"#010203\" }").unwrap();
        assert_eq!(patched.style(Role::Text).fg, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(
            patched.style(Role::Error),
            Theme::preset("dark").unwrap().style(Role::Error)
        );
    }
}
