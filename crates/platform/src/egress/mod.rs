//! Outgoing HTTP that cannot be turned against us: the only way to make a request. What it knows of addresses also guards the mail
//! servers of tenants.
//!
//! Invariants: https only, to the public internet only, save for the networks that the operator excepts (`egress_allow`), which are
//! reached by http too; a name is looked up once, every address of it is checked and the connection goes to one of these; proxies of
//! the environment are not used; no redirect is followed unless the caller says so, and then to the same host only; time and size are
//! limited whatever the other side does. Answers are not unpacked: what is large is large on the wire.
//!
//! Failure policy: fail-closed. What cannot be proven allowed is not connected to.

mod address;
mod resolve;
mod target;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, Method, StatusCode};
use ipnet::IpNet;
use reqwest::{Client, Response};
use tracing::Instrument as _;
use url::Url;

pub use address::{is_in, is_public};
pub use resolve::{LookingUp, Lookup, SystemLookup};
use target::Reach;
pub use target::Rule;

use crate::signal::{Outcome, Signals};
use crate::{Error, Result, trace};

/// How long looking up, connecting and shaking hands may take (spec/desk.md D-23).
const CONNECT: Duration = Duration::from_secs(10);

/// The largest answer that anybody may ask to be kept: 25 MB (spec/desk.md D-23).
const MOST: usize = 25_000_000;

/// A request that is to leave the house.
pub struct Outgoing {
    /// What it is for, in metrics: one of a few fixed words.
    pub purpose: &'static str,
    /// The method.
    pub method: Method,
    /// Where to, as it was written; every rule is applied when it is sent.
    pub url: String,
    /// What it says besides `Host`, `User-Agent` and the length.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// How long all of it may take, from the look-up to the last byte of the answer.
    pub limit: Duration,
    /// What is read of the answer.
    pub keep: Keep,
    /// Which redirects are followed.
    pub redirects: Redirects,
}

/// What is read of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// So many bytes of it; what follows is left unread.
    First(usize),
    /// All of it; one of more bytes, or of more than 25 MB, is refused.
    All(usize),
}

/// Which redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// None: the redirect is the answer.
    None,
    /// So many of a GET, to the same scheme, host and port; each is checked like the first address.
    SameHost(u8),
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// What was kept of the body.
    pub body: Bytes,
}

/// Why no answer came back. Nothing in it tells an address of our own network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// A rule forbids it; nothing was sent.
    #[error("The address {0}.")]
    Refused(Rule),
    /// Nobody answers there, or not with a certificate that can be trusted.
    #[error("The other side cannot be reached.")]
    Unreachable,
    /// It took too long.
    #[error("The other side took too long.")]
    TimedOut,
    /// The answer is larger than what is wanted.
    #[error("The answer is too large.")]
    TooLarge,
    /// The connection broke, or what came is not HTTP.
    #[error("The answer cannot be read.")]
    Broken,
    /// The client could not be set up.
    #[error("Outgoing requests are not possible on this installation.")]
    NotReady,
}

impl EgressError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused(_) => "egress_refused",
            Self::Unreachable => "egress_unreachable",
            Self::TimedOut => "egress_timed_out",
            Self::TooLarge => "egress_too_large",
            Self::Broken => "egress_broken",
            Self::NotReady => "egress_not_ready",
        }
    }
}

impl From<EgressError> for Error {
    fn from(error: EgressError) -> Self {
        let refusal = Self::refused(error.code(), error.to_string());
        match error {
            EgressError::Refused(rule) => refusal.with_field("rule", rule.code()),
            _ => refusal,
        }
    }
}

/// The way out.
pub struct Egress {
    allow: Arc<[IpNet]>,
    lookup: Arc<dyn Lookup>,
    clients: OnceLock<Option<Clients>>,
    signals: Arc<Signals>,
}

struct Clients {
    secure: Client,
    excepted: Client,
}

