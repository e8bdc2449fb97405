//! A bad line on order: a TCP proxy that delays, throttles, swallows and cuts.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

/// Bytes that are passed on at a time.
const CHUNK: usize = 4 * 1024;

/// Chunks of one direction that are under way: a full line makes the sender wait, as a real one does.
const UNDER_WAY: usize = 64;

/// What a line does to the bytes of each connection. The default is a good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Line {
    /// How long a byte takes, each way.
    pub latency: Duration,
    /// How many bytes a second pass, each way and per connection; `None`: as many as come.
    pub bytes_per_second: Option<NonZeroU32>,
    /// Whether they pass at all.
    pub passage: Passage,
}

/// Whether bytes pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Passage {
    /// They do.
    #[default]
    Open,
    /// They are taken and wait until the line is open again; nobody is told. A cable that was pulled somewhere in between.
    Blackhole,
    /// Connections end, and new ones end at once.
    Cut,
}

/// What all connections obey.
#[derive(Debug, Clone, Copy, Default)]
struct Orders {
    line: Line,
    /// How often all connections were ended.
    cuts: u64,
}

/// Hears the bytes of every connection before they are passed on.
pub(crate) type Ear = Arc<dyn Fn(Passing<'_>) + Send + Sync>;

/// Bytes on their way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passing<'a> {
    /// Which connection, from 0 in the order in which they came.
    pub(crate) connection: usize,
    /// Whether they go to the server.
    pub(crate) to_server: bool,
    pub(crate) bytes: &'a [u8],
}

/// What the ear hears of one direction of one connection.
struct Listening {
    ear: Option<Ear>,
    connection: usize,
    to_server: bool,
}

impl Listening {
    fn hear(&self, bytes: &[u8]) {
        if let Some(ear) = &self.ear {
            ear(Passing {
                connection: self.connection,
                to_server: self.to_server,
                bytes,
            });
        }
    }
}

/// A way to a server. Dropping it ends all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    orders: watch::Sender<Orders>,
    task: AbortHandle,
}

impl Proxy {
    /// A good line to `target`. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// When there is no loopback port left.
    pub async fn before(target: SocketAddr) -> Result<Proxy> {
        Proxy::start(target, None).await
    }

    /// The same with an ear on it.
    pub(crate) async fn overheard(target: SocketAddr, ear: Ear) -> Result<Proxy> {
        Proxy::start(target, Some(ear)).await
    }

    async fn start(target: SocketAddr, ear: Option<Ear>) -> Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("no port for a proxy")?;
        let address = listener.local_addr()?;
        let (orders, heard) = watch::channel(Orders::default());
        let way = Way {
            target,
            orders: heard,
            ear,
        };
        let task = tokio::spawn(serve(listener, way)).abort_handle();
        Ok(Proxy {
            address,
            orders,
            task,
        })
    }

    /// Where to connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How the line is.
    pub fn line(&self) -> Line {
        self.orders.borrow().line
    }

    /// From now on the line is like this, for all connections.
    pub fn set(&self, line: Line) {
        self.orders.send_modify(|orders| orders.line = line);
    }

    /// Ends all connections once; new ones pass as the line says.
    pub fn drop_connections(&self) {
        self.orders.send_modify(|orders| orders.cuts += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.drop_connections();
        self.task.abort();
    }
}

/// What every connection is made with.
#[derive(Clone)]
struct Way {
    target: SocketAddr,
    orders: watch::Receiver<Orders>,
    ear: Option<Ear>,
}

impl Way {
    fn listening(&self, connection: usize, to_server: bool) -> Listening {
        Listening {
            ear: self.ear.clone(),
            connection,
            to_server,
        }
    }
}

