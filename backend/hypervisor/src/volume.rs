//! Files that a hypervisor's storage pools know.

/// How a volume is made from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Copying {
    /// Every byte is copied.
    Full,
    /// It builds on the other, which must not change any more.
    Linked,
}

/// A volume that is to be made from another, in the other's pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VolumeCopy {
    /// Path of the other.
    pub from: String,
    /// How the other is read, such as `raw` or `qcow2`: what the machine's definition says. What the pool makes of the bytes does not
    /// count, for a guest writes them.
    pub format: String,
    /// The new one's name.
    pub name: String,
    /// How it is made.
    pub how: Copying,
}

/// A volume that was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Volume {
    /// Its path.
    pub path: String,
    /// How it is to be read.
    pub format: String,
}

/// What a machine's screen shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Screen {
    /// What the bytes are: `image/png`, `image/x-portable-pixmap`.
    pub mime: String,
    /// The picture, at most [`SCREEN_LIMIT`] bytes.
    pub bytes: Vec<u8>,
}

/// The most bytes of a picture: 4096 × 2160 uncompressed pixels fit.
pub const SCREEN_LIMIT: usize = 32 << 20;

/// Without the bytes: a screen may show secrets.
impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen")
            .field("mime", &self.mime)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
