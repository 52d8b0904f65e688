//! Versions of what is shown, so that of two people who change it the second learns of the first.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kernel::Timestamp;
use serde::Serialize;

use super::Json;

/// An answer with the version of what it shows as its `ETag` (RFC 9110 §8.8.3); sent back as `If-Match` with a change,
/// the change is refused when somebody else was faster.
#[derive(Debug)]
pub struct Tagged<T>(pub Timestamp, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::from_str(&etag(self.0)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// The tag of what was last changed at this instant.
pub(crate) fn etag(updated_at: Timestamp) -> String {
    format!("\"{}\"", updated_at.jiff().as_microsecond())
}
