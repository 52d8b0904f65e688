//! Asking DNS.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::str::FromStr as _;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::model::{Dmarc, Records, SendingDomain, is_dmarc};
use super::spf;
use crate::{Error, Result};

/// A server answers within this time (spec/field.md 6.4)…
const LIMIT: Duration = Duration::from_secs(5);
/// … or is asked so many times more.
const RETRIES: usize = 2;

/// What was found, or why nothing was told.
pub(super) type Answer<T> = std::result::Result<T, String>;

/// Whom to ask about names.
pub struct Resolver(TokioResolver);

impl Resolver {
    /// Asks `servers`, or those of the system when none is named.
    ///
    /// Internal when the system's own cannot be read.
    pub fn over(servers: &[SocketAddr]) -> Result<Self> {
        let failed = |error| Error::internal("reading which DNS servers to ask", error);
        let mut builder = if servers.is_empty() {
            TokioResolver::builder_tokio().map_err(failed)?
        } else {
            let config = ResolverConfig::from_parts(None, Vec::new(), servers.iter().map(server).collect());
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let options = builder.options_mut();
        (options.timeout, options.attempts, options.cache_size) = (LIMIT, RETRIES, 0);
        Ok(Self(builder.build().map_err(failed)?))
    }

    /// All that DNS says about mail from `domain`.
    ///
    /// The reason when no server answers.
    pub(super) async fn records(&self, domain: &str, known: &SendingDomain) -> Answer<Records> {
        let mut dkim = Vec::new();
        for selector in &known.dkim_selectors {
            dkim.push(self.texts(&format!("{selector}._domainkey.{domain}")).await?);
        }
        Ok(Records { spf: self.spf(domain).await?, dkim, dmarc: self.dmarc(domain).await? })
    }

    /// The texts at `domain` and wherever its SPF record leads, as far as a receiver would go.
    async fn spf(&self, domain: &str) -> Answer<BTreeMap<String, Vec<String>>> {
        let mut found = BTreeMap::new();
        let mut wanted = vec![domain.to_ascii_lowercase()];
        while let Some(name) = wanted.pop() {
            if found.contains_key(&name) || found.len() > spf::MOST_LOOKUPS {
                continue;
            }
            let texts = self.texts(&name).await?;
            wanted.extend(spf::leads_to(&texts));
            found.insert(name, texts);
        }
        Ok(found)
    }

    /// The record of the domain, or of the next parent that has one, short of the top (RFC 9989 §4.10: no list of public suffixes
    /// is needed to find it).
    async fn dmarc(&self, domain: &str) -> Answer<Dmarc> {
        let mut at = domain;
        while at.contains('.') {
            let texts = self.texts(&format!("_dmarc.{at}")).await?;
            if texts.iter().any(|text| is_dmarc(text)) {
                return Ok(Dmarc { texts, is_inherited: at != domain });
            }
            at = at.split_once('.').map_or("", |(_, parent)| parent);
        }
        Ok(Dmarc::default())
    }

    /// The text records of a name, the pieces of each put together (RFC 7208 §3.3). None of them when there is no such name.
    async fn texts(&self, name: &str) -> Answer<Vec<String>> {
        // A name that there cannot be has no records.
        let Ok(mut absolute) = Name::from_str(name) else { return Ok(Vec::new()) };
        absolute.set_fqdn(true);
        let lookup = match self.0.lookup(absolute, RecordType::TXT).await {
            Ok(lookup) => lookup,
            Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
            Err(error) => return Err(format!("DNS did not tell of {name}: {error}.")),
        };
        let text = |data: &RData| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(lookup.answers().iter().filter_map(|record| text(&record.data)).collect())
    }
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = address.port();
    }
    NameServerConfig::new(address.ip(), true, connections)
}

/// Whether there can be such a name, a selector or a domain.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace) && Name::from_str(text).is_ok()
}
