//! `Idempotency-Key` on POST: the work is done once, and asking again gets the first answer.
//!
//! The key is claimed in the transaction of the work itself: a crash before its commit frees it, a crash after leaves
//! it claimed, so the work is never done twice. The answer is stored next to it afterwards.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::error::Kind;
use crate::http::{Secrecy, read_body};
use crate::{Ctx, Error, Platform, Result, Tx};
use kernel::Timestamp;

const BODY_LIMIT: usize = 1 << 20;

/// A request's wish to be done once.
#[derive(Clone)]
pub struct Claim {
    ctx: Ctx,
    key: String,
    request_hash: Vec<u8>,
    secrecy: Secrecy,
}

/// Reads the body to know whether a repetition is one.
///
/// Malformed when the key is not 1 to 255 visible ASCII characters; too large as the route would be.
pub(crate) async fn prepare(ctx: &Ctx, key: String, request: Request, secrecy: Secrecy) -> Result<(Request, Claim)> {
    if key.is_empty() || key.len() > 255 || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::bad_parameter("Idempotency-Key", "must be 1 to 255 visible ASCII characters"));
    }
    let (parts, body) = request.into_parts();
    let bytes = read_body(body, BODY_LIMIT).await?;
    let mut hash = Sha256::new();
    hash.update(parts.uri.to_string());
    hash.update([0]);
    // A fast hash of a body with a password in it would be a way to guess the password.
    if secrecy == Secrecy::Open {
        hash.update(&bytes);
    }
    let claim = Claim { ctx: ctx.clone(), key, request_hash: hash.finalize().to_vec(), secrecy };
    Ok((Request::from_parts(parts, Body::from(bytes)), claim))
}

/// Claims the key in the transaction of the work. A concurrent request with the same key waits here for the first.
pub(crate) async fn claim(tx: &mut Tx, claim: &Claim) -> Result<()> {
    let (tenant, now, actor) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().to_string());
    let claimed = sqlx::query!(
        "insert into platform.idempotency_key (tenant_id, actor, key, request_hash, created_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        tenant,
        actor,
        claim.key,
        claim.request_hash,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    if claimed.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::new(Kind::Conflict, REPLAY, "This key was used before."))
    }
}

const REPLAY: &str = "idempotency_replay";

/// Runs the request, stores its answer, or gives the stored one.
pub(crate) async fn answer(platform: &Platform, claim: Claim, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let is_replay = response.extensions().get::<std::sync::Arc<Error>>().is_some_and(|error| error.code() == REPLAY);
    let result = if is_replay { replay(platform, &claim).await } else { store(platform, &claim, response).await };
    result.unwrap_or_else(Error::into_response)
}

async fn store(platform: &Platform, claim: &Claim, response: Response) -> Result<Response> {
    if !response.status().is_success() || claim.secrecy == Secrecy::Confidential {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = read_body(body, usize::MAX).await?;
    let status = i32::from(parts.status.as_u16());
    if let Err(error) = store_answer(claim, status, &bytes).await {
        // The work is done and stays done; a repetition will learn that its answer is not known.
        tracing::warn!(error = error.logged(), "the answer to an idempotent request could not be stored");
        platform.wake_workers();
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

async fn store_answer(claim: &Claim, status: i32, body: &[u8]) -> Result<()> {
    let mut tx = claim.ctx.begin().await?;
    let (tenant, actor) = (tx.tenant().uuid(), claim.ctx.actor().to_string());
    sqlx::query!(
        "update platform.idempotency_key set status = $4, body = $5 where tenant_id = $1 and actor = $2 and key = $3",
        tenant,
        actor,
        claim.key,
        status,
        body
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

async fn replay(_: &Platform, claim: &Claim) -> Result<Response> {
    let mut tx = claim.ctx.begin().await?;
    let (tenant, actor) = (tx.tenant().uuid(), claim.ctx.actor().to_string());
    let row = sqlx::query!(
        "select request_hash, status, body from platform.idempotency_key where tenant_id = $1 and actor = $2 and key = $3",
        tenant,
        actor,
        claim.key
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    if row.request_hash != claim.request_hash {
        return Err(Error::invalid("Idempotency-Key", "was used before for another request"));
    }
    let (Some(status), Some(body)) = (row.status, row.body) else {
        return Err(Error::refused("idempotency_unanswered", "This was done, but its answer was not kept."));
    };
    let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}

/// Forgets keys older than a day; part of the job `housekeeping`.
pub async fn forget_old(tx: &mut Tx) -> Result<Value> {
    let (tenant, before) = (tx.tenant().uuid(), tx.now().minus_days(1));
    let gone = sqlx::query!(
        "delete from platform.idempotency_key where tenant_id = $1 and created_at < $2",
        tenant,
        before as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(json!(gone.rows_affected()))
}
