//! The caller's address, believed from `X-Forwarded-For` only as far as trusted proxies vouch for it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

use crate::Platform;

/// The caller's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// Walks `X-Forwarded-For` from the right, past trusted proxies, to the first address they did not add.
    pub fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |ip: IpAddr| trusted.iter().any(|net| net.contains(&ip));
        if !is_trusted(peer) {
            return Self(peer);
        }
        let forwarded: Vec<IpAddr> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map_while(|hop| hop.trim().parse().ok())
            .collect();
        Self(forwarded.into_iter().rev().find(|hop| !is_trusted(*hop)).unwrap_or(peer))
    }
}

impl ClientIp {
    /// What rates are counted by: an IPv4 address, or the /64 that an IPv6 client may choose his addresses from.
    pub fn rate_key(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl FromRequestParts<Platform> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
        Ok(Self::resolve(peer, &parts.headers, &platform.options().trusted_proxies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_share_a_rate() {
        let key = |text: &str| ClientIp(text.parse().unwrap()).rate_key();
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:203.0.113.9"), key("203.0.113.9"));
        assert_ne!(key("203.0.113.9"), key("203.0.113.8"));
    }

    #[test]
    fn forwarded_addresses_are_believed_from_trusted_proxies_only() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        for (peer, forwarded, client) in [
            ("203.0.113.9", Some("198.51.100.1"), "203.0.113.9"),
            ("10.0.0.1", Some("198.51.100.1"), "198.51.100.1"),
            ("10.0.0.1", Some("198.51.100.1, 203.0.113.7, 10.0.0.2"), "203.0.113.7"),
            ("10.0.0.1", Some("junk"), "10.0.0.1"),
            ("10.0.0.1", None, "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = forwarded {
                headers.insert("x-forwarded-for", value.parse().unwrap());
            }
            let ip = ClientIp::resolve(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(ip, ClientIp(client.parse().unwrap()), "{peer} {forwarded:?}");
        }
    }
}
