//! A way to a server that only so many connections find open, as behind a firewall that counts.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
};

/// Open until dropped.
pub(crate) struct Gate {
    address: SocketAddr,
    doorman: JoinHandle<()>,
}

impl Gate {
    /// Lets `places` connections through at a time and closes the others.
    pub(crate) async fn open(server: SocketAddr, places: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let doorman = tokio::spawn(admit(listener, server, Arc::new(Semaphore::new(places))));
        Self { address, doorman }
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.doorman.abort();
    }
}

async fn admit(listener: TcpListener, server: SocketAddr, places: Arc<Semaphore>) {
    while let Ok((mut guest, _)) = listener.accept().await {
        let Ok(place) = places.clone().try_acquire_owned() else {
            continue;
        };
        tokio::spawn(async move {
            let Ok(mut server) = TcpStream::connect(server).await else {
                return;
            };
            // Whichever side ends it, the place is free again.
            let _ = copy_bidirectional(&mut guest, &mut server).await;
            drop(place);
        });
    }
}
