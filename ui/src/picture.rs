//! Pictures, as far as the screen needs to know them: pixels, and the same made smaller.

/// The most pixels of a picture: what is larger is no screen.
pub const PIXELS_LIMIT: usize = 1 << 22;

/// Red, green and blue.
pub type Pixel = [u8; 3];

/// A picture of at most [`PIXELS_LIMIT`] pixels, and at least one.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    pixels: Vec<Pixel>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height())
    }
}

impl Picture {
    /// Of pixels row by row; `None` where they are no rows of `width`, or too many.
    pub fn new(width: usize, pixels: Vec<Pixel>) -> Option<Self> {
        let whole = width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width);
        (whole && pixels.len() <= PIXELS_LIMIT).then_some(Self { width, pixels })
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of pixels.
    pub fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// A pixel; black beyond the edges.
    pub fn pixel(&self, x: usize, y: usize) -> Pixel {
        let at = (x < self.width).then_some(y * self.width + x);
        at.and_then(|at| self.pixels.get(at))
            .copied()
            .unwrap_or_default()
    }

    /// The largest size of the same shape within `width` by `height` pixels, never larger than the picture itself.
    pub(crate) fn fitting(&self, width: usize, height: usize) -> (usize, usize) {
        let (own_width, own_height) = (self.width, self.height());
        let (width, height) = (width.clamp(1, own_width), height.clamp(1, own_height));
        if own_width * height <= own_height * width {
            ((own_width * height / own_height).max(1), height)
        } else {
            (width, (own_height * width / own_width).max(1))
        }
    }

    /// Made smaller: each pixel is the mean of those that it stands for.
    pub(crate) fn scaled(&self, width: usize, height: usize) -> Self {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = pixels.map(|(x, y)| {
            let columns = part(x, width, self.width);
            self.mean(columns, part(y, height, self.height()))
        });
        Self {
            width: width.max(1),
            pixels: pixels.collect(),
        }
    }

    fn mean(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> Pixel {
        let mut sum = [0_usize; 3];
        let count = columns.len() * rows.len();
        for y in rows {
            let row = self.pixels.get(y * self.width..).unwrap_or_default();
            for pixel in row.get(columns.clone()).unwrap_or_default() {
                for (sum, part) in sum.iter_mut().zip(pixel) {
                    *sum += usize::from(*part);
                }
            }
        }
        sum.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
    }
}

/// Which of `from` the one numbered `at` of `of` stands for; at least one.
fn part(at: usize, of: usize, from: usize) -> std::ops::Range<usize> {
    let edge = |at: usize| at * from / of.max(1);
    edge(at)..edge(at + 1).max(edge(at) + 1)
}

/// How bright a pixel is to the eye, 0 to 255 (ITU-R BT.601, in thousandths).
pub(crate) fn brightness([red, green, blue]: Pixel) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    u8::try_from((299 * red + 587 * green + 114 * blue) / 1_000).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const WHITE: Pixel = [255; 3];
    const BLACK: Pixel = [0; 3];

    #[test]
    fn what_is_no_picture_is_none() {
        assert!(Picture::new(0, vec![BLACK]).is_none());
        assert!(Picture::new(2, Vec::new()).is_none());
        assert!(Picture::new(2, vec![BLACK; 3]).is_none());
        assert!(Picture::new(PIXELS_LIMIT + 1, vec![BLACK; PIXELS_LIMIT + 1]).is_none());
        let one = Picture::new(1, vec![WHITE]).unwrap();
        assert_eq!((one.pixel(0, 0), one.pixel(1, 0)), (WHITE, BLACK));
    }

    #[test]
    fn the_shape_is_kept_and_nothing_grows() {
        let wide = Picture::new(400, vec![BLACK; 400 * 100]).unwrap();
        assert_eq!(wide.fitting(100, 100), (100, 25));
        assert_eq!(wide.fitting(1_000, 50), (200, 50));
        assert_eq!(wide.fitting(1_000, 1_000), (400, 100));
        assert_eq!(wide.fitting(1, 1), (1, 1));
        let line = Picture::new(PIXELS_LIMIT, vec![BLACK; PIXELS_LIMIT]).unwrap();
        assert_eq!(line.fitting(80, 24), (80, 1));
    }

    #[test]
    fn a_smaller_pixel_is_the_mean_of_its_part() {
        let checks = Picture::new(2, vec![WHITE, BLACK, BLACK, WHITE]).unwrap();
        assert_eq!(checks.scaled(1, 1).pixel(0, 0), [127; 3]);
        assert_eq!(checks.scaled(2, 2), checks);
    }

    #[test]
    fn green_is_brighter_than_blue() {
        assert!(brightness([0, 255, 0]) > brightness([0, 0, 255]));
        assert_eq!((brightness(WHITE), brightness(BLACK)), (255, 0));
    }
}
