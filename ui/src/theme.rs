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
const PRESETS: [(&str, &str); 5] = [
    ("dark", include_str!("../../conf/themes/dark.toml")),
    ("light", include_str!("../../conf/themes/light.toml")),
    ("mono", include_str!("../../conf/themes/mono.toml")),
    (
        "colour-blind",
        include_str!("../../conf/themes/colour-blind.toml"),
    ),
    ("sixteen", include_str!("../../conf/themes/sixteen.toml")),
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
    /// A shipped theme: `dark`, `light`, `mono`, `colour-blind` or `sixteen`.
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

    /// Whether it uses more than the sixteen colours that the terminal defines.
    pub(crate) fn has_colours(&self) -> bool {
        let own =
            |colour: Option<Color>| matches!(colour, Some(Color::Rgb(..) | Color::Indexed(_)));
        self.styles
            .iter()
            .any(|style| own(style.fg) || own(style.bg))
    }

    /// How `role` looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
