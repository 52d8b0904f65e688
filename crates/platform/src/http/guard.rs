//! Who may use a route, proven before its handler runs.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::CookieJar;
use kernel::UserId;

use super::{ClientIp, header, problem::request_id};
use crate::error::Kind;
use crate::idempotency::{self, Claim};
use crate::identity::{self, Recognised};
use crate::{Ctx, Error, Permission, Platform, Result, replica};

/// The session cookie: `__Host-` binds it to this host, to HTTPS and to the root path.
pub const SESSION_COOKIE: &str = "__Host-comptoir";

/// Requests a minute and user unless the operator says otherwise: a page of the console asks ten at once.
const REQUESTS_PER_MINUTE: u32 = 600;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Every member.
    SignedIn,
    /// Members who hold the permission.
    Permission(Permission),
    /// The holder of the operator's metrics token.
    MetricsToken,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::SignedIn => f.write_str("signed_in"),
            Self::Permission(permission) => permission.fmt(f),
            Self::MetricsToken => f.write_str("metrics_token"),
        }
    }
}

/// What a route reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// The rows of the entities in scope.
    Entity,
    /// What belongs to the tenant as a whole.
    Tenant,
    /// Nothing of a tenant.
    None,
}

impl Breadth {
    /// The word in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Tenant => "tenant",
            Self::None => "none",
        }
    }
}

/// What a route does when something it needs fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailurePolicy {
    /// It does nothing and says so.
    Closed,
    /// It answers with what it has.
    Open,
}

impl FailurePolicy {
    /// The word in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "fail-closed",
            Self::Open => "fail-open",
        }
    }
}

/// What is kept of a request that came with an `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// The hash of its body and its answer, for the repetition.
    Open,
    /// That it was done, and nothing of its body or answer: they carry a password or a key.
    Confidential,
}

/// A route's guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Who may.
    pub access: Access,
    /// What it reaches.
    pub breadth: Breadth,
    /// What it does when something fails.
    pub failure: FailurePolicy,
    /// What is kept of it.
    pub secrecy: Secrecy,
    /// Whether it is open to who has to choose a new password first.
    pub pending: bool,
}

impl Guard {
    const fn new(access: Access, breadth: Breadth, failure: FailurePolicy) -> Self {
        Self { access, breadth, failure, secrecy: Secrecy::Open, pending: false }
    }

    /// Anyone may; the handler gets no context.
    pub const fn public() -> Self {
        Self::new(Access::Public, Breadth::None, FailurePolicy::Closed)
    }

    /// Every member may.
    pub const fn signed_in() -> Self {
        Self::new(Access::SignedIn, Breadth::Tenant, FailurePolicy::Closed)
    }

    /// Members who hold `permission` may, within their entities.
    pub const fn permit(permission: Permission) -> Self {
        Self::new(Access::Permission(permission), Breadth::Entity, FailurePolicy::Closed)
    }

    /// The operator's monitoring may.
    pub const fn metrics_token() -> Self {
        Self::new(Access::MetricsToken, Breadth::None, FailurePolicy::Open)
    }

    /// It reaches the rows of the entities in scope.
    #[must_use]
    pub const fn scoped(self) -> Self {
        Self { breadth: Breadth::Entity, ..self }
    }

    /// It reaches what belongs to the tenant as a whole.
    #[must_use]
    pub const fn tenant_wide(self) -> Self {
        Self { breadth: Breadth::Tenant, ..self }
    }

    /// It answers with what it has when something fails.
    #[must_use]
    pub const fn fail_open(self) -> Self {
        Self { failure: FailurePolicy::Open, ..self }
    }

    /// It reads or answers a secret: nothing of it is kept, here or in a cache on the way.
    #[must_use]
    pub const fn confidential(self) -> Self {
        Self { secrecy: Secrecy::Confidential, ..self }
    }

    /// It is open to who has to choose a new password first (spec/desk.md D-05).
    #[must_use]
    pub const fn pending(self) -> Self {
        Self { pending: true, ..self }
    }
}

#[derive(Clone)]
pub(super) struct Mounted {
    pub(super) platform: Platform,
    pub(super) guard: Guard,
}

