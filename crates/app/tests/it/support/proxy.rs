//! A network between a service and its database that can be cut, and can fall silent.

use std::path::{Path, PathBuf};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// How the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    Fine,
    /// Connections end, and new ones end at once.
    Cut,
    /// Nothing comes through and nobody is told: who was connected never hears of it, not even afterwards.
    Silent,
}

/// The way to a PostgreSQL that listens on a socket of the file system.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    network: watch::Sender<Network>,
}

impl Proxy {
    pub(crate) async fn start(socket_dir: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (network, seen) = watch::channel(Network::Fine);
        let socket = socket_dir.join(".s.PGSQL.5432");
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, socket.clone(), seen.clone()));
            }
        });
        Self { port, network }
    }

    pub(crate) fn now(&self, network: Network) {
        self.network.send(network).unwrap();
    }
}

async fn carry(mut client: TcpStream, socket: PathBuf, mut network: watch::Receiver<Network>) {
    let at_first = *network.borrow_and_update();
    if at_first == Network::Fine {
        let Ok(mut server) = UnixStream::connect(socket).await else { return };
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            _ = network.changed() => {}
        }
        if *network.borrow() == Network::Silent {
            // The server notices in the end, as one does that asks whether its clients are still there.
            _ = network.wait_for(|now| *now == Network::Fine).await;
            drop(server);
        }
    }
    if at_first == Network::Silent || network.has_changed().is_ok() && at_first != Network::Cut {
        hold(client, network).await;
    }
}

/// Keeps a connection that nobody answers until the network is cut, or the test ends.
async fn hold(client: TcpStream, mut network: watch::Receiver<Network>) {
    _ = network.wait_for(|now| *now == Network::Cut).await;
    drop(client);
}
