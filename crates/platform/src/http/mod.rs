//! The ground of HTTP: guarded routes, problems, extractors that name the field, client addresses.

mod api;
mod client_ip;
mod cookie;
mod extract;
mod file;
mod guard;
mod problem;
mod query;
mod tagged;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Cursor, Limit, Page};
use uuid::Uuid;

pub use api::{Api, Route};
pub use client_ip::ClientIp;
pub use cookie::{SetCookie, set_cookie};
pub use extract::{Json, Path, Query, read_body};
pub use file::{FileKind, check_declared, own_file, strangers_file};
pub(crate) use guard::session_token;
pub use guard::{Access, Breadth, FailurePolicy, Guard, SESSION_COOKIE, Secrecy};
pub use problem::{Problem, render_problems};
pub use query::{PageQuery, WeekQuery};
pub use tagged::Tagged;
pub(crate) use tagged::etag;

use crate::{Error, Result};

/// Checks a `limit` parameter.
pub fn limit(rows: Option<u16>) -> Result<Limit> {
    match rows {
        None => Ok(Limit::default()),
        Some(rows) => Limit::try_new(rows).ok_or_else(|| Error::bad_parameter("limit", "must be between 1 and 200")),
    }
}

/// Reads a `cursor` parameter of a list ordered by instant and id.
pub fn cursor(text: Option<&str>) -> Result<Option<Cursor>> {
    let cursor = text.map(Cursor::decode).transpose();
    cursor.map_err(|error| Error::bad_parameter("cursor", error.to_string()))
}

/// The value of the header `name`, when it is text.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The cursor of a list ordered by id alone, newest first.
pub struct IdCursor;

impl IdCursor {
    /// Cuts rows, read with one more than `limit`, to a page.
    pub fn cut<T>(mut rows: Vec<T>, limit: Limit, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let size = usize::from(limit.get());
        let more = rows.len() > size;
        rows.truncate(size);
        let next_cursor = rows.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(id(last).as_bytes()));
        Page { items: rows, next_cursor }
    }

    /// Reads the wire form.
    pub fn decode(text: &str) -> Result<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| Uuid::from_slice(&bytes).ok());
        bytes.ok_or_else(|| Error::bad_parameter("cursor", kernel::InvalidCursor.to_string()))
    }
}