/// The middleware in front of every route.
pub(super) async fn enforce(State(mounted): State<Mounted>, request: Request, next: Next) -> Response {
    let mut left = None;
    let mut response = match admit(&mounted, request, &mut left).await {
        Ok(Admitted::Plain(request)) => answer(request, next).await,
        Ok(Admitted::Keyed(request, claim)) => idempotency::answer(&mounted.platform, claim, request, next).await,
        Err(error) => error.into_response(),
    };
    if let Some(left) = left {
        let per_minute = per_minute(&mounted.platform);
        response.headers_mut().insert("ratelimit-limit", HeaderValue::from(per_minute));
        response.headers_mut().insert("ratelimit-remaining", HeaderValue::from(left));
    }
    if mounted.guard.secrecy == Secrecy::Confidential {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Answers a request. What a replica could not answer, because it fell away or had to clean up what was being read, is asked again on the
/// primary: that there are replicas costs nobody an answer.
async fn answer(request: Request, next: Next) -> Response {
    let ctx = request.extensions().get::<Ctx>().filter(|ctx| ctx.may_read_replicas().is_some()).cloned();
    let (Some(ctx), true) = (ctx, request.body().is_end_stream()) else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let mut again = Request::from_parts(parts.clone(), Body::empty());
    let response = next.clone().run(Request::from_parts(parts, body)).await;
    let failed = response.status().is_server_error() || response.status() == StatusCode::CONFLICT;
    if !failed || !ctx.has_read_replica() {
        return response;
    }
    replica::count_lost();
    again.extensions_mut().insert(ctx.reading_primary());
    next.run(again).await
}

enum Admitted {
    Plain(Request),
    Keyed(Request, Claim),
}

/// Requests that one user, or one address without a session, may make a minute (spec/desk.md D-48).
fn per_minute(platform: &Platform) -> u32 {
    platform.options().requests_per_minute.map_or(REQUESTS_PER_MINUTE, NonZeroU32::get)
}

/// Counts a request of the API; `left` is how many more there may be at once. A user has a rate of his own, wherever he asks from. What
/// changes something without a session has rates of its own, by what it does.
fn count(platform: &Platform, who: &Counted, left: &mut Option<u32>) -> Result<()> {
    *left = Some(0);
    *left = Some(match who {
        Counted::User(id) => platform.limits().count("api-user", &id.to_string(), per_minute(platform))?,
        Counted::Address(ip) => platform.limits().count("api-address", &ip.rate_key(), per_minute(platform))?,
    });
    Ok(())
}

enum Counted {
    User(UserId),
    Address(ClientIp),
}

fn address(platform: &Platform, request: &Request) -> Counted {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    Counted::Address(ClientIp::resolve(peer, request.headers(), &platform.options().trusted_proxies))
}

async fn admit(mounted: &Mounted, mut request: Request, left: &mut Option<u32>) -> Result<Admitted> {
    let platform = &mounted.platform;
    let permission = match mounted.guard.access {
        Access::Public => {
            if request.method().is_safe() && request.uri().path().starts_with("/api/") {
                count(platform, &address(platform, &request), left)?;
            }
            return Ok(Admitted::Plain(request));
        }
        Access::MetricsToken => {
            check_metrics_token(platform, request.headers())?;
            return Ok(Admitted::Plain(request));
        }
        Access::SignedIn => None,
        Access::Permission(permission) => Some(permission),
    };
    let token = session_token(request.headers(), request.method());
    let wanted = header(request.headers(), "x-entity-scope").map(str::to_owned);
    let id = request_id(&request);
    let recognised = match token {
        Ok(token) => identity::authenticate(platform, &token, wanted.as_deref(), &id).await,
        Err(refused) => Err(refused),
    };
    let Recognised { mut ctx, seen, is_pending } = match recognised {
        Ok(recognised) => recognised,
        Err(refused) => {
            count(platform, &address(platform, &request), left)?;
            return Err(refused);
        }
    };
    let user = ctx.user_id().ok_or_else(|| Error::unauthenticated("Sign in first."))?;
    count(platform, &Counted::User(user), left)?;
    if is_pending && !mounted.guard.pending {
        return Err(Error::new(Kind::StepRequired, "must_change_password", "Choose a new password first."));
    }
    if let Some(permission) = permission {
        ctx.require(permission)?;
    }
    if let Some(seen) = seen.filter(|_| request.method().is_safe() && !platform.replicas().are_none()) {
        ctx = ctx.reading_replicas(seen);
    }
    if let Some(versions) = header(request.headers(), "if-match") {
        ctx = ctx.with_if_match(versions);
    }
    let key = header(request.headers(), "idempotency-key").filter(|_| request.method() == Method::POST);
    let Some(key) = key.map(str::to_owned) else {
        request.extensions_mut().insert(ctx);
        return Ok(Admitted::Plain(request));
    };
    let (request, claim) = idempotency::prepare(&ctx, key, request, mounted.guard.secrecy).await?;
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(ctx.with_idempotency(Arc::new(Mutex::new(Some(claim.clone())))));
    Ok(Admitted::Keyed(Request::from_parts(parts, body), claim))
}

/// The token of a bearer header or of the cookie. A cookie is sent by the browser on its own: what changes state by
/// cookie must prove that it comes from our own pages.
pub(crate) fn session_token(headers: &HeaderMap, method: &Method) -> Result<String> {
    if let Some(value) = header(headers, "authorization") {
        let token = value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer "));
        return token.map(|token| token.trim().to_owned()).ok_or_else(|| Error::unauthenticated("Sign in first."));
    }
    let jar = CookieJar::from_headers(headers);
    let Some(cookie) = jar.get(SESSION_COOKIE) else { return Err(Error::unauthenticated("Sign in first.")) };
    if !method.is_safe() && !is_same_origin(headers) {
        return Err(Error::forbidden("cross_origin", "A change by cookie must come from this site's own pages."));
    }
    Ok(cookie.value().to_owned())
}

/// Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`.
fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = header(headers, "sec-fetch-site") {
        return site == "same-origin";
    }
    let host = header(headers, "host").unwrap_or_default();
    header(headers, "origin").and_then(|origin| origin.split_once("://")).is_some_and(|(_, rest)| rest == host)
}

fn check_metrics_token(platform: &Platform, headers: &HeaderMap) -> Result<()> {
    use subtle::ConstantTimeEq as _;
    let Some(expected) = &platform.options().metrics_token else { return Err(Error::not_found("page")) };
    let given = header(headers, "authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if given.as_bytes().ct_eq(expected.as_bytes()).into() {
        return Ok(());
    }
    Err(Error::unauthenticated("Metrics need the operator's token."))
}
