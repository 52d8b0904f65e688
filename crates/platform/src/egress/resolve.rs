//! Looking names up: once for each connection, every address checked, connected to exactly these.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::target::{Reach, Rule};

/// The addresses of a name, as a future.
pub type LookingUp = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses of names.
pub trait Lookup: Send + Sync + 'static {
    /// The addresses of `host`.
    fn look_up(&self, host: &str) -> LookingUp;
}

/// The resolver of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn look_up(&self, host: &str) -> LookingUp {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A resolver that gives the client nothing but addresses it may reach. The client connects to what it is given and looks nothing up
/// itself, so an answer that is another one the second time (DNS rebinding) has no second time.
pub(super) struct Guarded {
    pub(super) reach: Reach,
    pub(super) allow: Arc<[IpNet]>,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, allow, lookup) = (self.reach, Arc::clone(&self.allow), Arc::clone(&self.lookup));
        Box::pin(async move {
            let found = admitted(reach, &allow, &*lookup, name.as_str()).await?;
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// The addresses of `host`, looked up once. One that is forbidden forbids them all: who mixes them wants to be tried until the right one
/// is hit.
pub(super) async fn admitted(
    reach: Reach,
    allow: &[IpNet],
    lookup: &dyn Lookup,
    host: &str,
) -> Result<Vec<IpAddr>, Rule> {
    let found = lookup.look_up(host).await.map_err(|error| {
        tracing::info!(host, %error, "an outgoing connection found no address");
        Rule::Address
    })?;
    let forbidden = found.iter().find(|address| !reach.admits(allow, **address));
    if forbidden.is_some() || found.is_empty() {
        tracing::warn!(host, address = ?forbidden, "an outgoing connection was refused");
        return Err(Rule::Address);
    }
    Ok(found)
}
