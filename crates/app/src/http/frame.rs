//! What surrounds every request: its id, its measure, the security headers.

use std::any::Any;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use platform::{Platform, trace};
use tracing::Instrument as _;
use tracing::field::Empty;

use super::Probe;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id (the caller's, when it is a plain word), measures it, and adds the security headers.
pub(super) async fn surround(State(platform): State<Platform>, mut request: Request, next: Next) -> Response {
    let given = request.headers().get(&REQUEST_ID).filter(|id| is_plain(id)).cloned();
    let id = given.unwrap_or_else(|| {
        let id = kernel::EventId::generate(platform.now()).to_string();
        HeaderValue::from_str(&id).expect("a UUID is a valid header")
    });
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let method = word(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let route = path.as_ref().map_or("unmatched", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        request_id = id.to_str().unwrap_or_default(),
        http.response.status_code = Empty
    );
    trace::adopt(&span, platform::http::header(request.headers(), trace::TRACEPARENT.as_str()));
    let is_traffic = request.extensions().get::<Probe>().is_none();
    let clock = Instant::now();
    let under_way = platform.signals().load().request();
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(under_way);
    let status = response.status();
    if is_traffic {
        platform.signals().request(method, route, status.as_u16(), clock.elapsed());
    }
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response.headers_mut().insert(REQUEST_ID, id);
    secure(&mut response);
    response
}

/// The method as a word of ours: a caller may make up any.
fn word(method: &Method) -> &'static str {
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS]
        .iter()
        .zip(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
        .find_map(|(known, word)| (known == method).then_some(word))
        .unwrap_or("OTHER")
}

fn is_plain(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=64).contains(&bytes.len()) && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

fn secure(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ));
    headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// A handler that panicked: logged where it did (`telemetry::log_panics`), answered as a problem by the layer around.
pub(super) fn panicked(_panic: Box<dyn Any + Send + 'static>) -> axum::http::Response<Body> {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
