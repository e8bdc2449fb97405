//! How the screen looks and listens: theme, glyphs and keys, from the profile and the terminal.

use std::{env, fs, path::Path};

use archipel_config::Glyphs;
use archipel_ui::{GlyphSet, Keymap, Options, Theme};

use crate::{
    cli::Failure,
    setup::{self, Setup},
};

/// What the profile asks for. A theme or keymap that is not shipped is a file `themes/NAME.toml` or `keymaps/NAME.toml` in
/// the settings folder.
pub(super) fn options(setup: &Setup) -> Result<Options, Failure> {
    let profile = &setup.profile;
    let folder = setup::paths()?.config;
    Ok(Options {
        profile: profile.name.to_string(),
        account: profile.jid.to_string(),
        theme: theme(&profile.theme, &folder)?,
        glyphs: glyphs(profile.glyphs),
        read_only: profile.read_only,
        keymap: keymap(&profile.keymap, &folder)?,
    })
}

fn theme(name: &str, folder: &Path) -> Result<Theme, Failure> {
    let name = if is_set("NO_COLOR") { "mono" } else { name };
    if let Some(theme) = Theme::preset(name) {
        return Ok(theme);
    }
    let (shown, text) = read("theme", name, folder)?;
    Theme::parse(&text).map_err(|error| Failure::usage(format_args!("{shown}: {error}")))
}

fn keymap(name: &str, folder: &Path) -> Result<Keymap, Failure> {
    if let Some(keymap) = Keymap::preset(name) {
        return Ok(keymap);
    }
    let (shown, text) = read("keymap", name, folder)?;
    let mut keymap = Keymap::preset("default").unwrap_or_default();
    let merged = keymap.merge(&text);
    merged.map_err(|error| Failure::usage(format_args!("{shown}: {error}")))?;
    Ok(keymap)
}

/// The file of that name, as a text for people and its content.
fn read(what: &str, name: &str, folder: &Path) -> Result<(String, String), Failure> {
    let path = folder
        .join(format!("{what}s"))
        .join(name)
        .with_extension("toml");
    let shown = path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => Ok((shown, text)),
        Err(error) => Err(Failure::usage(format_args!(
            "the {what} `{name}` is not shipped and {shown} cannot be read: {error}"
        ))),
    }
}

fn glyphs(wanted: Glyphs) -> GlyphSet {
    match wanted {
        Glyphs::Unicode => GlyphSet::Unicode,
        Glyphs::Auto if is_unicode() => GlyphSet::Unicode,
        Glyphs::Auto | Glyphs::Ascii => GlyphSet::Ascii,
    }
}

/// By the locale, as C programs decide it; the Linux console lacks most of our glyphs.
fn is_unicode() -> bool {
    let first = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let locale = first.unwrap_or_default().to_lowercase();
    let console = set("TERM").is_some_and(|term| term == "linux");
    !console && (locale.contains("utf-8") || locale.contains("utf8"))
}

fn is_set(name: &str) -> bool {
    set(name).is_some()
}

/// The value of a variable that is set and not empty.
fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
