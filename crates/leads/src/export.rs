//! Lists as files: read part by part by key and sent as they are read, so that the memory they take does not grow with them.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{Stream, StreamExt as _, TryStreamExt as _, once};
use kernel::{Timestamp, Zone};
use platform::{Ctx, Error, Event, Result};

use crate::rules::csv_file::BOM;

/// Who takes a file takes the whole list.
///
/// Malformed when a page of it is asked for.
pub(crate) fn refuse_page(limit: Option<u16>, skip: Option<u16>, cursor: Option<&str>) -> Result<()> {
    let asked = [("limit", limit.is_some()), ("skip", skip.is_some()), ("cursor", cursor.is_some())];
    match asked.into_iter().find(|(_, is_asked)| *is_asked) {
        Some((name, _)) => Err(Error::bad_parameter(name, "is for lists: a file holds all of one")),
        None => Ok(()),
    }
}

/// That a file was taken, in the one entity in scope or in the tenant as a whole.
pub(crate) fn event(action: &'static str, ctx: &Ctx) -> Event {
    let entity = match ctx.scope().entities.as_slice() {
        [one] if !ctx.scope().whole_tenant => Some(*one),
        _ => None,
    };
    Event::new(action, "tenant", ctx.tenant().id).entity(entity)
}

/// The answer that sends the file `<name>_<date>.csv`. Its first part is read before, so that what fails there is answered as
/// such; what fails later breaks the transfer off: a part of a file must not pass for a whole one.
pub(crate) async fn answer(
    ctx: &Ctx,
    name: &str,
    header: Vec<u8>,
    parts: impl Stream<Item = Result<Vec<u8>>> + Send + 'static,
) -> Result<Response> {
    let mut parts = Box::pin(parts);
    let mut start = BOM.as_bytes().to_vec();
    start.extend(header);
    start.extend(parts.try_next().await?.unwrap_or_default());
    let request_id = ctx.request_id().to_owned();
    let rest = parts.inspect_err(move |error| {
        tracing::error!(request_id, error = error.chain(), "a file broke off while it was sent");
    });
    let body = Body::from_stream(once(async { Ok(start) }).chain(rest).map_ok(Bytes::from));
    let date = ctx.now().date_in(&ctx.tenant().zone);
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}_{date}.csv\""));
    let disposition = disposition.map_err(|error| Error::internal("naming a file", error))?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], body).into_response())
}

/// An instant as a spreadsheet reads it, in the tenant's zone.
pub(crate) fn moment(at: Timestamp, zone: &Zone) -> String {
    at.jiff().to_zoned(zone.jiff().clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A yes or no as a spreadsheet reads it.
pub(crate) fn flag(set: bool) -> String {
    if set { "1" } else { "0" }.to_owned()
}
