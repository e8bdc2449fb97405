//! A way to a server that only so many connections find open, as behind a firewall that counts.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
};

/// What becomes of the place of a connection that ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    Frees,
    FreesNothing,
}

/// Open until dropped.
pub(crate) struct Gate {
    address: SocketAddr,
    doorman: JoinHandle<()>,
}

impl Gate {
    /// Lets `places` connections through at a time and closes the others.
    pub(crate) async fn open(server: SocketAddr, places: usize) -> Self {
        Self::kept(server, places, Leaving::Frees).await
    }

    /// Lets so many connections through, then none: a firewall that counts how many come.
    pub(crate) async fn for_the_first(server: SocketAddr, places: usize) -> Self {
        Self::kept(server, places, Leaving::FreesNothing).await
    }

    async fn kept(server: SocketAddr, places: usize, leaving: Leaving) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let places = Arc::new(Semaphore::new(places));
        let doorman = tokio::spawn(admit(listener, server, places, leaving));
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

async fn admit(
    listener: TcpListener,
    server: SocketAddr,
    places: Arc<Semaphore>,
    leaving: Leaving,
) {
    while let Ok((mut guest, _)) = listener.accept().await {
        let Ok(place) = places.clone().try_acquire_owned() else {
            continue;
        };
        let place = match leaving {
            Leaving::Frees => Some(place),
            Leaving::FreesNothing => {
                place.forget();
                None
            }
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
