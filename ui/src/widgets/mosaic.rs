//! A picture in cells: two pixels in each where the theme has colours, else a shade.

use ratatui::layout::Rect;

use super::pen::{Pen, cells};
use crate::{
    glyphs::GlyphSet,
    picture::{Picture, Pixel, brightness},
    theme::Role,
};

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    /// Two pixels, one above the other.
    Halves,
    /// A sign, the denser the brighter.
    Shades,
}

impl Grain {
    /// What signs and theme allow.
    pub(crate) fn of(pen: &Pen<'_>) -> Self {
        if pen.glyphs == GlyphSet::Unicode && pen.has_colours() {
            Self::Halves
        } else {
            Self::Shades
        }
    }
}

/// A picture made for an area.
#[derive(Debug)]
pub(crate) struct Mosaic {
    room: (u16, u16),
    grain: Grain,
    pixels: Picture,
}

impl Mosaic {
    /// Made to fit. A cell is twice as high as it is wide.
    pub(crate) fn new(picture: &Picture, area: Rect, grain: Grain) -> Self {
        let room = (area.width, area.height);
        let (width, height) = picture.fitting(usize::from(room.0), usize::from(room.1) * 2);
        let height = match grain {
            Grain::Halves => height,
            Grain::Shades => height.div_ceil(2),
        };
        Self {
            room,
            grain,
            pixels: picture.scaled(width, height),
        }
    }

    /// Whether it was made for this.
    pub(crate) fn is_for(&self, area: Rect, grain: Grain) -> bool {
        self.room == (area.width, area.height) && self.grain == grain
    }

    /// Draws it in the middle; without its colours where it is not so any more.
    pub(crate) fn draw(&self, pen: &mut Pen<'_>, area: Rect, is_so: bool) {
        let left = area.x + area.width.saturating_sub(cells(self.pixels.width())) / 2;
        let lines = match self.grain {
            Grain::Halves => self.pixels.height().div_ceil(2),
            Grain::Shades => self.pixels.height(),
        };
        for (row, y) in (0..lines).zip(area.y..area.bottom()) {
            for (column, x) in (0..self.pixels.width()).zip(left..area.right()) {
                match self.grain {
                    Grain::Halves => {
                        let part = |half| tone(self.pixels.pixel(column, 2 * row + half), is_so);
                        pen.halves(x, y, part(0), part(1));
                    }
                    Grain::Shades => {
                        let sign = shade(pen.glyphs, self.pixels.pixel(column, row));
                        pen.sign(x, y, if is_so { Role::Text } else { Role::Stale }, sign);
                    }
                }
            }
        }
    }
}

fn tone(pixel: Pixel, is_so: bool) -> Pixel {
    if is_so {
        pixel
    } else {
        [brightness(pixel) / 2; 3]
    }
}

fn shade(glyphs: GlyphSet, pixel: Pixel) -> &'static str {
    let shades = glyphs.shades();
    let at = usize::from(brightness(pixel)) * shades.len() / 256;
    shades.get(at).copied().unwrap_or(" ")
}
