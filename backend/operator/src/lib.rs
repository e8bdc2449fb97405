//! The operator's engine: sessions, watches, trust, cache.
