//! The console, embedded in the binary: its page for every address that is a screen's, its files for good.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platform::{Error, Result};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "$OUT_DIR/console"]
struct Files;

/// Which sources the console was built from, or nothing when there is none in this binary.
pub const STAMP: Option<&str> = match env!("COMPTOIR_CONSOLE") {
    stamp if stamp.is_empty() => None,
    stamp => Some(stamp),
};

/// Why there is no console in this binary; empty when there is one.
pub const MISSING: &str = env!("COMPTOIR_CONSOLE_MISSING");

/// What the page holds in place of the number that its styles must show.
const NONCE: &str = "__CSP_NONCE__";

/// Addresses of the service that are never a screen.
const NOT_SCREENS: [&str; 4] = ["/api", "/public", "/demo", "/metrics"];

/// Answers whatever no route of the service takes.
pub(super) async fn serve(request: Request) -> Result<Response> {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    let path = uri.path();
    let of_service = NOT_SCREENS.iter().any(|root| path == *root || path.starts_with(&format!("{root}/")));
    if of_service || !(method == Method::GET || method == Method::HEAD) {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    let name = path.trim_start_matches('/');
    if is_file(name) {
        return Ok(file(name, headers).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response()));
    }
    page(uri)
}

/// Screens have no dot in the last part of their address, files have one.
fn is_file(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

fn file(name: &str, headers: &HeaderMap) -> Option<Response> {
    if name == "index.html" || name == "build.json" || name.strip_suffix(".br").is_some() {
        return None;
    }
    let plain = Files::get(name)?;
    let tag = format!("\"{}\"", STANDARD.encode(&plain.metadata.sha256_hash()[..18]));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Some((StatusCode::NOT_MODIFIED, caching(name, &tag)).into_response());
    }
    let mut answer = caching(name, &tag);
    let kind = HeaderValue::from_str(plain.metadata.mimetype()).expect("a media type is plain text");
    answer.insert(header::CONTENT_TYPE, kind);
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let squeezed = Files::get(&format!("{name}.br")).filter(|_| takes_brotli(headers));
    if squeezed.is_some() {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    Some((answer, body(squeezed.unwrap_or(plain))).into_response())
}

/// Names under `assets/` carry a hash of what they hold: they never change.
fn caching(name: &str, tag: &str) -> HeaderMap {
    let policy = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    HeaderMap::from_iter([
        (header::CACHE_CONTROL, HeaderValue::from_static(policy)),
        (header::ETAG, HeaderValue::from_str(tag).expect("base64 is plain text")),
    ])
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some("br") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn body(file: EmbeddedFile) -> Body {
    match file.data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    }
}

fn page(uri: &Uri) -> Result<Response> {
    let Some(page) = Files::get("index.html") else { return Ok(without_console(uri)) };
    let html = std::str::from_utf8(&page.data).map_err(|error| Error::internal("reading the console's page", error))?;
    let nonce = STANDARD.encode(rand::random::<[u8; 18]>());
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; \
         img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).expect("base64 is plain text")),
    ];
    Ok((headers, html.replace(NONCE, &nonce)).into_response())
}

/// The root says that there is no console and what to do; other addresses are not found.
fn without_console(uri: &Uri) -> Response {
    if uri.path() != "/" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let text = format!(
        "Comptoir serves its API here, without its console: when this binary was built, {MISSING}.\n\
         `script/up` builds both. The API, to browse: /api/docs/index.html\n"
    );
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_taken_where_it_is_accepted() {
        for (accepted, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, gzip", true),
            ("gzip", false),
            ("br;q=0, gzip", false),
            ("", false),
            ("brotli", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))]);
            assert_eq!(takes_brotli(&headers), takes, "{accepted}");
        }
    }

    #[test]
    fn a_dot_in_the_last_part_makes_a_file() {
        assert!(is_file("assets/index-abc.js"));
        assert!(is_file("favicon.ico"));
        assert!(!is_file("leads"));
        assert!(!is_file("v1.2/leads"));
        assert!(!is_file(""));
    }
}
