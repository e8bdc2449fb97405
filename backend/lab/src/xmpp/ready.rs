//! A server is ready when it answers a stream header with its features; an open port alone is too early.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Process;
use crate::wait::{Patience, until};

/// How long a server may take to start while others compile.
const PATIENCE: Patience = Patience::seconds(120);
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(2);

/// Waits until the server answers or its process has ended.
pub(super) async fn wait(address: SocketAddr, domain: &str, process: &mut Process) -> Result<()> {
    let answered = until("an answer to a stream header", PATIENCE, async || {
        if timeout(ATTEMPT, answers(address, domain))
            .await
            .is_ok_and(|answer| answer.is_ok())
        {
            return Some(true);
        }
        (!process.is_running()).then_some(false)
    });
    if !answered.await? {
        bail!("the program ended");
    }
    Ok(())
}

/// Opens a stream and reads until its features have come.
async fn answers(address: SocketAddr, domain: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let header = format!(
        "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    );
    stream.write_all(header.as_bytes()).await?;
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("</stream:features>") {
        if stream.read_buf(&mut seen).await? == 0 {
            bail!("closed");
        }
    }
    Ok(())
}
