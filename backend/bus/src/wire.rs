//! One XML stream over one connection.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{Sink, SinkExt, Stream, StreamExt};
use minidom::Element;
use tokio::io::BufReader;
use tokio_xmpp::xmlstream::{
    InitiatingStream, ReadError, StreamHeader, Timeouts, XmlStream, initiate_stream,
};
use xso::AsXml;

use crate::{
    guard::{Guarded, xml_error},
    options::Timing,
    transport::ByteStream,
};

type Io = BufReader<Box<dyn ByteStream>>;

/// Bytes read at a time. Sessions are many and their stanzas short.
const READ_BUFFER: usize = 1024;

/// Something the stream brought.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A child of the stream.
    Child(Guarded),
    /// Nothing for a while: the peer should be asked for a sign of life.
    Silence,
    /// All that was put has been written.
    Flushed,
    /// The XML reader gave up; the connection is of no further use for reading.
    Poisoned(String),
    /// The connection or the stream ended.
    Lost(String),
}

/// An open XML stream.
pub(crate) struct Wire {
    stream: XmlStream<Io, Guarded>,
    dirty: bool,
}

impl Wire {
    /// Opens a stream to `domain` (RFC 6120, 4.2). The server's features come as its first child, so that the guard covers them.
    pub(crate) async fn open(
        io: Box<dyn ByteStream>,
        domain: &str,
        timing: &Timing,
    ) -> io::Result<Self> {
        let io = BufReader::with_capacity(READ_BUFFER, io);
        let pending = initiate_stream(
            io,
            archipel_protocol::ns::CLIENT,
            header(domain),
            timeouts(timing),
        )
        .await?;
        Ok(Self {
            stream: pending.skip_features(),
            dirty: false,
        })
    }

    /// Opens the stream anew on the same connection, as after SASL (RFC 6120, 6.4.6).
    pub(crate) async fn restart(self, domain: &str) -> io::Result<Self> {
        let initiating: InitiatingStream<Io> = self.stream.initiate_reset();
        let pending = initiating.send_header(header(domain)).await?;
        Ok(Self {
            stream: pending.skip_features(),
            dirty: false,
        })
    }

    /// Gives the connection back, for TLS. What arrived unasked is refused: it came before the protection (CVE-2021-33515 and kin).
    pub(crate) fn into_io(self) -> io::Result<Box<dyn ByteStream>> {
        let reader = self.stream.into_inner();
        if !reader.buffer().is_empty() {
            return Err(io::Error::other("data came between STARTTLS and TLS"));
        }
        Ok(reader.into_inner())
    }

    /// Whether all that was put has been written.
    pub(crate) fn is_idle(&self) -> bool {
        !self.dirty
    }

    /// Appends an element to what will be written. After an error the stream must be given up.
    pub(crate) fn put<T: AsXml>(&mut self, element: &T) -> io::Result<()> {
        self.dirty = true;
        Pin::new(&mut self.stream).start_send(element)
    }

    /// Appends an element and writes it.
    pub(crate) async fn send<T: AsXml>(&mut self, element: &T) -> io::Result<()> {
        self.put(element)?;
        self.flush().await
    }

    /// Writes all that was put.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        SinkExt::<&Element>::flush(&mut self.stream).await?;
        self.dirty = false;
        Ok(())
    }

    /// Reads the next child, for the time before a session is established.
    pub(crate) async fn next(&mut self) -> Incoming {
        let item = self.stream.next().await;
        incoming(item)
    }

    /// Writes what was put and, if `read`, waits for what comes. Can be dropped without loss.
    pub(crate) async fn turn(&mut self, read: bool) -> Incoming {
        poll_fn(|context| self.poll_turn(read, context)).await
    }

    fn poll_turn(&mut self, read: bool, context: &mut Context<'_>) -> Poll<Incoming> {
        if self.dirty
            && let Poll::Ready(written) = self.poll_flush(context)
        {
            return Poll::Ready(written);
        }
        if !read {
            return Poll::Pending;
        }
        Poll::Ready(incoming(ready!(
            Pin::new(&mut self.stream).poll_next(context)
        )))
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        let flushed = ready!(Sink::<&Element>::poll_flush(
            Pin::new(&mut self.stream),
            context
        ));
        self.dirty = false;
        Poll::Ready(flushed.map_or_else(
            |error| Incoming::Lost(connection_text(&error)),
            |()| Incoming::Flushed,
        ))
    }

    /// Closes the stream for writing (RFC 6120, 4.4).
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }
}

fn header(domain: &str) -> StreamHeader<'_> {
    StreamHeader {
        to: Some(domain.into()),
        from: None,
        id: None,
    }
}

/// Sessions of one process must not ask for signs of life in step.
fn timeouts(timing: &Timing) -> Timeouts {
    Timeouts {
        read_timeout: vary(timing.keep_alive),
        response_timeout: timing.answer,
    }
}

fn vary(span: Duration) -> Duration {
    span.mul_f64(rand::random_range(0.8..1.2))
}

fn incoming(item: Option<Result<Guarded, ReadError>>) -> Incoming {
    match item {
        Some(Ok(child)) => Incoming::Child(child),
        Some(Err(ReadError::SoftTimeout)) => Incoming::Silence,
        Some(Err(ReadError::HardError(error))) => broken(&error),
        Some(Err(ReadError::ParseError(error))) => Incoming::Poisoned(error.to_string()),
        Some(Err(ReadError::StreamFooterReceived)) => {
            Incoming::Lost("it closed the stream".to_owned())
        }
        None => Incoming::Lost("it closed the connection".to_owned()),
    }
}

fn broken(error: &io::Error) -> Incoming {
    match xml_error(error) {
        Some(error) if !matches!(error, rxml::Error::InvalidEof(_)) => {
            Incoming::Poisoned(error.to_string())
        }
        _ => Incoming::Lost(connection_text(error)),
    }
}

/// What became of a connection, in words.
pub(crate) fn connection_text(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => "no answer".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            "the connection was cut".to_owned()
        }
        io::ErrorKind::UnexpectedEof => "it closed the connection".to_owned(),
        _ if xml_error(error).is_some() => {
            "it closed the connection in the middle of a stanza".to_owned()
        }
        _ => error.to_string(),
    }
}
