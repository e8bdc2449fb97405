//! A TCP proxy whose connections a test can cut.

use std::net::SocketAddr;

use archipel_config::Endpoint;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::broadcast,
};

/// Passes bytes on until told otherwise.
pub struct Proxy {
    address: SocketAddr,
    cut: broadcast::Sender<()>,
}

impl Proxy {
    /// A proxy before `target`.
    pub async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, _) = broadcast::channel(1);
        tokio::spawn(serve(listener, target, cut.clone()));
        Self { address, cut }
    }

    /// Where to connect.
    pub fn endpoint(&self) -> Endpoint {
        self.address.to_string().parse().unwrap()
    }

    /// Cuts every connection.
    pub fn cut(&self) {
        let _ = self.cut.send(());
    }
}

async fn serve(listener: TcpListener, target: SocketAddr, cut: broadcast::Sender<()>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let mut cut = cut.subscribe();
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(target).await else {
                return;
            };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = cut.recv() => {}
            }
        });
    }
}
