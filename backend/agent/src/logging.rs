//! The agent's log: to stderr, and its last lines for whoever may read them over the bus.

use std::{
    collections::VecDeque,
    fmt::{self, Write as _},
    io,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use tracing::{Event, Level, Subscriber, field::Field};
use tracing_subscriber::{
    EnvFilter, Layer, fmt as fmt_layer, layer::Context, layer::SubscriberExt as _, registry,
    reload, util::SubscriberInitExt as _,
};

/// Lines that are kept.
const LINES: usize = 500;
/// The longest line, in bytes.
const LINE_LIMIT: usize = 1_000;
/// Always in force: below this level the XML reader writes whole stanzas, passwords included.
const NO_STANZAS: &str = "tokio_xmpp=debug";

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How bad it is.
    pub level: Level,
    /// When (UTC).
    pub at: Timestamp,
    /// What it says.
    pub text: String,
}

/// The last lines of the log. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct LogTail(Arc<Mutex<VecDeque<LogLine>>>);

impl LogTail {
    /// At most `count` of the newest lines, oldest first.
    pub fn last(&self, count: usize) -> Vec<LogLine> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = lines.len().saturating_sub(count);
        lines.iter().skip(skipped).cloned().collect()
    }

    /// Appends a line.
    pub fn push(&self, line: LogLine) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

impl<S: Subscriber> Layer<S> for LogTail {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.push(LogLine {
            level: *event.metadata().level(),
            at: Timestamp::now(),
            text: text.0,
        });
    }
}

/// A line from the fields of an event.
struct Text(String);

impl tracing::field::Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.0.len() > LINE_LIMIT {
            return;
        }
        let blank = if self.0.is_empty() { "" } else { " " };
        // Writing into a text cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{blank}{value:?}"),
            name => write!(self.0, "{blank}{name}={value:?}"),
        };
    }
}

/// Changes what is logged while the agent runs.
#[derive(Debug, Clone)]
pub struct LogLevel(reload::Handle<EnvFilter, registry::Registry>);

impl LogLevel {
    /// Logs what `directives` say from now on, such as `info` or `warn,archipel_agent=debug`.
    pub fn set(&self, directives: &str) -> Result<(), InvalidLog> {
        let filter = filter(directives)?;
        self.0
            .reload(filter)
            .map_err(|error| InvalidLog(directives.to_owned(), error.to_string()))
    }
}

/// A text that says nothing about logging.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`log = \"{0}\"` is not understood: {1}. Write error, warn, info or debug")]
pub struct InvalidLog(String, String);

fn filter(directives: &str) -> Result<EnvFilter, InvalidLog> {
    let invalid = |why: String| InvalidLog(directives.to_owned(), why);
    if directives.contains("tokio_xmpp") {
        return Err(invalid(
            "stanzas hold passwords and are not logged".to_owned(),
        ));
    }
    let filter = EnvFilter::try_new(directives).map_err(|why| invalid(why.to_string()))?;
    let capped = NO_STANZAS.parse();
    Ok(filter.add_directive(capped.map_err(|why| invalid(format!("{why}")))?))
}

/// Whether `directives` can be used with [`start`].
pub fn validate(directives: &str) -> Result<(), InvalidLog> {
    filter(directives).map(drop)
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people and for systemd's journal.
    #[default]
    Text,
    /// One object on each line: `timestamp` (UTC), `level`, `message`, the fields of the event beside them, and `target`.
    Json,
}

/// Logs to stderr and to the tail, for the whole process. Call it once.
pub fn start(directives: &str, format: LogFormat) -> Result<(LogTail, LogLevel), InvalidLog> {
    let tail = LogTail::default();
    let (filter, handle) = reload::Layer::new(filter(directives)?);
    let all = tracing_subscriber::registry()
        .with(filter)
        .with(lines(format, io::stderr))
        .with(tail.clone());
    all.try_init()
        .map_err(|why| InvalidLog(directives.to_owned(), why.to_string()))?;
    Ok((tail, LogLevel(handle)))
}

fn lines<S, W>(format: LogFormat, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> registry::LookupSpan<'a>,
    W: for<'a> fmt_layer::MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt_layer::layer().with_writer(writer).with_ansi(false);
    match format {
        // systemd's journal has its own clock and no use for colours.
        LogFormat::Text => lines.with_target(false).without_time().boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_tail_keeps_the_newest_lines_in_order() {
        let tail = LogTail::default();
        let subscriber = tracing_subscriber::registry().with(tail.clone());
        tracing::subscriber::with_default(subscriber, || {
            (0..LINES + 5).for_each(|number| tracing::info!(number, "counted"));
        });
        let last = tail.last(2);
        let texts: Vec<_> = last.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["counted number=503", "counted number=504"]);
        assert_eq!(tail.last(usize::MAX).len(), LINES);
    }

    /// A file that is written into.
    #[derive(Clone, Default)]
    struct File(Arc<Mutex<Vec<u8>>>);

    impl io::Write for File {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_one_object_where_that_is_wanted() {
        let file = File::default();
        let writer = file.clone();
        let lines = lines(LogFormat::Json, move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::with_default(subscriber, || {
            let _bus = tracing::info_span!("bus", account = "hv01@dc.example").entered();
            tracing::warn!(vm = "a\nb \u{1b}[2J", verb = "start", "not done");
        });
        let text = String::from_utf8(file.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["level"], "WARN");
        assert_eq!(
            (&line["message"], &line["verb"]),
            (&"not done".into(), &"start".into())
        );
        assert_eq!(line["vm"], "a\nb \u{1b}[2J");
        assert_eq!(line["span"]["account"], "hv01@dc.example");
        let at = line["timestamp"].as_str().unwrap();
        assert!(at.parse::<Timestamp>().is_ok(), "{at}");
    }

    #[test]
    fn stanzas_are_never_logged() {
        let shown = filter("trace").unwrap().to_string();
        assert!(shown.contains(NO_STANZAS), "{shown}");
        for directives in ["tokio_xmpp=trace", "info,tokio_xmpp::xmlstream=trace"] {
            assert!(filter(directives).is_err(), "{directives}");
        }
        let nonsense = validate("=x=y").unwrap_err().to_string();
        assert!(nonsense.contains("info"), "{nonsense}");
    }
}