impl Egress {
    /// A way out to the public internet and to the networks `allow`; names are looked up by `lookup`.
    pub fn new(allow: &[IpNet], lookup: Arc<dyn Lookup>) -> Self {
        Self { allow: allow.into(), lookup, clients: OnceLock::new(), signals: Arc::default() }
    }

    /// The same with its requests measured there.
    #[must_use]
    pub fn measured(self, signals: Arc<Signals>) -> Self {
        Self { signals, ..self }
    }

    /// Proves what can be known of a URL without asking anybody: for a URL that somebody types in. Whether its host may be reached shows
    /// when it is.
    ///
    /// The rule that forbids it.
    pub fn check_url(&self, text: &str) -> Result<Url, Rule> {
        target::check(text, &self.allow)
    }

    /// Proves what can be known of a host without asking anybody: the rule that forbids it, where it is an address.
    pub fn check_host(&self, host: &str) -> Result<(), Rule> {
        match target::literal(host) {
            Some(address) if !Reach::Secure.admits(&self.allow, address) => Err(Rule::Address),
            _ => Ok(()),
        }
    }

    /// The addresses of a host that somebody else than the operator named for another protocol than HTTP, such as a tenant's mail
    /// server: looked up once and each checked. Connect to these, and look nothing up again.
    ///
    /// Refused when one of them may not be reached, or there is none; timed out after ten seconds.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, EgressError> {
        if let Some(address) = target::literal(host) {
            return self.check_host(host).map(|()| vec![address]).map_err(EgressError::Refused);
        }
        let looking = resolve::admitted(Reach::Secure, &self.allow, &*self.lookup, host);
        let found = tokio::time::timeout(CONNECT, looking).await.map_err(|_| EgressError::TimedOut)?;
        found.map_err(EgressError::Refused)
    }

    /// Makes the request.
    ///
    /// Refused when a rule forbids it; otherwise why there is no whole answer. A status of failure is an answer.
    pub async fn send(&self, mut request: Outgoing) -> Result<Reply, EgressError> {
        let purpose = request.purpose;
        let span =
            tracing::debug_span!("call", otel.name = purpose, otel.kind = "client", outcome = tracing::field::Empty);
        span.in_scope(|| trace::tell(&mut request.headers));
        let clock = Instant::now();
        let limit = request.limit;
        let mut network = "none";
        let done = tokio::time::timeout(limit, self.exchange(request, &mut network).instrument(span.clone())).await;
        let result = done.unwrap_or(Err(EgressError::TimedOut));
        let outcome = match &result {
            Ok(reply) => class(reply.status),
            Err(error) => error.code(),
        };
        metrics::counter!("comptoir_egress_requests_total", "purpose" => purpose, "network" => network, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("comptoir_egress_seconds", "purpose" => purpose, "network" => network)
            .record(clock.elapsed().as_secs_f64());
        span.record("outcome", outcome);
        let outcome = result.as_ref().map_or(Outcome::Failed, |reply| Outcome::of_status(reply.status.as_u16()));
        self.signals.service(purpose, outcome, clock.elapsed());
        result
    }

    async fn exchange(&self, request: Outgoing, network: &mut &'static str) -> Result<Reply, EgressError> {
        let mut url = self.check_url(&request.url).map_err(EgressError::Refused)?;
        let mut hops = match request.redirects {
            Redirects::SameHost(hops) if request.method == Method::GET => hops,
            Redirects::SameHost(_) | Redirects::None => 0,
        };
        loop {
            let sending = self.client(Reach::of(&url))?.request(request.method.clone(), url.clone());
            let sending = sending.headers(request.headers.clone()).body(request.body.clone());
            let response = sending.send().await.map_err(read_failure)?;
            *network = self.network(&response);
            let Some(next) = redirected(&response, &url).filter(|_| request.redirects != Redirects::None) else {
                return read(response, request.keep).await;
            };
            target::check_parsed(&next, &self.allow).map_err(EgressError::Refused)?;
            if hops == 0 || next.origin() != url.origin() {
                return Err(EgressError::Refused(Rule::Redirect));
            }
            hops -= 1;
            url = next;
        }
    }

    fn network(&self, response: &Response) -> &'static str {
        let is_own = response.remote_addr().is_some_and(|peer| is_in(&self.allow, peer.ip()));
        if is_own { "excepted" } else { "public" }
    }

    fn client(&self, reach: Reach) -> Result<&Client, EgressError> {
        let clients = self.clients.get_or_init(|| {
            let build =
                |reach| self.build(reach).inspect_err(|error| tracing::error!(%error, "no outgoing requests")).ok();
            Some(Clients { secure: build(Reach::Secure)?, excepted: build(Reach::Excepted)? })
        });
        let clients = clients.as_ref().ok_or(EgressError::NotReady)?;
        Ok(match reach {
            Reach::Secure => &clients.secure,
            Reach::Excepted => &clients.excepted,
        })
    }

    fn build(&self, reach: Reach) -> Result<Client, Box<dyn std::error::Error>> {
        let resolver = resolve::Guarded { reach, allow: Arc::clone(&self.allow), lookup: Arc::clone(&self.lookup) };
        let client = Client::builder()
            .tls_backend_preconfigured(trust()?)
            .https_only(reach == Reach::Secure)
            .dns_resolver(resolver)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(2)
            .pool_idle_timeout(Duration::from_secs(30))
            .http2_max_header_list_size(64 << 10)
            .user_agent(concat!("Comptoir/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(client)
    }
}

/// A client for the one place that the operator names for traces, and for nothing else: like the mail server and the store of backups it
/// may stand anywhere, for who sets it owns the machine. It follows no redirect and uses no proxy.
pub fn collector(limit: Duration) -> Result<Client, Box<dyn std::error::Error>> {
    let client =
        Client::builder().tls_backend_preconfigured(trust()?).no_proxy().redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(limit).build()?)
}

