//! Where a session's bytes come from.

use futures::future::BoxFuture;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, duplex},
    sync::mpsc,
};

use crate::End;

/// A connection: bytes both ways.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}

/// What protects a connection from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// Nothing: a loopback address that the configuration allows.
    ClearText,
    /// It never leaves this process, or something beneath protects it.
    Private,
    /// TLS.
    Tls {
        /// Keying material for channel binding of the type `tls-exporter` (RFC 9266), with TLS 1.3.
        exporter: Option<Vec<u8>>,
    },
}

/// An open, protected connection on which no stream has begun.
pub struct Opened {
    /// The bytes.
    pub io: Box<dyn ByteStream>,
    /// What protects them.
    pub protection: Protection,
    /// The server reached, for messages.
    pub server: String,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Why no connection could be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another attempt may succeed.
    #[error("{0}")]
    Temporary(String),
    /// Another attempt would fail in the same way.
    #[error(transparent)]
    Fatal(#[from] End),
}

/// Opens connections for a session, one after the other.
pub trait Transport: Send + 'static {
    /// Opens the next connection.
    fn open(&mut self) -> BoxFuture<'_, Result<Opened, OpenError>>;

    /// Told that the connection opened last became a session: the next one is best sought where that session may still be held.
    fn served(&mut self) {}
}

/// Connections that may wait to be accepted.
const BACKLOG: usize = 8;

/// Connections inside the process, for tests and for pipes that something else carries.
#[derive(Debug)]
pub struct Memory {
    accepted: mpsc::Sender<DuplexStream>,
    buffer: usize,
}

/// The other side of [`Memory`].
#[derive(Debug)]
pub struct MemoryListener(mpsc::Receiver<DuplexStream>);

/// A transport whose connections come out at the listener. Each direction holds `buffer` bytes.
pub fn memory(buffer: usize) -> (Memory, MemoryListener) {
    let (accepted, listener) = mpsc::channel(BACKLOG);
    (Memory { accepted, buffer }, MemoryListener(listener))
}

impl MemoryListener {
    /// The next connection; `None` when the transport is gone.
    pub async fn accept(&mut self) -> Option<DuplexStream> {
        self.0.recv().await
    }
}

impl Transport for Memory {
    fn open(&mut self) -> BoxFuture<'_, Result<Opened, OpenError>> {
        let (near, far) = duplex(self.buffer);
        let sent = self.accepted.try_send(far);
        Box::pin(async move {
            sent.map_err(|_| OpenError::Temporary("nobody listens at the pipe".to_owned()))?;
            Ok(Opened {
                io: Box::new(near),
                protection: Protection::Private,
                server: "the pipe".to_owned(),
            })
        })
    }
}
