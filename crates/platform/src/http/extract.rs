//! Extractors that name the field they could not read.

use axum::RequestExt as _;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Kind;
use crate::{Ctx, Error, Platform, Result};

/// Bodies of the API are read up to here.
const BODY_LIMIT: usize = 1 << 20;

/// A JSON body or answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

/// A query string.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<T>(pub T);

/// The one parameter of a path, such as an id.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path<T>(pub T);

/// Reads a body up to `limit` bytes.
///
/// Too large beyond it; malformed when the connection breaks.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes> {
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(inner) = cause {
            if inner.to_string().contains("length limit exceeded") {
                return Error::new(Kind::TooLarge, "body_too_large", format!("The body is larger than {limit} bytes."));
            }
            cause = inner.source();
        }
        Error::malformed("The body could not be read to its end.")
    })
}

impl<T: DeserializeOwned> FromRequest<Platform> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &Platform) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let detail = "This route reads application/json.";
            return Err(Error::new(Kind::UnsupportedMedia, "unsupported_media_type", detail));
        }
        let bytes = read_body(request.with_limited_body().into_body(), BODY_LIMIT).await?;
        parse_json(&bytes).map(Self)
    }
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| Error::malformed(format!("The body is not JSON: {error}.")))?;
    if let Some(path) = nul_in(&value, "") {
        return Err(Error::invalid(path, "must not contain the character U+0000"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        Error::invalid(named(&path, &message), message)
    })
}

/// A missing or unknown field is reported at the object that lacks it: take its name from the message.
fn named(path: &str, message: &str) -> String {
    let field = ["missing field `", "unknown field `"].iter().find_map(|prefix| message.strip_prefix(prefix));
    let Some((field, _)) = field.and_then(|rest| rest.split_once('`')) else { return path.to_owned() };
    match path {
        "." | "" => field.to_owned(),
        _ if path.rsplit('.').next() == Some(field) => path.to_owned(),
        _ => format!("{path}.{field}"),
    }
}

/// PostgreSQL's text cannot hold U+0000.
fn nul_in(value: &Value, path: &str) -> Option<String> {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::String(text) if text.contains('\0') => Some(path.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| nul_in(item, &join(&index.to_string())))
        }
        Value::Object(fields) => fields
            .iter()
            .find_map(|(key, item)| if key.contains('\0') { Some(path.to_owned()) } else { nul_in(item, &join(key)) }),
        _ => None,
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned> FromRequestParts<Platform> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Platform) -> Result<Self> {
        let query = parts.uri.query().unwrap_or("");
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
            .map_err(|error| Error::malformed(format!("The query string cannot be read: {error}.")))?;
        if let Some((key, _)) = pairs.iter().find(|(key, value)| key.contains('\0') || value.contains('\0')) {
            return Err(Error::bad_parameter(key.replace('\0', ""), "must not contain the character U+0000"));
        }
        // An empty parameter is one that was not filled in.
        let filled: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let text =
            serde_urlencoded::to_string(&filled).map_err(|error| Error::internal("reading a query string", error))?;
        let reader = serde_urlencoded::Deserializer::new(form_pairs(&text));
        serde_path_to_error::deserialize(reader).map(Self).map_err(|error| {
            let path = error.path().to_string();
            let message = error.into_inner().to_string();
            Error::bad_parameter(named(&path, &message), message)
        })
    }
}

fn form_pairs(text: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(text.as_bytes())
}

impl<T> FromRequestParts<Platform> for Path<T>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let params = RawPathParams::from_request_parts(parts, platform).await;
        let params = params.map_err(|error| Error::malformed(error.to_string()))?;
        let Some((name, text)) = params.iter().next() else {
            return Err(Error::internal("reading a path without a parameter", "the route has none"));
        };
        text.parse().map(Self).map_err(|error| Error::bad_parameter(name, format!("{error}")))
    }
}

impl<S: Sync> FromRequestParts<S> for Ctx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            // Only a public route has no context: its handler must not ask for one.
            Error::internal("taking the context of a request", StatusCode::INTERNAL_SERVER_ERROR.to_string())
        })
    }
}
