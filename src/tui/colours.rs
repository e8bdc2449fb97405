//! Colours that the terminal lacks, replaced by the nearest it has.

use std::env;

use ratatui::{buffer::Buffer, style::Color};

/// Whether the terminal says that it shows 16 million colours.
pub(super) fn is_true_colour() -> bool {
    let said = env::var("COLORTERM").unwrap_or_default();
    said == "truecolor" || said == "24bit"
}

/// Replaces every colour given by its parts with the nearest of the 256.
pub(super) fn reduce(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        cell.fg = reduced(cell.fg);
        cell.bg = reduced(cell.bg);
    }
}

fn reduced(colour: Color) -> Color {
    match colour {
        Color::Rgb(red, green, blue) => Color::Indexed(nearest([red, green, blue])),
        other => other,
    }
}

/// The levels of the cube of 6 × 6 × 6 colours that begins at 16.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// From the cube, or from the 24 greys that begin at 232 (8, 18, … 238), whichever is nearer.
fn nearest(parts: [u8; 3]) -> u8 {
    let [red, green, blue] = parts.map(level);
    let cube = [red, green, blue].map(|at| LEVELS[usize::from(at)]);
    let mean = parts.map(u16::from).iter().sum::<u16>() / 3;
    // At most 23, for a mean of at most 255.
    let step = u8::try_from((mean.saturating_sub(3) / 10).min(23)).unwrap_or(23);
    let grey = 8 + 10 * step;
    if distance(parts, [grey; 3]) < distance(parts, cube) {
        232 + step
    } else {
        16 + 36 * red + 6 * green + blue
    }
}

/// The number of the nearest level.
fn level(part: u8) -> u8 {
    let middles = LEVELS
        .windows(2)
        .map(|pair| u16::from(pair[0]).midpoint(u16::from(pair[1])));
    let below = middles.filter(|middle| u16::from(part) > *middle).count();
    u8::try_from(below).unwrap_or(0)
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    let squares = one
        .iter()
        .zip(other)
        .map(|(a, b)| u32::from(a.abs_diff(b)).pow(2));
    squares.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_256_colours_are_their_own_nearest() {
        for (red, r) in LEVELS.into_iter().zip(0_u8..) {
            for (green, g) in LEVELS.into_iter().zip(0_u8..) {
                for (blue, b) in LEVELS.into_iter().zip(0_u8..) {
                    assert_eq!(nearest([red, green, blue]), 16 + 36 * r + 6 * g + b);
                }
            }
        }
        for step in 0..24 {
            let grey = 8 + 10 * step;
            let found = nearest([grey; 3]);
            assert!(
                found == 232 + step || LEVELS.contains(&grey),
                "{grey} became {found}"
            );
        }
    }

    #[test]
    fn other_colours_come_near() {
        assert_eq!(reduced(Color::Rgb(250, 5, 5)), Color::Indexed(196));
        assert_eq!(reduced(Color::Rgb(100, 101, 99)), Color::Indexed(241));
        assert_eq!(reduced(Color::Red), Color::Red);
    }
}
