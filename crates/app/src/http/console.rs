//! The console, embedded in the binary: its page for every address that is a screen's, its files for good.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platform::{Error, Result};
use rust_embed::{Embed, EmbeddedFile};
use serde::Deserialize;

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

/// What the build of the console wrote of its pages (`web/build/pages.ts`).
#[derive(Deserialize)]
struct Pages {
    /// The files of each language.
    languages: BTreeMap<String, Vec<String>>,
    /// By the path of its route, in which `$` begins what varies.
    pages: BTreeMap<String, Page>,
}

/// What a page loads before it is drawn: its files, what it asks the service, and the files of its own words by language.
#[derive(Deserialize)]
struct Page {
    now: Vec<String>,
    asks: Vec<String>,
    words: BTreeMap<String, Vec<String>>,
}

/// Without it every page is served all the same, and only slower to be drawn.
static PAGES: LazyLock<Option<Pages>> = LazyLock::new(|| {
    let read = serde_json::from_slice(&Files::get("pages.json")?.data);
    read.inspect_err(
        |error| tracing::error!(%error, "the console's pages.json cannot be read: nothing is fetched ahead"),
    )
    .ok()
});

/// Spoken to whoever wants no language that there is.
const LANGUAGE: &str = "fr";

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
    page(uri, headers)
}

/// Screens have no dot in the last part of their address, files have one.
fn is_file(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

fn file(name: &str, headers: &HeaderMap) -> Option<Response> {
    if matches!(name, "index.html" | "build.json" | "pages.json") || name.strip_suffix(".br").is_some() {
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

fn page(uri: &Uri, headers: &HeaderMap) -> Result<Response> {
    let Some(page) = Files::get("index.html") else { return Ok(without_console(uri)) };
    let html = std::str::from_utf8(&page.data).map_err(|error| Error::internal("reading the console's page", error))?;
    let nonce = STANDARD.encode(rand::random::<[u8; 18]>());
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; \
         img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let ahead = PAGES.as_ref().map(|pages| ahead(pages, uri.path(), headers)).unwrap_or_default();
    let headers = [
        (header::VARY, HeaderValue::from_static("accept-language")),
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).expect("base64 is plain text")),
    ];
    let html = html.replace(NONCE, &nonce).replacen("</head>", &format!("{ahead}</head>"), 1);
    Ok((headers, html).into_response())
}

/// Tells the browser what the page at an address will want, which it would else learn one after the other: the page's own files
/// from the first file, what to ask the service from those.
fn ahead(pages: &Pages, path: &str, headers: &HeaderMap) -> String {
    let page = pages.pages.iter().find(|(route, _)| is_at(route, path)).map(|(_, page)| page);
    let language = language(pages, headers);
    let words = page.and_then(|page| page.words.get(language));
    let files = pages.languages.get(language).into_iter().chain(words).chain(page.map(|page| &page.now)).flatten();
    let asks = page.into_iter().flat_map(|page| &page.asks);
    files
        .map(|file| format!("<link rel=\"modulepreload\" crossorigin href=\"{file}\" />"))
        .chain(asks.map(|path| format!("<link rel=\"preload\" as=\"fetch\" crossorigin href=\"{path}\" />")))
        .collect()
}

fn is_at(route: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (parts(route), parts(path));
    wanted.by_ref().all(|part| given.next().is_some_and(|one| part == one || part.starts_with('$')))
        && given.next().is_none()
}

fn parts(address: &str) -> impl Iterator<Item = &str> {
    address.split('/').filter(|part| !part.is_empty())
}

/// The first of the browser's languages that there is; browsers name the one they want most first.
fn language<'a>(pages: &'a Pages, headers: &'a HeaderMap) -> &'a str {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut tags = wanted.split(',').filter_map(|tag| tag.trim().get(..2));
    tags.find(|tag| pages.languages.contains_key(*tag)).unwrap_or(LANGUAGE)
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
    fn a_page_is_told_ahead_of_its_files_and_of_what_it_asks() {
        let pages = serde_json::from_str(
            r#"{
                "languages": { "fr": ["/fr.js"], "en": ["/en.js"] },
                "pages": {
                    "/": { "now": ["/cockpit.js"], "asks": ["/who"], "words": {} },
                    "/leads": { "now": ["/list.js"], "asks": ["/who"], "words": { "fr": ["/liste.js"], "en": ["/words.js"] } },
                    "/leads/$leadId": { "now": ["/lead.js"], "asks": [], "words": {} }
                }
            }"#,
        )
        .unwrap();
        for (path, languages, told) in [
            ("/", "fr-FR,fr;q=0.9", "/fr.js /cockpit.js /who"),
            ("/leads", "en-GB,en;q=0.9,fr;q=0.8", "/en.js /words.js /list.js /who"),
            ("/leads/", "de,en", "/en.js /words.js /list.js /who"),
            ("/leads/12", "", "/fr.js /lead.js"),
            ("/leads/12/more", "*", "/fr.js"),
            ("/elsewhere", "é", "/fr.js"),
        ] {
            let headers = HeaderMap::from_iter([(
                header::ACCEPT_LANGUAGE,
                HeaderValue::from_bytes(languages.as_bytes()).unwrap(),
            )]);
            let html = ahead(&pages, path, &headers);
            let links: Vec<_> = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            assert_eq!(links.join(" "), told, "{path}");
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
