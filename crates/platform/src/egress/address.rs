//! Which addresses belong to the public internet: a pure rule over the registries of IANA.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What of IPv4 is not the public internet (IANA IPv4 Special-Purpose Address Registry, RFC 6890), and what clouds put on an
/// address of it for their machines alone.
const SPECIAL_V4: &[&str] = &[
    "0.0.0.0/8",        // this host on this network
    "10.0.0.0/8",       // private
    "100.64.0.0/10",    // carriers' own (CGNAT); Alibaba Cloud's metadata
    "127.0.0.0/8",      // loopback
    "168.63.129.16/32", // Azure's own service to its machines, on a public address
    "169.254.0.0/16",   // link-local; metadata of AWS, Azure, Google and others
    "172.16.0.0/12",    // private
    "192.0.0.0/24",     // protocol assignments; Oracle Cloud's metadata
    "192.0.2.0/24",     // documentation
    "192.88.99.0/24",   // 6to4 relays, withdrawn
    "192.168.0.0/16",   // private
    "198.18.0.0/15",    // benchmarks
    "198.51.100.0/24",  // documentation
    "203.0.113.0/24",   // documentation
    "224.0.0.0/4",      // multicast
    "240.0.0.0/4",      // reserved; broadcast
];

/// What of IPv6's global unicast (2000::/3) is not the public internet (IANA IPv6 Special-Purpose Address Registry). All outside
/// of 2000::/3 is not, whatever it is for.
const SPECIAL_V6: &[&str] = &[
    "2001::/23",     // protocol assignments: Teredo, benchmarks, ORCHID
    "2001:db8::/32", // documentation
    "2002::/16",     // 6to4, which embeds any IPv4 address and is withdrawn
    "3fff::/20",     // documentation
];

struct Networks {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
    global_v6: Ipv6Net,
    nat64: Ipv6Net,
}

static NETWORKS: LazyLock<Networks> = LazyLock::new(|| {
    let read = "the networks above are written right: a test reads them all";
    Networks {
        v4: SPECIAL_V4.iter().map(|net| net.parse().expect(read)).collect(),
        v6: SPECIAL_V6.iter().map(|net| net.parse().expect(read)).collect(),
        global_v6: "2000::/3".parse().expect(read),
        nat64: "64:ff9b::/96".parse().expect(read),
    }
});

/// Whether `address` is one of the public internet, where nothing of the operator's own stands.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether `address` lies in one of `networks`. An IPv4 address in the form of IPv6 is the IPv4 address.
pub fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !NETWORKS.v4.iter().any(|network| network.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let networks = &*NETWORKS;
    if networks.nat64.contains(&address) {
        // What a machine without IPv4 is told for a host that has nothing else (RFC 6052).
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    networks.global_v6.contains(&address) && !networks.v6.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    /// Of the public internet, many beside the border of a network that is not.
    const PUBLIC: &str = "
        1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
        168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0
        192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
        198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 ::ffff:8.8.8.8 64:ff9b::8.8.8.8
        2000::1 2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 2001:db9::1 2003::1 2606:4700::1111
        2a00:1450::1 3000::1 3fff:1000::1";

    /// Not of it.
    const SPECIAL: &str = "
        0.0.0.0 0.1.2.3 10.0.0.0 10.1.2.3 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255
        127.0.0.1 127.255.255.255 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.0
        172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0
        198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1
        ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:0.0.0.0 ::ffff:10.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254
        ::ffff:192.168.1.1 ::ffff:0:127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::127.0.0.1 64:ff9b::169.254.169.254
        64:ff9b:1::8.8.8.8 100::1 1fff::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1
        2001:20::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1::1 2002:a00:1::1 2002:808:808::1 3fff::1
        3fff:fff:ffff::1 4000::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fdff::1 fe80::1
        fe80::a9fe:a9fe febf::1 fec0::1 ff02::1 ffff::1";

    #[test]
    fn the_public_internet_is_what_the_registries_leave() {
        for public in PUBLIC.split_whitespace() {
            assert!(of(public), "{public} is public");
        }
        for special in SPECIAL.split_whitespace() {
            assert!(!of(special), "{special} is not public");
        }
    }

    #[test]
    fn an_exception_holds_for_an_address_in_every_spelling() {
        let networks = ["10.1.0.0/16".parse().unwrap(), "fd12::/32".parse().unwrap()];
        for inside in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"] {
            assert!(is_in(&networks, inside.parse().unwrap()), "{inside}");
        }
        for outside in ["10.2.0.1", "64:ff9b::10.1.2.3", "fd13::1", "127.0.0.1"] {
            assert!(!is_in(&networks, outside.parse().unwrap()), "{outside}");
        }
    }

    proptest! {
        /// Against what the standard library says by other means.
        #[test]
        fn nothing_that_the_standard_library_knows_as_special_is_public(bits in any::<u32>()) {
            let address = Ipv4Addr::from(bits);
            let special = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_broadcast()
                || address.is_documentation() || address.is_unspecified() || address.is_multicast() || bits >> 28 == 15;
            prop_assert!(!(special && is_public_v4(address)), "{address}");
        }

        #[test]
        fn an_embedded_address_is_never_more_public_than_itself(bits in any::<u32>(), low in any::<u64>()) {
            let (v4, bits) = (Ipv4Addr::from(bits), u128::from(bits));
            let nat64 = (0x0064_ff9b_u128 << 96) | bits;
            let six_to_four = (0x2002_u128 << 112) | (bits << 80) | u128::from(low);
            for embedding in [v4.to_ipv6_mapped().to_bits(), bits, nat64, six_to_four] {
                let v6 = Ipv6Addr::from_bits(embedding);
                prop_assert!(!is_public_v6(v6) || is_public_v4(v4), "{v6} embeds {v4}");
            }
        }

        #[test]
        fn of_ipv6_only_global_unicast_and_what_embeds_a_public_address_is_public(bits in any::<u128>()) {
            let address = Ipv6Addr::from_bits(bits);
            if is_public_v6(address) {
                let embeds = address.to_ipv4_mapped().is_some() || bits >> 32 == 0x0064_ff9b_u128 << 64;
                prop_assert!(embeds || bits >> 125 == 1, "{address}");
                prop_assert!(!address.is_unique_local() && !address.is_unicast_link_local() && !address.is_multicast());
            }
        }
    }
}
