//! The log: a file, never the screen.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use archipel_config::LogLevel;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{cli::Failure, setup::Setup};

/// A log that is larger at start is put aside as `archipel.log.old`.
const SIZE_LIMIT: u64 = 8 << 20;

/// Opens the profile's log. What was logged is in the file when the guard is dropped.
pub(crate) fn open(setup: &Setup) -> Result<WorkerGuard, Failure> {
    let path = setup.places.log_file();
    let file = append(&setup.places.state, &path);
    let file = file.map_err(|error| {
        Failure::failed(format_args!(
            "the log {} cannot be written: {error}",
            path.display()
        ))
    })?;
    // Lines that a slow disk cannot take are dropped: the program does not wait for its log.
    let (writer, guard) = tracing_appender::non_blocking(file);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    let subscriber = tracing_subscriber::registry()
        .with(lines)
        .with(targets(setup.profile.log));
    subscriber.try_init().map_err(Failure::failed)?;
    Ok(guard)
}

fn append(folder: &Path, path: &Path) -> io::Result<File> {
    archipel_config::private_folder(folder)?;
    if fs::metadata(path).is_ok_and(|found| found.len() > SIZE_LIMIT) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

/// The libraries below the bus write passwords when they trace, and say little of use above warnings otherwise.
fn targets(level: LogLevel) -> Targets {
    let ours = level_filter(level);
    let theirs = if level >= LogLevel::Debug {
        LevelFilter::DEBUG
    } else {
        LevelFilter::WARN
    };
    Targets::new()
        .with_default(ours.min(LevelFilter::DEBUG))
        .with_target("archipel", ours)
        .with_target("tokio_xmpp", theirs)
        .with_target("xmpp_parsers", theirs)
        .with_target("rustls", theirs)
        .with_target("hickory_proto", theirs)
        .with_target("hickory_resolver", theirs)
}

fn level_filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn no_level_lets_the_library_write_passwords() {
        let trace = targets(LogLevel::Trace);
        for target in [
            "tokio_xmpp",
            "tokio_xmpp::xmlstream",
            "xso",
            "minidom",
            "sasl",
            "rxml",
        ] {
            assert!(!trace.would_enable(target, &Level::TRACE), "{target}");
        }
        assert!(trace.would_enable("archipel_bus::session", &Level::TRACE));
        assert!(!targets(LogLevel::Error).would_enable("archipel_bus", &Level::WARN));
    }
}
