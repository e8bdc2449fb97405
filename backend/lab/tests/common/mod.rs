//! What several tests look with.

// Each test file is a crate of its own and uses its part.
#![allow(dead_code)]

pub(crate) mod raw_stream;

/// The command lines that name the folder.
pub(crate) fn processes_naming(folder: &std::path::Path) -> Vec<String> {
    let wanted = folder.display().to_string();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .filter(|line| line.contains(&wanted))
        .collect()
}
