//! What the binding lacks or gets wrong, made safe: all unsafe code of the project.
#![allow(unsafe_code)]
#![deny(clippy::undocumented_unsafe_blocks)]

pub(crate) mod closing;
pub(crate) mod lifecycle;
pub(crate) mod node;
pub(crate) mod records;

use std::ffi::{CStr, c_char};

/// The text of a fixed field of libvirt's: up to its first NUL, nothing where there is none or where it is no UTF-8.
fn field(bytes: &[c_char]) -> &str {
    // SAFETY: `c_char` and `u8` have the same size and alignment, and every bit pattern is a `u8`; length and lifetime are those
    // of `bytes`.
    let bytes: &[u8] = unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) };
    CStr::from_bytes_until_nul(bytes)
        .ok()
        .and_then(|text| text.to_str().ok())
        .unwrap_or_default()
}
