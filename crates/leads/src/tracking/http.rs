//! The tracking routes of the public edge. They answer a beacon in whatever content type it comes.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::CookieJar;
use kernel::VisitorSessionId;
use platform::http::{Api, ClientIp, Guard, Json, Query, header, set_cookie};
use platform::{Ctx, Error, Platform, Result, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa_axum::router::UtoipaMethodRouterExt as _;
use utoipa_axum::routes;

use super::store::{self, Visit};
use crate::intake::edge::{Edge, TenantQuery};
use crate::intake::payload::{Fields, json_fields};

/// Requests a minute and address (spec 6.1).
const RATE: u32 = 30;

/// The visitor's cookie, for a year.
const VISITOR_COOKIE: &str = "_rdz_vid";
const YEAR_S: i64 = 365 * 24 * 3600;

/// The routes of this module.
pub fn routes(api: Api, edge: &Arc<Edge>) -> Api {
    let edge = || Extension(Arc::clone(edge));
    api.route(routes!(open_session).layer(edge()), Guard::public())
        .route(routes!(track_visit).layer(edge()), Guard::public())
        .route(routes!(track_event).layer(edge()), Guard::public())
}

/// What a landing page says when its visitor arrives.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[expect(dead_code, reason = "documents the fields; a beacon is read tolerantly")]
struct OpenSession {
    /// The landing page's code, such as `LP-001`.
    lp_code: Option<String>,
    /// The form's code, such as `PV-001`.
    form_code: Option<String>,
    /// The pair's code, such as `LP-001_PV-001`.
    liaison_code: Option<String>,
    /// The visitor, where the page keeps his id; otherwise the cookie's.
    visitor_id: Option<String>,
    /// The page he came from.
    referrer: Option<String>,
    /// Campaign parameters of the address.
    utm_source: Option<String>,
    /// Campaign parameters of the address.
    utm_medium: Option<String>,
    /// Campaign parameters of the address.
    utm_campaign: Option<String>,
    /// Campaign parameters of the address.
    utm_content: Option<String>,
    /// Campaign parameters of the address.
    utm_term: Option<String>,
    /// Google's click id.
    gclid: Option<String>,
    /// Facebook's click id.
    fbclid: Option<String>,
}

/// A visitor's session.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SessionOpened {
    /// Pass it with every event and with the lead.
    session_id: VisitorSessionId,
    /// The visitor.
    visitor_id: String,
    /// Whether a session of the last half hour goes on.
    reused: bool,
}

/// Opens a visitor's session, or continues the one of the last half hour.
#[utoipa::path(post, path = "/api/public/track/session", tag = "public", params(TenantQuery), request_body = OpenSession, responses((status = 200, body = SessionOpened)))]
async fn open_session(
    State(platform): State<Platform>,
    Extension(edge): Extension<Arc<Edge>>,
    ClientIp(ip): ClientIp,
    Query(query): Query<TenantQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let (ctx, fields) = enter(&platform, &edge, ip, &query, &headers, body).await?;
    let jar = CookieJar::from_headers(&headers);
    let cookie = jar.get(VISITOR_COOKIE).map(|cookie| cookie.value().to_owned());
    let given = Some(text(&fields, "visitor_id")?).filter(|id| !id.is_empty());
    let mut tx = ctx.begin().await?;
    let fresh = || VisitorSessionId::generate(ctx.now()).to_string();
    let visitor_id: String =
        given.or(cookie).map_or_else(fresh, |id| id.chars().filter(char::is_ascii_graphic).take(64).collect());
    let visit = Visit {
        lp_code: text(&fields, "lp_code")?.to_uppercase(),
        form_code: text(&fields, "form_code")?.to_uppercase(),
        liaison_code: text(&fields, "liaison_code")?.to_uppercase(),
        referrer: text(&fields, "referrer")?,
        user_agent: header(&headers, "user-agent").unwrap_or_default().chars().take(500).collect(),
        utm_source: text(&fields, "utm_source")?,
        utm_medium: text(&fields, "utm_medium")?,
        utm_campaign: text(&fields, "utm_campaign")?,
        utm_content: text(&fields, "utm_content")?,
        utm_term: text(&fields, "utm_term")?,
        gclid: text(&fields, "gclid")?,
        fbclid: text(&fields, "fbclid")?,
        ip: ip.to_string(),
        visitor_id: visitor_id.clone(),
    };
    let recent = store::find_recent_session(&mut tx, &visitor_id, &visit.lp_code).await?;
    let session_id = match recent {
        Some(id) => id,
        None => store::insert_session(&mut tx, &visit).await?,
    };
    tx.commit().await?;
    let cookie = set_cookie(VISITOR_COOKIE, &visitor_id, YEAR_S);
    Ok((cookie, Json(SessionOpened { session_id, visitor_id, reused: recent.is_some() })).into_response())
}

