//! Pixels: read from what hypervisors give, averaged, written as PNG.

use std::io::Cursor;

use archipel_hypervisor::{SCREEN_LIMIT, Screen};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Limits, Transformations};

/// Red, green and blue, row by row.
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    bytes: Vec<u8>,
}

/// What begins a PNG (RFC 2083, 3.1).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Pixels {
    /// Reads a PNG or a portable pixmap, whatever its type is said to be. The error says what is wrong with it.
    pub(super) fn read(screen: &Screen) -> Result<Self, String> {
        if screen.bytes.starts_with(PNG) {
            return read_png(&screen.bytes).map_err(|why| why.to_string());
        }
        let pixmap = read_pixmap(&screen.bytes);
        pixmap.ok_or_else(|| {
            format!(
                "libvirt sent {}, which is neither PNG nor a pixmap",
                screen.mime
            )
        })
    }

    fn new(width: u32, height: u32, bytes: Vec<u8>) -> Option<Self> {
        let wanted = size(width, height)?;
        (bytes.len() == wanted).then_some(Self {
            width,
            height,
            bytes,
        })
    }

    /// Made to fit into this many pixels, its shape kept; never made larger.
    pub(super) fn within(&self, width: u32, height: u32) -> Self {
        let wide =
            u64::from(self.width) * u64::from(height) > u64::from(self.height) * u64::from(width);
        let scaled = |side: u32, by: u32, of: u32| {
            let exact = u64::from(side) * u64::from(by) / u64::from(of);
            u32::try_from(exact).unwrap_or(by).max(1)
        };
        let (width, height) = if wide {
            (width, scaled(self.height, width, self.width))
        } else {
            (scaled(self.width, height, self.height), height)
        };
        if width >= self.width || height >= self.height {
            return self.averaged(self.width, self.height);
        }
        self.averaged(width, height)
    }

    /// Each pixel is the mean of those that it stands for.
    fn averaged(&self, width: u32, height: u32) -> Self {
        let part = |at: u32, of: u32, from: u32| {
            let edge = |at: u32| u64::from(at) * u64::from(from) / u64::from(of);
            let (first, end) = (edge(at), edge(at + 1));
            index(first)..index(end.max(first + 1))
        };
        let mut bytes = Vec::with_capacity(size(width, height).unwrap_or_default());
        for y in 0..height {
            let rows = part(y, height, self.height);
            for x in 0..width {
                bytes.extend(self.mean(&rows, &part(x, width, self.width)));
            }
        }
        Self {
            width,
            height,
            bytes,
        }
    }

    fn mean(&self, rows: &std::ops::Range<usize>, columns: &std::ops::Range<usize>) -> [u8; 3] {
        let (mut sum, mut count) = ([0_u64; 3], 0_u64);
        let stride = 3 * index(u64::from(self.width));
        for y in rows.clone() {
            let row = self.bytes.get(y * stride..).unwrap_or_default();
            let part = row
                .get(3 * columns.start..3 * columns.end)
                .unwrap_or_default();
            for pixel in part.chunks_exact(3) {
                sum.iter_mut()
                    .zip(pixel)
                    .for_each(|(sum, one)| *sum += u64::from(*one));
                count += 1;
            }
        }
        sum.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
    }

    pub(super) fn png(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Balanced);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&self.bytes)?;
            writer.finish()
        });
        written.map(|()| bytes).map_err(|why| why.to_string())
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The bytes of a picture; `None`: it has no pixels, or more than a screen may have.
fn size(width: u32, height: u32) -> Option<usize> {
    let pixels = usize::try_from(u64::from(width) * u64::from(height)).ok()?;
    let bytes = pixels.checked_mul(3)?;
    (bytes > 0 && bytes <= SCREEN_LIMIT).then_some(bytes)
}

fn read_png(bytes: &[u8]) -> Result<Pixels, png::DecodingError> {
    let limits = Limits {
        bytes: SCREEN_LIMIT,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let room = reader
        .output_buffer_size()
        .filter(|size| *size <= 2 * SCREEN_LIMIT);
    let mut bytes = vec![0; room.ok_or(png::DecodingError::LimitsExceeded)?];
    let frame = reader.next_frame(&mut bytes)?;
    bytes.truncate(frame.buffer_size());
    let bytes = match frame.color_type {
        ColorType::Rgb | ColorType::Indexed => bytes,
        ColorType::Rgba => bytes
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect(),
        ColorType::Grayscale => bytes.iter().flat_map(|grey| [*grey; 3]).collect(),
        ColorType::GrayscaleAlpha => bytes
            .chunks_exact(2)
            .flat_map(|pixel| [pixel[0]; 3])
            .collect(),
    };
    Pixels::new(frame.width, frame.height, bytes).ok_or(png::DecodingError::LimitsExceeded)
}

/// `P6`, width, height, 255, one white space, pixels; `#` begins a comment.
fn read_pixmap(bytes: &[u8]) -> Option<Pixels> {
    let mut rest = bytes.strip_prefix(b"P6")?;
    let mut numbers = [0_u32; 3];
    for number in &mut numbers {
        let text;
        (text, rest) = word(rest)?;
        *number = std::str::from_utf8(text).ok()?.parse().ok()?;
    }
    let [width, height, 255] = numbers else {
        return None;
    };
    let pixels = rest.get(1..)?;
    Pixels::new(width, height, pixels.get(..size(width, height)?)?.to_vec())
}

/// The next word of a pixmap's head, and what follows it.
fn word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes.trim_ascii_start();
    while let Some(comment) = rest.strip_prefix(b"#") {
        let end = comment.iter().position(|byte| *byte == b'\n')?;
        rest = comment.get(end..)?.trim_ascii_start();
    }
    let end = rest.iter().position(u8::is_ascii_whitespace)?;
    rest.split_at_checked(end)
}
