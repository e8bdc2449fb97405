//! The wall clock.

use archipel_language::Now;
use jiff::Zoned;

/// Now, where the operator is: what times in selectors are told from.
pub(crate) fn now() -> Now {
    let now = Zoned::now();
    Now {
        unix: now.timestamp().as_second(),
        offset: now.offset().seconds(),
    }
}
