//! The place of scheduled work that a person runs: it never overlaps itself (spec/desk.md D-70).

use jiff::SignedDuration;
use kernel::{JobId, Timestamp};

use crate::job::store::{Claimed, interval};
use crate::{Result, Tx};

/// Keeps others of a kind that runs alone from running until [`free_slot`], or for `lease` when this process is lost: then a worker
/// looks after it. The lease has the age of the machine's clock where the work is done for an instant of the past.
///
/// Conflict while one runs.
pub(crate) async fn take_slot(tx: &mut Tx, job: &Claimed, lease: SignedDuration) -> Result<()> {
    let (tenant, now, worker) = (tx.tenant().uuid(), tx.now(), tx.ctx().platform().options().worker_name.clone());
    sqlx::query!(
        "insert into platform.job (tenant_id, id, kind, payload, state, run_at, max_attempts, request_id, created_at, alone)
         values ($1, $2, $3, $4, 'queued', $5, $6, $7, $5, true)",
        tenant,
        job.id.uuid(),
        job.kind,
        job.payload,
        now as Timestamp,
        job.max_attempts,
        job.request_id
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update platform.job set state = 'running', attempts = 1, leased_by = $3, lease_expires_at = greatest(now(), $4) + $5
         where tenant_id = $1 and id = $2",
        tenant,
        job.id.uuid(),
        worker,
        now as Timestamp,
        interval(lease)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets others of its kind run again.
pub(crate) async fn free_slot(tx: &mut Tx, id: JobId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from platform.job where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