async fn serve(listener: TcpListener, way: Way) {
    for number in 0.. {
        // Out of descriptors is over in a moment, or the test is.
        let Ok((near, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        if way.orders.borrow().line.passage == Passage::Cut {
            continue;
        }
        tokio::spawn(connection(near, number, way.clone()));
    }
}

/// One connection, until either side or the line ends it.
async fn connection(near: TcpStream, number: usize, way: Way) {
    let mut orders = way.orders.clone();
    let cuts = orders.borrow().cuts;
    let cut = orders.wait_for(|now| now.cuts != cuts || now.line.passage == Passage::Cut);
    tokio::select! {
        () = pass(near, number, &way) => {}
        _ = cut => {}
    }
}

async fn pass(near: TcpStream, number: usize, way: &Way) {
    let Ok(far) = TcpStream::connect(way.target).await else {
        return;
    };
    // What is written here was written at the other end already; a second delay is nobody's wish.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let out = direction(near_read, far_write, way, way.listening(number, true));
    let back = direction(far_read, near_write, way, way.listening(number, false));
    tokio::join!(out, back);
}

/// A piece of the stream and the moment at which it arrives.
type Piece = (Instant, Vec<u8>);

async fn direction(from: OwnedReadHalf, to: OwnedWriteHalf, way: &Way, listening: Listening) {
    let (sender, receiver) = mpsc::channel(UNDER_WAY);
    tokio::join!(
        take(from, sender, way, listening),
        give(to, receiver, way.orders.clone())
    );
}

async fn take(
    mut from: OwnedReadHalf,
    pieces: mpsc::Sender<Piece>,
    way: &Way,
    listening: Listening,
) {
    let mut buffer = [0; CHUNK];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..count];
        listening.hear(bytes);
        let arrival = Instant::now() + way.orders.borrow().line.latency;
        if pieces.send((arrival, bytes.to_vec())).await.is_err() {
            return;
        }
    }
}

async fn give(
    mut to: OwnedWriteHalf,
    mut pieces: mpsc::Receiver<Piece>,
    mut orders: watch::Receiver<Orders>,
) {
    let mut free = Instant::now();
    while let Some((arrival, piece)) = pieces.recv().await {
        sleep_until(arrival.max(free)).await;
        if orders
            .wait_for(|now| now.line.passage == Passage::Open)
            .await
            .is_err()
        {
            return;
        }
        let rate = orders.borrow().line.bytes_per_second;
        free = Instant::now() + rate.map_or(Duration::ZERO, |rate| time_of(piece.len(), rate));
        if to.write_all(&piece).await.is_err() {
            return;
        }
    }
    // The other side ended its half of the stream.
    let _ = to.shutdown().await;
}

fn time_of(bytes: usize, rate: NonZeroU32) -> Duration {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    Duration::from_secs_f64(f64::from(bytes) / f64::from(rate.get()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A server that gives back what it gets, and a line to it.
    async fn echo() -> (Proxy, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        let proxy = Proxy::before(target).await.unwrap();
        let stream = TcpStream::connect(proxy.address()).await.unwrap();
        (proxy, stream)
    }

    async fn round_trip(stream: &mut TcpStream, bytes: &[u8]) {
        stream.write_all(bytes).await.unwrap();
        let mut back = vec![0; bytes.len()];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(back, bytes);
    }

    #[tokio::test]
    async fn bytes_arrive_whole_and_in_order_however_bad_the_line() {
        let (proxy, mut stream) = echo().await;
        let bytes: Vec<u8> = (0..60_000_u32).flat_map(u32::to_be_bytes).collect();
        round_trip(&mut stream, b"good").await;
        proxy.set(Line {
            latency: Duration::from_millis(5),
            bytes_per_second: NonZeroU32::new(10_000_000),
            ..Line::default()
        });
        round_trip(&mut stream, &bytes[..100_000]).await;
    }

    #[tokio::test]
    async fn a_black_hole_keeps_what_it_swallowed() {
        let (proxy, mut stream) = echo().await;
        proxy.set(Line {
            passage: Passage::Blackhole,
            ..Line::default()
        });
        stream.write_all(b"hello").await.unwrap();
        let mut back = [0; 5];
        let nothing =
            tokio::time::timeout(Duration::from_millis(100), stream.read(&mut back)).await;
        assert!(nothing.is_err());
        proxy.set(Line::default());
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"hello");
    }

    #[tokio::test]
    async fn cut_connections_end_and_new_ones_pass_when_the_line_is_mended() {
        let (proxy, mut stream) = echo().await;
        round_trip(&mut stream, b"x").await;
        proxy.set(Line {
            passage: Passage::Cut,
            ..Line::default()
        });
        let mut rest = Vec::new();
        assert!(!matches!(stream.read_to_end(&mut rest).await, Ok(1..)));
        let mut refused = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(!matches!(refused.read_to_end(&mut rest).await, Ok(1..)));
        proxy.set(Line::default());
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        round_trip(&mut stream, b"y").await;
        proxy.drop_connections();
        assert!(!matches!(stream.read_to_end(&mut rest).await, Ok(1..)));
    }
}