/// An event of a visitor's session.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[expect(dead_code, reason = "documents the fields; a beacon is read tolerantly")]
struct TrackEvent {
    /// The session.
    session_id: String,
    /// `cta_click`, `form_start`, or another lower-case word.
    event: Option<String>,
}

/// Whether an event was recorded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Tracked {
    /// It is on record.
    success: bool,
    /// It was on record before: visits, clicks and starts count once a session.
    duplicate: bool,
}

/// Records the visit of a landing page, once a session.
#[utoipa::path(post, path = "/api/public/track/lp-visit", tag = "public", params(TenantQuery), request_body = TrackEvent, responses((status = 200, body = Tracked)))]
async fn track_visit(
    State(platform): State<Platform>,
    Extension(edge): Extension<Arc<Edge>>,
    ClientIp(ip): ClientIp,
    Query(query): Query<TenantQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Tracked>> {
    let (ctx, fields) = enter(&platform, &edge, ip, &query, &headers, body).await?;
    record(ctx.begin().await?, &fields, "lp_visit").await
}

/// Records an event of a session; a click and a form's start count once.
#[utoipa::path(post, path = "/api/public/track/event", tag = "public", params(TenantQuery), request_body = TrackEvent, responses((status = 200, body = Tracked)))]
async fn track_event(
    State(platform): State<Platform>,
    Extension(edge): Extension<Arc<Edge>>,
    ClientIp(ip): ClientIp,
    Query(query): Query<TenantQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Tracked>> {
    let (ctx, fields) = enter(&platform, &edge, ip, &query, &headers, body).await?;
    let event = text(&fields, "event")?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if event.is_empty() || event.len() > 40 || !event.bytes().all(plain) {
        return Err(Error::invalid("event", "must be 1 to 40 lower-case letters, digits or underscores"));
    }
    record(ctx.begin().await?, &fields, &event).await
}

async fn record(mut tx: Tx, fields: &Fields, event: &str) -> Result<Json<Tracked>> {
    let session = text(fields, "session_id")?;
    let session: VisitorSessionId =
        session.parse().map_err(|_| Error::invalid("session_id", "is not a session of this service"))?;
    let visitor = store::find_visitor(&mut tx, session).await?;
    let visitor = visitor.ok_or_else(|| Error::invalid("session_id", "is not a session of this service"))?;
    let details: Value = json!({ "lp_code": text(fields, "lp_code")?, "form_code": text(fields, "form_code")? });
    let is_new = store::insert_event(&mut tx, session, &visitor, event, &details).await?;
    tx.commit().await?;
    Ok(Json(Tracked { success: true, duplicate: !is_new }))
}

/// What every tracking route does first: the rate, the tenant, the origin, the body.
async fn enter(
    platform: &Platform,
    edge: &Edge,
    ip: std::net::IpAddr,
    query: &TenantQuery,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Ctx, Fields)> {
    platform.limits().check("track", &ip.to_string(), RATE)?;
    let ctx = edge.tenant(platform, query, headers).await?;
    let bytes = platform::http::read_body(body, crate::intake::edge::BODY_LIMIT).await?;
    let fields = json_fields(&bytes).map_err(|error| Error::malformed(error.to_string()))?;
    Ok((ctx, Fields(fields)))
}

fn text(fields: &Fields, name: &str) -> Result<String> {
    fields.text(name).map_err(|error| Error::invalid(name, error.to_string()))
}
