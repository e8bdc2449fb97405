//! Pictures of screens: what libvirt gives, made small enough to be sent, as PNG.

mod pixels;
mod shelf;

use archipel_hypervisor::Screen;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use self::pixels::Pixels;
pub(crate) use self::shelf::Shelf;
use crate::messages::Refusal;

/// What a picture is.
pub(crate) const MIME: &str = "image/png";
/// The sides of a thumbnail, pixels.
const THUMBNAIL: (u32, u32) = (216, 162);

/// A picture as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Width, pixels.
    pub(crate) width: u32,
    /// Height, pixels.
    pub(crate) height: u32,
    /// PNG, base64.
    pub(crate) text: String,
}

impl Picture {
    /// What a screen shows, in at most `limit` bytes of text: made smaller until it fits.
    pub(crate) fn of(screen: &Screen, thumbnail: bool, limit: usize) -> Result<Self, Refusal> {
        let failed = |why: String| Refusal::NoScreen(why);
        let mut pixels = Pixels::read(screen).map_err(failed)?;
        if thumbnail {
            pixels = pixels.within(THUMBNAIL.0, THUMBNAIL.1);
        }
        loop {
            let text = STANDARD.encode(pixels.png().map_err(failed)?);
            if text.len() <= limit {
                return Ok(Self {
                    width: pixels.width,
                    height: pixels.height,
                    text,
                });
            }
            let smaller = |side: u32| (side / 4 * 3).max(1);
            pixels = pixels.within(smaller(pixels.width), smaller(pixels.height));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn screen(width: usize, height: usize, noise: bool) -> Screen {
        let mut bytes = format!("P6\n# made up\n{width} {height}\n255\n").into_bytes();
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        bytes.extend((0..3 * width * height).map(|_| if noise { next() } else { 7 }));
        Screen {
            mime: "image/x-portable-pixmap".into(),
            bytes,
        }
    }

    fn png(picture: &Picture) -> Screen {
        Screen {
            mime: MIME.into(),
            bytes: STANDARD.decode(&picture.text).unwrap(),
        }
    }

    #[test]
    fn a_picture_comes_back_as_png() {
        let whole = Picture::of(&screen(720, 400, false), false, 1 << 20).unwrap();
        assert_eq!((whole.width, whole.height), (720, 400));
        let again = Picture::of(&png(&whole), false, 1 << 20).unwrap();
        assert_eq!(again, whole);
        let small = Picture::of(&png(&whole), true, 1 << 20).unwrap();
        assert_eq!((small.width, small.height), (216, 120));
    }

    #[test]
    fn what_is_too_large_is_made_smaller_until_it_fits() {
        let picture = Picture::of(&screen(400, 300, true), false, 20_000).unwrap();
        assert!(
            picture.text.len() <= 20_000 && picture.width < 200,
            "{}",
            picture.width
        );
        let pixels = Pixels::read(&png(&picture)).unwrap();
        assert_eq!(
            (pixels.width, pixels.height),
            (picture.width, picture.height)
        );
    }

    #[test]
    fn nonsense_is_no_picture() {
        for (mime, bytes) in [
            ("image/png", &b"\x89PNG\r\n\x1a\nrubbish"[..]),
            ("image/x-portable-pixmap", b"P6\n9999999 9999999\n255\nx"),
            ("image/x-portable-pixmap", b"P6\n4 4\n255\nx"),
            ("image/x-portable-pixmap", b"P6\n0 4\n255\n"),
            ("text/plain", b"hello"),
            ("image/png", b""),
        ] {
            let screen = Screen {
                mime: mime.into(),
                bytes: bytes.to_vec(),
            };
            assert!(Picture::of(&screen, false, 1_000).is_err(), "{mime}");
        }
    }
}
