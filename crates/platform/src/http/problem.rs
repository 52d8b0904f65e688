//! Problems on the wire (RFC 9457).

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::Error;
use crate::error::{FieldError, Kind};

/// What went wrong, for people and programs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// The kind of problem: `urn:comptoir:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time.
    pub detail: String,
    /// What is wrong with single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Name it when asking for help.
    pub request_id: String,
}

impl IntoResponse for Error {
    /// An empty answer that carries the error; [`render_problems`] writes the body, which needs the request.
    fn into_response(self) -> Response {
        let mut response = self.kind().status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

pub(crate) fn request_id(request: &Request) -> String {
    super::header(request.headers(), "x-request-id").unwrap_or_default().to_owned()
}

/// The outermost middleware: turns every failed answer into a problem and logs it once.
pub async fn render_problems(request: Request, next: Next) -> Response {
    let id = request_id(&request);
    // The template: an address may hold what is somebody's.
    let path = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let response = next.run(request).await;
    if let Some(error) = response.extensions().get::<Arc<Error>>().cloned() {
        let route = path.as_ref().map_or("unmatched", MatchedPath::as_str);
        if error.kind() == Kind::Internal {
            tracing::error!(%method, route, request_id = id, error = error.logged(), "a request failed");
        } else {
            tracing::info!(%method, route, request_id = id, code = error.code(), "a request was refused");
        }
        return render(&response, &error, id);
    }
    let status = response.status();
    let is_problem = status.is_client_error() || status.is_server_error();
    let has_body =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    if !is_problem || has_body {
        return response;
    }
    // Answers of the router and of library layers: no such route, wrong method, too slow, panicked.
    let (kind, code, detail) = match status {
        StatusCode::NOT_FOUND => (Kind::NotFound, "not_found", "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => (Kind::Malformed, "method_not_allowed", "This address has no such method."),
        StatusCode::PAYLOAD_TOO_LARGE => (Kind::TooLarge, "body_too_large", "The body is too large."),
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => {
            (Kind::Unavailable, "unavailable", "The service took too long; try again shortly.")
        }
        status if status.is_server_error() => (Kind::Internal, "internal", "Something went wrong on our side."),
        _ => (Kind::Malformed, "malformed_request", "The request cannot be read."),
    };
    render(&response, &Error::new(kind, code, detail), id)
}

fn render(response: &Response, error: &Error, request_id: String) -> Response {
    let status = response.status();
    let problem = Problem {
        kind: format!("urn:comptoir:problem:{}", error.code()),
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail: error.to_string(),
        errors: error.fields().to_vec(),
        request_id,
    };
    let mut rendered = (status, axum::Json(problem)).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    let headers = rendered.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let wait = match error.kind() {
        Kind::Throttled => error.fields().first().and_then(|field| field.message.parse().ok()),
        Kind::Unavailable => Some(HeaderValue::from_static("5")),
        _ => None,
    };
    if let Some(wait) = wait {
        headers.insert(header::RETRY_AFTER, wait);
    }
    rendered
}
