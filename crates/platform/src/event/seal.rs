//! The sealed chain: a background job hashes each stretch of a tenant's events together with the seal before it, so
//! that a changed, removed or inserted event shows.

use jiff::SignedDuration;
use kernel::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Ctx, Result, Tx};

/// Events younger than this are left for the next seal: transactions that began before may still commit. No
/// transaction lives longer (statement and idle time-outs of [`connect`](crate::connect)).
const SETTLE: SignedDuration = SignedDuration::from_mins(3);

/// Events under one seal at most.
const STRETCH: i64 = 10_000;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every seal matches; so many events are sealed.
    Intact {
        /// Events under a seal.
        events: i64,
    },
    /// The seal `seq` does not match its events or the seal before it.
    Broken {
        /// The first seal that does not match.
        seq: i64,
    },
}

struct Seal {
    seq: i64,
    through: Uuid,
    hash: Vec<u8>,
}

/// Seals what has settled since the last seal; the job `seal-events`.
pub async fn seal_events(ctx: Ctx) -> Result<Value> {
    let mut sealed = 0;
    loop {
        let mut tx = ctx.begin().await?;
        tx.lock("event_seal").await?;
        let count = seal_stretch(&mut tx).await?;
        tx.commit().await?;
        sealed += count;
        if count < STRETCH {
            return Ok(json!({ "sealed": sealed }));
        }
    }
}

async fn seal_stretch(tx: &mut Tx) -> Result<i64> {
    let last = last_seal(tx).await?;
    let before = tx.now().minus(SETTLE).first_uuid();
    let events = digest_stretch(tx, last.through, before, STRETCH).await?;
    let Some(through) = events.through else { return Ok(0) };
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into platform.event_seal (tenant_id, seq, through_id, events, hash, sealed_at) values ($1, $2, $3, $4, $5, $6)",
        tenant,
        last.seq + 1,
        through,
        events.count,
        chained(&last.hash, &events.hash),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(events.count)
}

/// Recomputes every seal of the tenant.
pub async fn verify(tx: &mut Tx) -> Result<Verdict> {
    let tenant = tx.tenant().uuid();
    let seals = sqlx::query!(
        "select seq, through_id, events, hash from platform.event_seal where tenant_id = $1 order by seq",
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    let mut last = Seal { seq: 0, through: Uuid::nil(), hash: Vec::new() };
    let mut total = 0;
    for seal in seals {
        let found = digest_stretch(tx, last.through, after(seal.through_id), i64::MAX).await?;
        let same = found.count == seal.events && chained(&last.hash, &found.hash) == seal.hash;
        if !same || seal.seq != last.seq + 1 {
            return Ok(Verdict::Broken { seq: seal.seq });
        }
        total += found.count;
        last = Seal { seq: seal.seq, through: seal.through_id, hash: seal.hash };
    }
    Ok(Verdict::Intact { events: total })
}

async fn last_seal(tx: &mut Tx) -> Result<Seal> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        "select seq, through_id, hash from platform.event_seal where tenant_id = $1 order by seq desc limit 1",
        tenant
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map_or(Seal { seq: 0, through: Uuid::nil(), hash: Vec::new() }, |row| Seal {
        seq: row.seq,
        through: row.through_id,
        hash: row.hash,
    }))
}

struct Stretch {
    count: i64,
    through: Option<Uuid>,
    hash: Vec<u8>,
}

/// Hashes the events after `from` and before `to`, in the database, over their whole text.
async fn digest_stretch(tx: &mut Tx, from: Uuid, to: Uuid, limit: i64) -> Result<Stretch> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select count(*) as "count!", (array_agg(id order by id desc))[1] as through,
               coalesce(sha256(convert_to(string_agg(body, E'\n' order by id), 'UTF8')), '') as "hash!"
           from (
               select id, jsonb_build_array(id, at, entity_id, actor_kind, actor_id, actor_name, action, subject_kind,
                   subject_id, details, severity, request_id)::text as body
               from platform.event where tenant_id = $1 and id > $2 and id < $3
               order by id limit $4
           ) stretch"#,
        tenant,
        from,
        to,
        limit
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Stretch { count: row.count, through: row.through, hash: row.hash })
}

fn chained(previous: &[u8], events: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(previous).chain_update(events).finalize().to_vec()
}

/// The smallest id after `id`.
fn after(id: Uuid) -> Uuid {
    Uuid::from_u128(id.as_u128().saturating_add(1))
}
