//! The public edge: which tenant a caller without a session means, and from which origins browsers may post.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header as name};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kernel::TenantId;
use platform::http::header;
use platform::{Actor, Ctx, Error, Kind, Platform, Result};
use serde::Deserialize;

use super::batcher::Batcher;
use crate::settings::model::FormsConfig;

/// Bodies on the public edge are read up to here (spec 6.1).
pub const BODY_LIMIT: usize = 64 * 1024;

/// How long the edge remembers a tenant or its origins before it asks again.
const REMEMBER: Duration = Duration::from_secs(2);

/// Which tenant a public request is for, when the service has several.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TenantQuery {
    /// The tenant's slug; the default tenant when it is missing.
    pub tenant: Option<String>,
}

/// What a supplier's key was last seen to open; the key itself is checked again with every lead.
#[derive(Clone, Copy, Debug)]
pub struct KeyHint {
    /// The key's tenant.
    pub tenant: TenantId,
    /// Leads a minute it may send.
    pub rate_per_minute: u32,
}

type Remembered<K, V> = Mutex<HashMap<K, (Instant, V)>>;

/// The state of the public edge in this instance.
#[derive(Default)]
pub struct Edge {
    /// The queues of intake.
    pub batcher: Batcher,
    tenants: Remembered<Option<String>, Ctx>,
    keys: Remembered<Vec<u8>, KeyHint>,
    origins: Remembered<TenantId, Arc<BTreeSet<String>>>,
}

impl Edge {
    /// The context of the tenant named by the query, or of the default tenant.
    ///
    /// Not found when there is none.
    pub async fn tenant(&self, platform: &Platform, query: &TenantQuery, headers: &HeaderMap) -> Result<Ctx> {
        let slug = query.tenant.clone().filter(|slug| !slug.is_empty());
        if let Some(ctx) = recall(&self.tenants, &slug) {
            return Ok(ctx);
        }
        let request_id = header(headers, "x-request-id").unwrap_or_default();
        let ctx = platform.act_in_named(slug.as_deref(), Actor::System("intake"), request_id).await?;
        remember(&self.tenants, slug, ctx.clone());
        Ok(ctx)
    }

    /// What the key with this hash opens; `None` when it opens nothing.
    pub async fn key_hint(&self, platform: &Platform, hash: &[u8], secret: &str) -> Result<Option<KeyHint>> {
        if let Some(hint) = recall(&self.keys, &hash.to_vec()) {
            return Ok(Some(hint));
        }
        let Some(owner) = platform::identity::keys::owner_of(platform, secret).await? else { return Ok(None) };
        if owner.kind != "provider" {
            return Ok(None);
        }
        let ctx = platform.act_in(owner.tenant_id, Actor::System("intake"), "").await?;
        let mut tx = ctx.read().await?;
        let rate = super::store::find_provider_rate(&mut tx, owner.subject_id).await?;
        drop(tx);
        let Some(rate_per_minute) = rate else { return Ok(None) };
        let hint = KeyHint { tenant: owner.tenant_id, rate_per_minute };
        remember(&self.keys, hash.to_vec(), hint);
        Ok(Some(hint))
    }

    /// The origins from which any form of the tenant may be posted.
    async fn origins(&self, ctx: &Ctx) -> Result<Arc<BTreeSet<String>>> {
        let tenant = ctx.tenant().id;
        if let Some(origins) = recall(&self.origins, &tenant) {
            return Ok(origins);
        }
        let forms = ctx.setting::<FormsConfig>().await?.forms;
        let origins = Arc::new(forms.into_values().flat_map(|form| form.allowed_origins).collect());
        remember(&self.origins, tenant, Arc::clone(&origins));
        Ok(origins)
    }
}

fn recall<K: std::hash::Hash + Eq, V: Clone>(memory: &Remembered<K, V>, key: &K) -> Option<V> {
    let memory = memory.lock().expect("no one panics while remembering");
    memory.get(key).filter(|(since, _)| since.elapsed() < REMEMBER).map(|(_, value)| value.clone())
}

/// Keys come from callers: what is forgotten is dropped before the memory grows.
fn remember<K: std::hash::Hash + Eq, V>(memory: &Remembered<K, V>, key: K, value: V) {
    let mut memory = memory.lock().expect("no one panics while remembering");
    if memory.len() >= 1024 {
        memory.retain(|_, (since, _)| since.elapsed() < REMEMBER);
    }
    memory.insert(key, (Instant::now(), value));
}

/// Whether a browser's `Origin` is this service's own.
pub fn is_own_origin(headers: &HeaderMap, origin: &str) -> bool {
    let host = header(headers, "host").unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, rest)| rest == host)
}

/// Cross-origin rules of the public routes: browsers may post from our own pages and from the origins that a form of
/// the tenant lists (L-49).
pub async fn cors(State((platform, edge)): State<(Platform, Arc<Edge>)>, request: Request, next: Next) -> Response {
    let origin = header(request.headers(), "origin").map(str::to_owned);
    let Some(origin) = origin.filter(|_| request.uri().path().starts_with("/api/public/")) else {
        return next.run(request).await;
    };
    let allowed = match is_allowed(&platform, &edge, request.uri().clone(), request.headers().clone(), &origin).await {
        Ok(allowed) => allowed,
        // A tenant that does not exist allows nothing; the route itself says what is wrong.
        Err(error) if error.kind() == Kind::NotFound => false,
        Err(error) => return error.into_response(),
    };
    if request.method() == Method::OPTIONS {
        let refused =
            || Error::forbidden("origin_not_allowed", "This origin is not on the form's list.").into_response();
        return if allowed { allow(StatusCode::NO_CONTENT.into_response(), &origin) } else { refused() };
    }
    let response = next.run(request).await;
    if allowed { allow(response, &origin) } else { response }
}

async fn is_allowed(platform: &Platform, edge: &Edge, uri: Uri, headers: HeaderMap, origin: &str) -> Result<bool> {
    if is_own_origin(&headers, origin) {
        return Ok(true);
    }
    let query = axum::extract::Query::<TenantQuery>::try_from_uri(&uri).map(|query| query.0).unwrap_or_default();
    let ctx = edge.tenant(platform, &query, &headers).await?;
    Ok(edge.origins(&ctx).await?.contains(origin))
}

fn allow(mut response: Response, origin: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(name::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.insert(name::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(name::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type, idempotency-key"));
    headers.insert(name::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
    headers.append(name::VARY, HeaderValue::from_static("Origin"));
    response
}
