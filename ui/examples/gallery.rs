//! Draws the views over a made-up fleet, to be looked at: `gallery SCENE WIDTHxHEIGHT THEME [ascii]` writes one frame with its
//! colours to standard output. A scene is a name, or `keys:` and what is pressed, blanks between keys: `keys:enter p`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fmt::Write as _;

use archipel_ui::{GlyphSet, Keymap, Options, Theme};
use common::{Screen, sample};
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize, otherwise: &str| {
        arguments
            .get(at)
            .cloned()
            .unwrap_or_else(|| otherwise.to_owned())
    };
    let size = argument(1, "80x24");
    let (width, height) = size.split_once('x').expect("a size such as 80x24");
    let size = (width.parse().unwrap(), height.parse().unwrap());
    let options = Options {
        profile: "prod".into(),
        account: "olga@dc.example".into(),
        theme: Theme::preset(&argument(2, "dark"))
            .expect("dark, light, mono, colour-blind or sixteen"),
        glyphs: if argument(3, "") == "ascii" {
            GlyphSet::Ascii
        } else {
            GlyphSet::Unicode
        },
        read_only: false,
        keymap: Keymap::preset("default").unwrap(),
    };
    let mut screen = Screen::with(sample(), size, options);
    if let Some(keys) = argument(0, "keys:").strip_prefix("keys:") {
        for step in keys.split_whitespace() {
            if let Some(text) = step.strip_prefix('"') {
                screen.type_text(&text.replace('_', " "));
            } else {
                let commands = screen.press(step);
                screen.carry_out(&commands);
            }
        }
    }
    print!("{}", coloured(screen.buffer()));
}

/// The frame with SGR colours, a line each.
fn coloured(buffer: &Buffer) -> String {
    let mut text = String::new();
    let area = buffer.area();
    for y in 0..area.height {
        for x in 0..area.width {
            let cell = &buffer[(x, y)];
            write!(text, "\x1b[0{}m{}", style(cell), cell.symbol()).unwrap();
        }
        text.push_str("\x1b[0m\n");
    }
    text
}

fn style(cell: &Cell) -> String {
    let mut codes = String::new();
    let modifiers = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
    ];
    for (modifier, code) in modifiers {
        if cell.modifier.contains(modifier) {
            write!(codes, ";{code}").unwrap();
        }
    }
    for (colour, layer) in [(cell.fg, 30), (cell.bg, 40)] {
        match (colour, sixteen(colour)) {
            (_, Some(number)) => write!(codes, ";{}", layer + number).unwrap(),
            (Color::Indexed(number), _) => write!(codes, ";{};5;{number}", layer + 8).unwrap(),
            (Color::Rgb(r, g, b), _) => write!(codes, ";{};2;{r};{g};{b}", layer + 8).unwrap(),
            _ => {}
        }
    }
    codes
}

fn sixteen(colour: Color) -> Option<u8> {
    let all = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
    ];
    let bright = (colour == Color::White).then_some(67);
    let plain = all.into_iter().position(|other| other == colour);
    bright.or_else(|| u8::try_from(plain?).ok())
}
