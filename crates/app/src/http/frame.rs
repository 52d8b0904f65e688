//! What surrounds every request: its id, its measure, the security headers.

use std::any::Any;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use platform::Platform;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id (the caller's, when it is a plain word), measures it, and adds the security headers.
pub(super) async fn surround(State(platform): State<Platform>, mut request: Request, next: Next) -> Response {
    let given = request.headers().get(&REQUEST_ID).filter(|id| is_plain(id)).cloned();
    let id = given.unwrap_or_else(|| {
        let id = kernel::EventId::generate(platform.now()).to_string();
        HeaderValue::from_str(&id).expect("a UUID is a valid header")
    });
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let method = request.method().as_str().to_owned();
    let path = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let clock = Instant::now();
    let mut response = next.run(request).await;
    let labels = [("method", method), ("route", path), ("status", response.status().as_u16().to_string())];
    metrics::counter!("comptoir_http_requests_total", &labels).increment(1);
    metrics::histogram!("comptoir_http_request_seconds", &labels[..2]).record(clock.elapsed().as_secs_f64());
    response.headers_mut().insert(REQUEST_ID, id);
    secure(&mut response);
    response
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

/// A handler that panicked: logged here, answered as a problem by the layer around.
#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer calls")]
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> axum::http::Response<Body> {
    let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = message.unwrap_or("unknown"), "a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
