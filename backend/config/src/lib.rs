//! Settings: layered TOML with origins, secrets, TLS, and the folders they live in.

mod bus;
mod secret;

pub use bus::{BusSettings, Endpoint, Fingerprint, TlsMode};
pub use secret::Secret;
