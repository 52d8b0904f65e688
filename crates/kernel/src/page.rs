//! Pages of a list, walked by key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// One page of a list, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Cuts `rows`, read with one row more than `limit`, to a page; `key` names a row's place in the order.
    pub fn cut(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> (Timestamp, Uuid)) -> Self {
        let size = usize::from(limit.get());
        let more = rows.len() > size;
        rows.truncate(size);
        let next_cursor = rows.last().filter(|_| more).map(|last| {
            let (at, id) = key(last);
            Cursor { at, id }.encode()
        });
        Self { items: rows, next_cursor }
    }

    /// The same page with each row seen through `view`.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(view).collect(), next_cursor: self.next_cursor }
    }
}

/// Rows per page, 1 to 200, 50 unless told; and rows passed over, for callers who number their pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    rows: u16,
    skip: u16,
}

impl Limit {
    /// What is read at a time of a list that is read to its end.
    pub const WHOLE_LISTS: Self = Self { rows: 1000, skip: 0 };

    /// `None` outside 1..=200.
    pub const fn try_new(rows: u16) -> Option<Self> {
        if rows >= 1 && rows <= 200 { Some(Self { rows, skip: 0 }) } else { None }
    }

    /// The same, passing over the first rows. What is passed over is read all the same: far into a list, a cursor is
    /// the better way.
    #[must_use]
    pub const fn skipping(self, skip: Option<u16>) -> Self {
        match skip {
            Some(skip) => Self { skip, ..self },
            None => self,
        }
    }

    /// Rows per page.
    pub const fn get(self) -> u16 {
        self.rows
    }

    /// Rows to read: one more than the page, to know whether another follows.
    pub const fn probe(self) -> i64 {
        self.rows as i64 + 1
    }

    /// The end of a statement. The numbers stand in its text: under a limit that is a parameter PostgreSQL plans every
    /// page anew.
    pub fn clause(self) -> String {
        match self.skip {
            0 => format!(" limit {}", self.probe()),
            skip => format!(" limit {} offset {skip}", self.probe()),
        }
    }

    /// The end of a part of a statement whose parts are merged to one list before it is cut: everything up to the page's end.
    pub fn part_clause(self) -> String {
        format!(" limit {}", self.probe() + i64::from(self.skip))
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self { rows: 50, skip: 0 }
    }
}

/// A place in a list ordered by instant, then id, both descending. Opaque on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The instant of the last row seen.
    #[serde(rename = "a")]
    pub at: Timestamp,
    /// The id of the last row seen.
    #[serde(rename = "i")]
    pub id: Uuid,
}

/// The text is not a cursor that a list handed out.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a cursor of this list: pass `next_cursor` of the page before, unchanged")]
pub struct InvalidCursor;

impl Cursor {
    /// The wire form.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("a timestamp and an id always serialise"))
    }

    /// Reads the wire form.
    pub fn decode(text: &str) -> Result<Self, InvalidCursor> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let cursor: Self = serde_json::from_slice(&json).map_err(|_| InvalidCursor)?;
        // PostgreSQL's timestamptz begins in 4713 BC and jiff's in 9999 BC: keep to years that both know.
        let year = cursor.at.jiff().to_zoned(jiff::tz::TimeZone::UTC).year();
        if (1970..=9990).contains(&year) { Ok(cursor) } else { Err(InvalidCursor) }
    }
}
