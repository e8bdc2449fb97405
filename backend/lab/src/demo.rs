//! What `make demo` runs.
