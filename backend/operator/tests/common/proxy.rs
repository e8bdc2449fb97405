//! A way to the server that can be cut.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

/// Forwards connections to a server, while it is open.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    open: watch::Sender<bool>,
    cut: Arc<Notify>,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, is_open) = watch::channel(true);
        let cut = Arc::new(Notify::new());
        tokio::spawn(forward(listener, server, is_open, cut.clone()));
        Self { address, open, cut }
    }

    /// Cuts all connections and lets no new one through.
    pub(crate) fn close(&self) {
        self.open.send_replace(false);
        self.cut.notify_waiters();
    }

    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn forward(
    listener: TcpListener,
    server: SocketAddr,
    is_open: watch::Receiver<bool>,
    cut: Arc<Notify>,
) {
    while let Ok((mut client, _)) = listener.accept().await {
        if !*is_open.borrow() {
            continue;
        }
        let cut = cut.clone();
        tokio::spawn(async move {
            let mut server = TcpStream::connect(server).await.unwrap();
            tokio::select! {
                _ = copy_bidirectional(&mut client, &mut server) => {}
                () = cut.notified() => {}
            }
        });
    }
}
