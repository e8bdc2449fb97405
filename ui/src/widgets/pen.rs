//! Drawing by meaning: text in roles, onto the cells of a frame.

use archipel_protocol::text::clean_block;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Modifier},
};

use crate::{
    format,
    glyphs::GlyphSet,
    picture::Pixel,
    theme::{Role, Theme},
};

/// A piece of text in one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) role: Role,
}

/// A piece of text.
pub(crate) fn span(role: Role, text: impl Into<String>) -> Span {
    Span {
        text: text.into(),
        role,
    }
}

/// Cells that `spans` take.
pub(crate) fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(|span| format::width(&span.text)).sum()
}

/// What a view draws with.
pub(crate) struct Pen<'a> {
    buf: &'a mut Buffer,
    theme: &'a Theme,
    /// The signs in use.
    pub(crate) glyphs: GlyphSet,
    /// Rows of lists that were built for this frame.
    pub(crate) built: usize,
    /// Where the terminal's own cursor stands, in a text field.
    pub(crate) cursor: Option<Position>,
}

impl<'a> Pen<'a> {
    pub(crate) fn new(buf: &'a mut Buffer, theme: &'a Theme, glyphs: GlyphSet) -> Self {
        Self {
            buf,
            theme,
            glyphs,
            built: 0,
            cursor: None,
        }
    }

    /// Draws `text` into the first line of `area` and returns the cells that it took.
    pub(crate) fn text(&mut self, area: Rect, role: Role, text: &str) -> u16 {
        let area = area.intersection(*self.buf.area());
        if area.is_empty() {
            return 0;
        }
        // Whatever came from the wire was cleaned when it was read; a terminal is worth a second look.
        let text = clean_block(text);
        let mut line = format::cut(&text, usize::from(area.width), self.glyphs.ellipsis());
        if self.glyphs == GlyphSet::Ascii {
            line = line.replace('…', self.glyphs.ellipsis());
        }
        let style = self.theme.style(role);
        let (end, _) = self
            .buf
            .set_stringn(area.x, area.y, line, usize::from(area.width), style);
        end - area.x
    }

    /// Draws pieces one after the other into the first line of `area` and returns the cells that they took.
    pub(crate) fn spans(&mut self, area: Rect, spans: &[Span]) -> u16 {
        let mut used = 0;
        for span in spans {
            let rest = after(area, used);
            used += self.text(rest, span.role, &span.text);
        }
        used
    }

    /// The same, ending at the right edge.
    pub(crate) fn spans_right(&mut self, area: Rect, spans: &[Span]) {
        let width = cells(width_of(spans)).min(area.width);
        let area = Rect {
            x: area.right() - width,
            width,
            ..area
        };
        self.spans(area, spans);
    }

    /// Fills `area` with blanks in the style of `role`.
    pub(crate) fn fill(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        for position in area.intersection(*self.buf.area()).positions() {
            if let Some(cell) = self.buf.cell_mut(position) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Lays the style of `role` over what is drawn in `area`. What was faint is so no longer, unless the role is.
    pub(crate) fn tint(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        let kept = style.add_modifier & Modifier::DIM;
        let style = style.remove_modifier(Modifier::DIM).add_modifier(kept);
        self.buf.set_style(area, style);
    }

    /// Whether the theme tells its own colours from those that the terminal calls so: pictures need them.
    pub(crate) fn has_colours(&self) -> bool {
        self.theme.has_colours()
    }

    /// Draws two pixels, one above the other.
    pub(crate) fn halves(&mut self, x: u16, y: u16, upper: Pixel, lower: Pixel) {
        let colour = |[red, green, blue]: Pixel| Color::Rgb(red, green, blue);
        if let Some(cell) = self.buf.cell_mut((x, y)) {
            cell.set_symbol("▀")
                .set_fg(colour(upper))
                .set_bg(colour(lower));
        }
    }

    /// Draws one sign.
    pub(crate) fn sign(&mut self, x: u16, y: u16, role: Role, sign: &str) {
        let style = self.theme.style(role);
        if let Some(cell) = self.buf.cell_mut((x, y)) {
            cell.set_symbol(sign).set_style(style);
        }
    }
}

/// `area` without its first `used` columns.
pub(crate) fn after(area: Rect, used: u16) -> Rect {
    let used = used.min(area.width);
    Rect {
        x: area.x + used,
        width: area.width - used,
        ..area
    }
}

/// The line `at` of `area`; empty below its end.
pub(crate) fn line(area: Rect, at: usize) -> Rect {
    let at = cells(at);
    if at >= area.height {
        return Rect { height: 0, ..area };
    }
    Rect {
        y: area.y + at,
        height: 1,
        ..area
    }
}

/// `area` without its first `used` lines.
pub(crate) fn below(area: Rect, used: usize) -> Rect {
    let used = cells(used).min(area.height);
    Rect {
        y: area.y + used,
        height: area.height - used,
        ..area
    }
}

/// `area` without its first and last column.
pub(crate) fn inset(area: Rect) -> Rect {
    let margin = area.width.min(2) / 2;
    Rect {
        x: area.x + margin,
        width: area.width - 2 * margin,
        ..area
    }
}

/// A count as cells of a screen.
pub(crate) fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
