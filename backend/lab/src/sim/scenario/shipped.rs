//! The scenarios that come with the program.

/// A scenario of `backend/lab/scenarios/`.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    /// The document.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(Shipped {
            name: $name,
            text: include_str!(concat!("../../../scenarios/", $name, ".toml")),
        }),+]
    };
}

/// All of them.
pub const SHIPPED: &[Shipped] = shipped![
    "steady",
    "busy",
    "storm",
    "slow-server",
    "partition",
    "bus-restart",
    "rolling-upgrade",
    "hostile-peer",
];
