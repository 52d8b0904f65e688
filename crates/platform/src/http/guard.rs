//! Who may use a route, proven before its handler runs.

use std::fmt;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::CookieJar;

use super::{header, problem::request_id};
use crate::idempotency::{self, Claim};
use crate::{Error, Permission, Platform, Result, identity};

/// The session cookie: `__Host-` binds it to this host, to HTTPS and to the root path.
pub const SESSION_COOKIE: &str = "__Host-comptoir";

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
}

impl Guard {
    const fn new(access: Access, breadth: Breadth, failure: FailurePolicy) -> Self {
        Self { access, breadth, failure, secrecy: Secrecy::Open }
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
}

#[derive(Clone)]
pub(super) struct Mounted {
    pub(super) platform: Platform,
    pub(super) guard: Guard,
}

/// The middleware in front of every route.
pub(super) async fn enforce(State(mounted): State<Mounted>, request: Request, next: Next) -> Response {
    let mut response = match admit(&mounted, request).await {
        Ok(Admitted::Plain(request)) => next.run(request).await,
        Ok(Admitted::Keyed(request, claim)) => idempotency::answer(&mounted.platform, claim, request, next).await,
        Err(error) => error.into_response(),
    };
    if mounted.guard.secrecy == Secrecy::Confidential {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

enum Admitted {
    Plain(Request),
    Keyed(Request, Claim),
}

async fn admit(mounted: &Mounted, mut request: Request) -> Result<Admitted> {
    let platform = &mounted.platform;
    let permission = match mounted.guard.access {
        Access::Public => return Ok(Admitted::Plain(request)),
        Access::MetricsToken => {
            check_metrics_token(platform, request.headers())?;
            return Ok(Admitted::Plain(request));
        }
        Access::SignedIn => None,
        Access::Permission(permission) => Some(permission),
    };
    let token = session_token(request.headers(), request.method())?;
    let wanted = header(request.headers(), "x-entity-scope").map(str::to_owned);
    let mut ctx = identity::authenticate(platform, &token, wanted.as_deref(), &request_id(&request)).await?;
    if let Some(permission) = permission {
        ctx.require(permission)?;
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
