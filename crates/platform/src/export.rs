//! Lists as files for spreadsheets: read part by part by key and sent as they are read, so that the memory they take does not
//! grow with them.

use std::future::Future;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream::{Stream, StreamExt as _, TryStreamExt as _, once, try_unfold};
use kernel::spreadsheet::{BOM, neutralised};
use serde_json::Value;

use crate::http::{FileKind, own_file};
use crate::{Ctx, Error, Event, Permission, Result};

/// A file of `N` columns.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<const N: usize> {
    /// What it is called, before its date.
    pub name: &'static str,
    /// The names of the columns, its first line.
    pub columns: [&'static str; N],
}

/// Some lines of a file, and what the next ones are read with; none when these were the last.
pub type Part<const N: usize, F> = (Vec<[String; N]>, Option<F>);

/// Notes in the event log that the caller takes a file of the list that `view` lets one read, in the one entity in scope or
/// in the tenant as a whole. `conditions` say which rows, and must not hold what people searched for.
///
/// Malformed when a page is asked for, as who takes a file takes the whole list; forbidden to whom the list is closed.
pub async fn record(
    ctx: &Ctx,
    action: &'static str,
    view: Permission,
    paging: Paging<'_>,
    conditions: Value,
) -> Result<()> {
    ctx.require(view)?;
    let asked = [("limit", paging.0.is_some()), ("skip", paging.1.is_some()), ("cursor", paging.2.is_some())];
    if let Some((name, _)) = asked.into_iter().find(|(_, is_asked)| *is_asked) {
        return Err(Error::bad_parameter(name, "is for lists: a file holds all of one"));
    }
    let entity = match ctx.scope().entities.as_slice() {
        [one] if !ctx.scope().whole_tenant => Some(*one),
        _ => None,
    };
    let mut tx = ctx.begin().await?;
    tx.emit(Event::new(action, "tenant", ctx.tenant().id).entity(entity).details(conditions));
    tx.commit().await
}

/// The page that a list's parameters ask for: `limit`, `skip`, `cursor`.
#[derive(Clone, Copy, Debug)]
pub struct Paging<'a>(pub Option<u16>, pub Option<u16>, pub Option<&'a str>);

/// The answer that sends the file `<name>_<date>.csv`, which `read` reads part by part from `first` on. The first part is read
/// before, so that what fails there is answered as such; what fails later breaks the transfer off: a part of a file must not
/// pass for a whole one.
pub async fn answer<const N: usize, F, Fut>(
    ctx: &Ctx,
    sheet: &Sheet<N>,
    first: F,
    read: impl Fn(Ctx, F) -> Fut + Send + 'static,
) -> Result<Response>
where
    F: Send + 'static,
    Fut: Future<Output = Result<Part<N, F>>> + Send,
{
    let mut parts = Box::pin(parts(ctx.clone(), first, read));
    let mut start = BOM.as_bytes().to_vec();
    start.extend(lines([sheet.columns]));
    start.extend(parts.try_next().await?.unwrap_or_default());
    let request_id = ctx.request_id().to_owned();
    let rest = parts.inspect_err(move |error| {
        tracing::error!(request_id, error = error.logged(), "a file broke off while it was sent");
    });
    let body = Body::from_stream(once(async { Ok(start) }).chain(rest).map_ok(Bytes::from));
    let date = ctx.now().date_in(&ctx.tenant().zone);
    Ok(own_file(&format!("{}_{date}.csv", sheet.name), FileKind::Csv, body))
}

fn parts<const N: usize, F, Fut>(
    ctx: Ctx,
    first: F,
    read: impl Fn(Ctx, F) -> Fut + Send + 'static,
) -> impl Stream<Item = Result<Vec<u8>>> + Send + 'static
where
    F: Send + 'static,
    Fut: Future<Output = Result<Part<N, F>>> + Send,
{
    try_unfold((Some(first), read), move |(next, read)| {
        let ctx = ctx.clone();
        async move {
            let Some(next) = next else { return Ok(None) };
            let (rows, next) = read(ctx, next).await?;
            Ok(Some((lines(rows), (next, read))))
        }
    })
}

/// Lines of a file that a person opens: UTF-8, semicolons, CRLF, quotes only where needed. No text can be read as a formula.
fn lines<const N: usize, S: AsRef<str>>(rows: impl IntoIterator<Item = [S; N]>) -> Vec<u8> {
    const WRITTEN: &str = "memory takes any row, and all rows have the same columns";
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.map(|value| neutralised(value.as_ref()))).expect(WRITTEN);
    }
    writer.into_inner().expect(WRITTEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_26_lines_for_people_are_cut_by_semicolons_and_hold_no_formula() {
        let text = String::from_utf8(lines([["nom", "note"], ["=1+1", "a;b"], ["Zoé", "-5.00"]])).unwrap();
        assert_eq!(text, "nom;note\r\n\t=1+1;\"a;b\"\r\nZoé;-5.00\r\n");
    }
}
