//! A bad line on order: a TCP proxy that delays, throttles, swallows and cuts.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("no port for a proxy")?;
        let address = listener.local_addr()?;
        let (orders, heard) = watch::channel(Orders::default());
        let task = tokio::spawn(serve(listener, target, heard)).abort_handle();
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

async fn serve(listener: TcpListener, target: SocketAddr, orders: watch::Receiver<Orders>) {
    loop {
        // Out of descriptors is over in a moment, or the test is.
        let Ok((near, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        if orders.borrow().line.passage == Passage::Cut {
            continue;
        }
        tokio::spawn(connection(near, target, orders.clone()));
    }
}

/// One connection, until either side or the line ends it.
async fn connection(near: TcpStream, target: SocketAddr, mut orders: watch::Receiver<Orders>) {
    let cuts = orders.borrow().cuts;
    let directions = orders.clone();
    let cut = orders.wait_for(|now| now.cuts != cuts || now.line.passage == Passage::Cut);
    tokio::select! {
        () = pass(near, target, directions) => {}
        _ = cut => {}
    }
}

async fn pass(near: TcpStream, target: SocketAddr, orders: watch::Receiver<Orders>) {
    let Ok(far) = TcpStream::connect(target).await else {
        return;
    };
    // What is written here was written at the other end already; a second delay is nobody's wish.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    tokio::join!(
        direction(near_read, far_write, orders.clone()),
        direction(far_read, near_write, orders),
    );
}

/// A piece of the stream and the moment at which it arrives.
type Piece = (Instant, Vec<u8>);

async fn direction(from: OwnedReadHalf, to: OwnedWriteHalf, orders: watch::Receiver<Orders>) {
    let (sender, receiver) = mpsc::channel(UNDER_WAY);
    tokio::join!(
        take(from, sender, orders.clone()),
        give(to, receiver, orders)
    );
}

async fn take(
    mut from: OwnedReadHalf,
    pieces: mpsc::Sender<Piece>,
    orders: watch::Receiver<Orders>,
) {
    let mut buffer = [0; CHUNK];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let arrival = Instant::now() + orders.borrow().line.latency;
        if pieces
            .send((arrival, buffer[..count].to_vec()))
            .await
            .is_err()
        {
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
