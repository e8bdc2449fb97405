//! What this machine has, and how a test says that it lacks something.

use std::env;
use std::io::Write as _;
use std::path::PathBuf;

/// Where daemons live when an ordinary user's path does not name it.
const SBIN: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// The program's absolute path, from `PATH` or the system's sbin folders.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(SBIN.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// How to type the operator's program in another terminal: by its name where a shell finds it, else by the path of the one beside this
/// program, from the current folder where it lies below that.
pub(crate) fn operators_program() -> String {
    const NAME: &str = "archipel";
    let path = env::var_os("PATH").unwrap_or_default();
    if env::split_paths(&path).any(|folder| folder.join(NAME).is_file()) {
        return NAME.to_owned();
    }
    let beside = env::current_exe().map(|own| own.with_file_name(NAME));
    let Ok(beside) = beside else {
        return NAME.to_owned();
    };
    let here = env::current_dir().unwrap_or_default();
    beside
        .strip_prefix(&here)
        .unwrap_or(&beside)
        .display()
        .to_string()
}

/// Why a test that needs these programs cannot run here; `None` when all are there.
pub fn missing(programs: &[&str]) -> Option<String> {
    let absent: Vec<&str> = programs
        .iter()
        .copied()
        .filter(|name| program(name).is_none())
        .collect();
    if absent.is_empty() {
        return None;
    }
    Some(format!(
        "not installed: {}; `conf/setup/packages.sh test` installs what is missing",
        absent.join(", ")
    ))
}

/// Says on standard error that `test` did not run and why.
///
/// Writes to the real standard error: a skipped test passes, and the harness hides what a passing test prints.
pub fn skip(test: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped {test}: {reason}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_only_what_is_absent() {
        assert_eq!(missing(&["sh"]), None);
        let reason = missing(&["sh", "no-such-program-here"]);
        assert!(
            reason.is_some_and(|text| text.starts_with("not installed: no-such-program-here;"))
        );
    }
}
