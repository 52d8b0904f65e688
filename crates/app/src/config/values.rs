//! The types of settings.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;
use tracing_subscriber::EnvFilter;

/// Where a database is and as whom to connect. Its `Debug` leaves the password out.
#[derive(Clone)]
pub struct DatabaseUrl(PgConnectOptions);

impl DatabaseUrl {
    /// How to connect.
    pub fn options(&self) -> PgConnectOptions {
        self.0.clone()
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// The refusal does not repeat the text, which may hold a password.
    fn from_str(text: &str) -> Result<Self, String> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err("it must read postgres://user:password@host:port/database".to_owned());
        }
        text.parse().map(Self).map_err(|_| "it is not a valid PostgreSQL URL".to_owned())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.0.get_host(), self.0.get_port());
        write!(f, "postgres://{}@{host}:{port}/{}", self.0.get_username(), self.0.get_database().unwrap_or_default())
    }
}

/// Where replicas of the database are, separated by commas. Their `Debug` leaves passwords out.
#[derive(Clone, Debug, Default)]
pub struct ReplicaUrls(Vec<DatabaseUrl>);

impl ReplicaUrls {
    /// How to connect to each.
    pub fn options(&self) -> impl Iterator<Item = PgConnectOptions> {
        self.0.iter().map(DatabaseUrl::options)
    }
}

impl FromStr for ReplicaUrls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let urls = text.split(',').map(str::trim).filter(|url| !url.is_empty());
        urls.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// An address by HTTP, without a slash at its end: of the installation for browsers, or of a collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The URL's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim_end_matches('/');
        let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains([' ', '?', '#', '@']) => Ok(Self(trimmed.to_owned())),
            _ => Err(format!("`{text}` must read https://host or http://host, with a path at most")),
        }
    }
}

/// The URL of a mail server, with its password. Its `Debug` leaves all of it out.
#[derive(Clone, Debug)]
pub struct SmtpUrl(SecretString);

impl SmtpUrl {
    /// The URL's text.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for SmtpUrl {
    type Err = String;

    /// The refusal does not repeat the text, which may hold a password.
    fn from_str(text: &str) -> Result<Self, String> {
        platform::mail::check_url(text).map_err(|refusal| refusal.to_string().trim_end_matches('.').to_owned())?;
        Ok(Self(text.into()))
    }
}

/// Which log records are written: levels, for everything or by module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match EnvFilter::try_new(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(format!("`{text}` must be a level, or levels by module such as info,leads=debug")),
        }
    }
}

/// A part of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio(f64);

impl Ratio {
    /// The part.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Ratio {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(part) if (0.0..=1.0).contains(&part) => Ok(Self(part)),
            _ => Err(format!("`{text}` must be a number from 0 to 1")),
        }
    }
}

/// How log records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Lines for people.
    Text,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err(format!("`{text}` is neither json nor text")),
        }
    }
}

/// An address or a network, such as `10.0.0.0/8`.
pub(super) fn parse_dns_server(text: &str) -> Result<SocketAddr, String> {
    text.parse::<SocketAddr>()
        .or_else(|_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)))
        .map_err(|_| format!("`{text}` is neither an address nor one with a port such as 9.9.9.9:53"))
}

pub(super) fn parse_net(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| format!("`{text}` is neither an address nor a network such as 10.0.0.0/8"))
}
