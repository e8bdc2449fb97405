#![allow(clippy::unwrap_used, clippy::panic)]
use archipel_protocol::VmState;

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
    for name in ["dark", "light", "colour-blind", "sixteen"] {
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

/// Relative luminance (WCAG 2.1) of one of xterm's 256 colours beyond the first sixteen, which belong to the terminal.
fn luminance(colour: Color) -> f64 {
    let Color::Indexed(index @ 16..) = colour else {
        panic!("{colour} is the terminal's own")
    };
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let [red, green, blue] = match index {
        232.. => [8 + 10 * (index - 232); 3],
        _ => [(index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6].map(level),
    };
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.039_28 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Lines and rests may be faint; text is not.
fn is_text(role: Role) -> bool {
    !matches!(
        role,
        Role::Faint | Role::Border | Role::GaugeTrack | Role::Stale
    )
}

#[test]
fn text_can_be_read_on_its_background() {
    for (name, terminal) in [("dark", 0.0), ("light", 1.0), ("colour-blind", 0.0)] {
        let theme = Theme::preset(name).unwrap();
        for (role, _) in Role::ALL.iter().filter(|(role, _)| is_text(*role)) {
            let style = theme.style(*role);
            let Some(fg) = style.fg else { continue };
            let ground = style.bg.map_or(terminal, luminance);
            let found = contrast(luminance(fg), ground);
            assert!(found >= 3.0, "{name}: {role} has a contrast of {found:.1}");
        }
    }
}

#[test]
fn states_can_be_read_in_the_first_line() {
    for name in ["dark", "light", "colour-blind"] {
        let theme = Theme::preset(name).unwrap();
        let bar = luminance(theme.style(Role::Bar).bg.unwrap());
        for state in VmState::ALL {
            let fg = theme.style(Role::from(state)).fg.unwrap();
            let found = contrast(luminance(fg), bar);
            assert!(found >= 2.5, "{name}: {state} has a contrast of {found:.1}");
        }
    }
}
