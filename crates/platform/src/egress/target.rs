//! What a URL must be like before anything is looked up or connected to.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::address::{is_in, is_public};

/// Longer ones name no place that we would call.
const LONGEST: usize = 2000;

/// The ports below 1024 are those of other protocols, which a request could be mistaken in.
const FIRST_FREE_PORT: u16 = 1024;

/// Which rule forbids a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It is not a URL with a host, of at most 2000 characters.
    Url,
    /// It is not https, nor http into one of the operator's networks.
    Scheme,
    /// It carries a user's name or password.
    Userinfo,
    /// The port is that of another protocol.
    Port,
    /// The host has no address, or one that may not be reached.
    Address,
    /// It was redirected to another host, or too often.
    Redirect,
}

impl Rule {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Scheme => "scheme",
            Self::Userinfo => "userinfo",
            Self::Port => "port",
            Self::Address => "address",
            Self::Redirect => "redirect",
        }
    }

    /// What is wrong, as the end of a sentence about the URL. It tells no address, and not whether a name exists: what our own
    /// network answers is nobody else's business.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Url => "must be a whole URL with a host, of at most 2000 characters",
            Self::Scheme => "must begin with https://",
            Self::Userinfo => "must not contain a user or a password",
            Self::Port => "must use the port 443 or one from 1024 on",
            Self::Address => "must name a host on the public internet",
            Self::Redirect => "must not lead to another address",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why())
    }
}

impl std::error::Error for Rule {}

/// Whether and how the addresses of a URL may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Encrypted, to the public internet and the operator's exceptions.
    Secure,
    /// In the clear, to the operator's exceptions alone.
    Excepted,
}

impl Reach {
    pub(super) fn of(url: &Url) -> Self {
        if url.scheme() == "http" { Self::Excepted } else { Self::Secure }
    }

    pub(super) fn admits(self, allow: &[IpNet], address: IpAddr) -> bool {
        is_in(allow, address) || (self == Self::Secure && is_public(address))
    }
}

/// Reads a URL and proves what can be known of it without asking anybody. The parser of the WHATWG brings an address to one form,
/// whatever it was spelt like (`0x7f.1`, `2130706433`, `0177.0.0.1`).
pub(super) fn check(text: &str, allow: &[IpNet]) -> Result<Url, Rule> {
    if text.len() > LONGEST {
        return Err(Rule::Url);
    }
    let url = Url::parse(text).map_err(|_| Rule::Url)?;
    check_parsed(&url, allow)?;
    Ok(url)
}

/// The same for a URL that was read already.
pub(super) fn check_parsed(url: &Url, allow: &[IpNet]) -> Result<(), Rule> {
    let usual_port = match url.scheme() {
        "https" => 443,
        "http" if !allow.is_empty() => 80,
        _ => return Err(Rule::Scheme),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Rule::Userinfo);
    }
    let port = url.port().unwrap_or(usual_port);
    if port != usual_port && port < FIRST_FREE_PORT {
        return Err(Rule::Port);
    }
    let literal = match url.host().ok_or(Rule::Url)? {
        Host::Domain(_) => return Ok(()),
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
    };
    if Reach::of(url).admits(allow, literal) { Ok(()) } else { Err(Rule::Address) }
}

/// The address that `host` is, in whatever spelling; none where it is a name.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    match Host::parse(host).ok()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str, allow: &[&str]) -> Option<Rule> {
        let allow: Vec<IpNet> = allow.iter().map(|net| net.parse().unwrap()).collect();
        check(text, &allow).err()
    }

    #[test]
    fn what_can_be_known_of_a_url_is_proven_before_anybody_is_asked() {
        for fine in [
            "https://hooks.example.com/in?x=1",
            "https://hooks.example.com:8443/",
            "https://hooks.example.com:443/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "HTTPS://EXAMPLE.com",
            "https://bücher.example/",
        ] {
            assert_eq!(refusal(fine, &[]), None, "{fine}");
        }
        for (url, rule) in [
            ("", Rule::Url),
            ("hooks.example.com", Rule::Url),
            ("https://", Rule::Url),
            ("/path", Rule::Url),
            ("https://exa mple.com/", Rule::Url),
            ("https://[fe80::1%25eth0]/", Rule::Url),
            ("http://hooks.example.com/", Rule::Scheme),
            ("ftp://example.com/", Rule::Scheme),
            ("file:///etc/passwd", Rule::Scheme),
            ("gopher://example.com/", Rule::Scheme),
            ("data:text/plain,x", Rule::Scheme),
            ("javascript:alert(1)", Rule::Scheme),
            ("https://me@example.com/", Rule::Userinfo),
            ("https://:secret@example.com/", Rule::Userinfo),
            ("https://example.com:80/", Rule::Port),
            ("https://example.com:22/", Rule::Port),
            ("https://example.com:25/", Rule::Port),
            ("https://example.com:0/", Rule::Port),
            ("https://example.com:1023/", Rule::Port),
        ] {
            assert_eq!(refusal(url, &[]), Some(rule), "{url}");
        }
        assert_eq!(refusal(&format!("https://example.com/{}", "x".repeat(2000)), &[]), Some(Rule::Url));
    }

    #[test]
    fn an_address_is_recognised_however_it_is_spelt() {
        for spelt in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "10.0.0.1",
            "192.168.1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::7f00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "%31%32%37.0.0.1",
            "127.0.0.1.",
            "１２７.0.0.1",
            "①②⑦.0.0.1",
        ] {
            assert_eq!(refusal(&format!("https://{spelt}/"), &[]), Some(Rule::Address), "{spelt}");
        }
    }

    #[test]
    fn into_the_operators_networks_http_goes_too_and_nowhere_else() {
        let own = &["10.1.0.0/16", "fd12::/32"];
        for fine in [
            "http://10.1.2.3/",
            "http://10.1.2.3:8080/",
            "https://10.1.2.3/",
            "http://[fd12::5]/",
            "http://erp.internal/",
        ] {
            assert_eq!(refusal(fine, own), None, "{fine}");
        }
        for (url, rule) in [
            ("http://10.2.0.1/", Rule::Address),
            ("https://10.2.0.1/", Rule::Address),
            ("http://8.8.8.8/", Rule::Address),
            ("http://10.1.2.3:25/", Rule::Port),
            ("http://me@10.1.2.3/", Rule::Userinfo),
        ] {
            assert_eq!(refusal(url, own), Some(rule), "{url}");
        }
    }
}
