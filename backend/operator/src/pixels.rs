//! The pixels of a picture from the wire. Until it is decoded nothing that it says of itself is believed.

use std::io::Cursor;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

use crate::{error::OperatorError, handle::Picture};

/// The most pixels of a picture: 2,048 by 2,048.
const PIXELS: usize = 1 << 22;
/// What the decoder may take besides, bytes.
const ROOM: usize = 8 << 20;

/// Red, green and blue, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels in a row.
    pub width: usize,
    /// All rows.
    pub rgb: Vec<[u8; 3]>,
}

impl Picture {
    /// Its pixels, decoded on a thread of their own.
    pub async fn pixels(self) -> Result<Pixels, OperatorError> {
        let decoded = tokio::task::spawn_blocking(move || decode(&self.base64)).await;
        match decoded {
            Ok(Ok(pixels)) => Ok(pixels),
            Ok(Err(why)) => Err(OperatorError::NoPicture(why)),
            Err(why) => Err(OperatorError::NoPicture(why.to_string())),
        }
    }
}

fn decode(base64: &str) -> Result<Pixels, String> {
    let bytes = STANDARD.decode(base64).map_err(|why| why.to_string())?;
    read(&bytes).map_err(|why| why.to_string())
}

fn read(bytes: &[u8]) -> Result<Pixels, DecodingError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: ROOM });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (width, height) = (index(reader.info().width), index(reader.info().height));
    let fits = |pixels: &usize| (1..=PIXELS).contains(pixels);
    let size = width.checked_mul(height).filter(fits);
    // At most four bytes for each pixel.
    let room = size.and(reader.output_buffer_size());
    let mut bytes = vec![0; room.ok_or(DecodingError::LimitsExceeded)?];
    let frame = reader.next_frame(&mut bytes)?;
    bytes.truncate(frame.buffer_size());
    Ok(Pixels {
        width,
        rgb: colours(&bytes, frame.color_type),
    })
}

/// What shines through is left out: behind a screen there is nothing.
fn colours(bytes: &[u8], kind: ColorType) -> Vec<[u8; 3]> {
    let grey = |level: u8| [level; 3];
    match kind {
        ColorType::Grayscale => bytes.iter().copied().map(grey).collect(),
        ColorType::GrayscaleAlpha => bytes.chunks_exact(2).map(|one| grey(one[0])).collect(),
        ColorType::Rgb | ColorType::Indexed => triples(bytes, 3),
        ColorType::Rgba => triples(bytes, 4),
    }
}

fn triples(bytes: &[u8], step: usize) -> Vec<[u8; 3]> {
    let pixels = bytes.chunks_exact(step);
    pixels.map(|one| [one[0], one[1], one[2]]).collect()
}

fn index(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn encoded(width: u32, height: u32, kind: ColorType, bytes: &[u8]) -> Vec<u8> {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, width, height);
        encoder.set_color(kind);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(bytes).unwrap();
        writer.finish().unwrap();
        png
    }

    #[test]
    fn every_kind_of_picture_gives_its_colours() {
        let red = Pixels {
            width: 1,
            rgb: vec![[250, 1, 2], [3, 4, 5]],
        };
        let rgb = encoded(1, 2, ColorType::Rgb, &[250, 1, 2, 3, 4, 5]);
        let rgba = encoded(1, 2, ColorType::Rgba, &[250, 1, 2, 9, 3, 4, 5, 0]);
        assert_eq!(read(&rgb).unwrap(), red);
        assert_eq!(read(&rgba).unwrap(), red);
        let grey = encoded(2, 1, ColorType::Grayscale, &[7, 8]);
        assert_eq!(read(&grey).unwrap().rgb, [[7; 3], [8; 3]]);
        let faint = encoded(2, 1, ColorType::GrayscaleAlpha, &[7, 0, 8, 255]);
        assert_eq!(read(&faint).unwrap().rgb, [[7; 3], [8; 3]]);
    }

    #[test]
    fn a_small_file_cannot_ask_for_a_large_picture() {
        let wide = 1 << 23;
        let bomb = encoded(wide, 1, ColorType::Grayscale, &vec![0; index(wide)]);
        assert!(bomb.len() < 64 << 10, "{}", bomb.len());
        assert!(read(&bomb).is_err());
    }

    #[test]
    fn what_is_broken_or_no_picture_is_refused() {
        let whole = encoded(2, 2, ColorType::Rgb, &[9; 12]);
        for cut in 0..whole.len() - 12 {
            assert!(read(&whole[..cut]).is_err(), "{cut} bytes");
        }
        let mut lied = whole.clone();
        lied[19] = 200;
        assert!(read(&lied).is_err(), "more columns than there are");
        assert!(decode("not base64!").is_err());
        assert!(decode(&STANDARD.encode(b"GIF89a")).is_err());
    }
}
