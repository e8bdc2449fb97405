//! The fuzzer: libFuzzer around one target.
//!
//! The environment names the target (`ARCHIPEL_FUZZ_TARGET`) and a folder into which its seeds are written first
//! (`ARCHIPEL_FUZZ_SEEDS`). `make fuzz` sets both.

#![no_main]
// libFuzzer calls into this file by C's conventions.
#![allow(unsafe_code)]
// A fuzzer that cannot begin says so and ends.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{env, fs, path::Path, sync::LazyLock};

use archipel_fuzz::Target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = env::var("ARCHIPEL_FUZZ_TARGET").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|| panic!("no target {name:?}"))
});

fn write_seeds() {
    let Some(folder) = env::var_os("ARCHIPEL_FUZZ_SEEDS") else {
        return;
    };
    for (at, seed) in TARGET.seeds().iter().enumerate() {
        fs::write(Path::new(&folder).join(at.to_string()), &seed.bytes).unwrap();
    }
}

libfuzzer_sys::fuzz_target!(
    init: {
        write_seeds();
    },
    |input: &[u8]| {
        TARGET.check(input);
    }
);
