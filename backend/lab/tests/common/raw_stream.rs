//! A few words of XMPP over clear text, to look at a server from outside.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use base64::Engine as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A stream whose text is read as it comes.
pub(crate) struct RawStream {
    socket: TcpStream,
    domain: String,
}

impl RawStream {
    /// Opens a stream and returns it with the features the server offers.
    pub(crate) async fn open(address: SocketAddr, domain: &str) -> Result<(RawStream, String)> {
        let socket = TcpStream::connect(address).await?;
        let mut stream = RawStream {
            socket,
            domain: domain.to_owned(),
        };
        let features = stream.begin().await?;
        Ok((stream, features))
    }

    async fn begin(&mut self) -> Result<String> {
        let header = format!(
            "<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>",
            self.domain
        );
        self.ask(&header, "</stream:features>").await
    }

    /// Sends `text` and reads until the answer holds `end`, and the whole tag that `end` stands in.
    pub(crate) async fn ask(&mut self, text: &str, end: &str) -> Result<String> {
        self.socket.write_all(text.as_bytes()).await?;
        timeout(Duration::from_mins(1), self.read_until(end)).await?
    }

    async fn read_until(&mut self, end: &str) -> Result<String> {
        let mut seen = Vec::new();
        loop {
            if self.socket.read_buf(&mut seen).await? == 0 {
                bail!("closed after {:?}", String::from_utf8_lossy(&seen));
            }
            let text = String::from_utf8_lossy(&seen);
            if text.contains("</failure>") {
                bail!("refused: {text}");
            }
            // A server writes a stanza in more than one piece when the machine is busy.
            if text.contains(end) && text.ends_with('>') {
                return Ok(text.into_owned());
            }
        }
    }

    /// Logs in with PLAIN and binds a resource.
    pub(crate) async fn log_in(&mut self, name: &str, password: &str) -> Result<()> {
        let secret =
            base64::engine::general_purpose::STANDARD.encode(format!("\0{name}\0{password}"));
        let auth = format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
        );
        self.ask(&auth, "<success").await?;
        self.begin().await?;
        let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
        self.ask(bind, "</iq>").await?;
        Ok(())
    }
}
