//! Files as answers and as uploads: one writer, so that no browser takes a file for a page of ours, and one look at what is declared
//! (spec/desk.md D-19, D-25).

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

use super::header;
use crate::{Error, Result};

/// Of a file that is kept: nothing of it loads, runs or is sent anywhere, wherever it is opened.
const SANDBOX: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/// Of a PDF: a page of the console may show it within itself, nobody else; the file loads nothing. Browsers show it by a plug-in of their
/// own, with a style of its own, which does not run in a sandbox.
const SHOWN_WITHIN: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; \
     base-uri 'none'; form-action 'none'";

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A PDF.
    Pdf,
    /// A PNG.
    Png,
    /// A JPEG.
    Jpeg,
    /// A table.
    Csv,
    /// Text.
    Text,
    /// A page of our own making, to be kept.
    Html,
    /// Data.
    Xml,
}

impl FileKind {
    /// The type on the wire.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Xml => "application/xml",
        }
    }

    /// Whether browsers show it in its place; everything else they keep.
    const fn is_shown(self) -> bool {
        matches!(self, Self::Pdf | Self::Png | Self::Jpeg)
    }
}

/// A file of our own making: shown where nothing in it can run, to be kept otherwise. What of its name is no plain letter becomes a hyphen.
pub fn own_file(name: &str, kind: FileKind, body: impl Into<Body>) -> Response {
    let manner = if kind.is_shown() { "inline" } else { "attachment" };
    let policy = if kind == FileKind::Pdf { SHOWN_WITHIN } else { SANDBOX };
    answer(&format!("{manner}; filename=\"{}\"", plain(name)), kind.content_type(), policy, body.into())
}

/// A file that somebody else made: never shown as a page of ours, and never by a type that would make a page of it.
pub fn strangers_file(name: &str, kind: FileKind, body: impl Into<Body>) -> Response {
    let of = if kind.is_shown() { kind.content_type() } else { "application/octet-stream" };
    answer(&format!("attachment; filename=\"{}\"", plain(name)), of, SANDBOX, body.into())
}

fn answer(disposition: &str, kind: &'static str, policy: &'static str, body: Body) -> Response {
    let within = if policy == SHOWN_WITHIN { "SAMEORIGIN" } else { "DENY" };
    let disposition = HeaderValue::from_str(disposition).expect("plain letters are a header");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static(within)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ];
    (headers, body).into_response()
}

fn plain(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    name.chars().map(kept).collect()
}

/// Proves that an upload is declared as what its bytes are: `found` names the types it may be called by, `text/` and the like all of their
/// kind. Who declares nothing, or bytes as such, says nothing wrong.
///
/// Invalid, at `field`, where it is declared as something else.
pub fn check_declared(headers: &HeaderMap, field: &'static str, found: &[&str]) -> Result<()> {
    let declared = header(headers, "content-type").unwrap_or_default();
    let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let agrees = |known: &&str| if known.ends_with('/') { declared.starts_with(known) } else { declared == *known };
    if declared.is_empty() || declared == "application/octet-stream" || found.iter().any(agrees) {
        return Ok(());
    }
    Err(Error::invalid(field, "is not what it is declared as"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(response: &Response, name: header::HeaderName) -> &str {
        response.headers()[name].to_str().unwrap()
    }

    #[test]
    fn d_25_only_what_runs_nothing_is_shown_and_what_strangers_made_never() {
        for (kind, shown) in [
            (FileKind::Pdf, true),
            (FileKind::Png, true),
            (FileKind::Jpeg, true),
            (FileKind::Csv, false),
            (FileKind::Text, false),
            (FileKind::Html, false),
            (FileKind::Xml, false),
        ] {
            let (ours, theirs) = (own_file("a.b", kind, "x"), strangers_file("a.b", kind, "x"));
            let manner = if shown { "inline" } else { "attachment" };
            assert_eq!(of(&ours, header::CONTENT_DISPOSITION), format!("{manner}; filename=\"a.b\""));
            assert_eq!(of(&theirs, header::CONTENT_DISPOSITION), "attachment; filename=\"a.b\"");
            assert!(of(&theirs, header::CONTENT_SECURITY_POLICY).ends_with("sandbox"));
            assert_eq!(of(&theirs, header::CONTENT_TYPE) == "application/octet-stream", !shown, "{kind:?}");
            assert_eq!(of(&ours, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        }
    }

    #[test]
    fn a_name_breaks_out_of_no_header() {
        let file = own_file("x\"; filename=\"y.html\r\nSet-Cookie: a=b\u{202e}", FileKind::Csv, "");
        let name = "attachment; filename=\"x---filename--y.html--Set-Cookie--a-b-\"";
        assert_eq!(of(&file, header::CONTENT_DISPOSITION), name);
    }

    #[test]
    fn d_19_what_is_declared_must_be_what_it_is_where_anything_is() {
        let checked = |declared: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(declared) = declared {
                headers.insert(header::CONTENT_TYPE, declared.parse().unwrap());
            }
            check_declared(&headers, "file", &["image/png", "text/"]).is_ok()
        };
        for fine in [
            None,
            Some(""),
            Some("application/octet-stream"),
            Some("IMAGE/PNG"),
            Some("image/png; x=1"),
            Some("text/csv"),
        ] {
            assert!(checked(fine), "{fine:?}");
        }
        for wrong in ["image/jpeg", "image/svg+xml", "application/pdf", "image/png2", "nonsense"] {
            assert!(!checked(Some(wrong)), "{wrong}");
        }
    }
}