/// A configuration of TLS that trusts the authorities of the web and those that the machine knows, such as the operator's own.
fn trust() -> Result<rustls::ClientConfig, rustls::Error> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let native = rustls_native_certs::load_native_certs();
    for error in native.errors {
        tracing::debug!(%error, "certificates of the machine that cannot be read");
    }
    roots.add_parsable_certificates(native.certs);
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500..600 => "5xx",
        _ => "other",
    }
}

/// Where an answer sends us; nowhere when it is no redirect.
fn redirected(response: &Response, from: &Url) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    from.join(response.headers().get(LOCATION)?.to_str().ok()?).ok()
}

async fn read(mut response: Response, keep: Keep) -> Result<Reply, EgressError> {
    let most = match keep {
        Keep::First(most) | Keep::All(most) => most.min(MOST),
    };
    let said = response.content_length().is_some_and(|length| length > most as u64);
    if said && matches!(keep, Keep::All(_)) {
        return Err(EgressError::TooLarge);
    }
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(read_failure)? {
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        match keep {
            Keep::All(_) if chunk.len() > room => return Err(EgressError::TooLarge),
            Keep::First(_) if body.len() == most => break,
            Keep::All(_) | Keep::First(_) => {}
        }
    }
    Ok(Reply { status, headers, body: body.into() })
}

/// What a failure of the client means. Its own words may name an address: they are for the operator's log alone, and the URL, which
/// may hold a secret, not even for that.
fn read_failure(error: reqwest::Error) -> EgressError {
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(rule) = inner.downcast_ref::<Rule>() {
            return EgressError::Refused(*rule);
        }
        cause = inner.source();
    }
    tracing::info!(error = ?error, "an outgoing request failed");
    if error.is_timeout() {
        EgressError::TimedOut
    } else if error.is_connect() {
        EgressError::Unreachable
    } else {
        EgressError::Broken
    }
}
