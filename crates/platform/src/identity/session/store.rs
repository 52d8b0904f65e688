//! Every statement on sessions and on signing in. What must be known before a tenant is goes through functions that
//! return only that.

use kernel::{Email, SessionId, Timestamp, UserId};
use uuid::Uuid;

use super::model::{Candidate, FAILURES_TO_LOCK, LOCK, Proof};
use crate::secret::Sealed;
use crate::{Platform, Result, Tx};

pub(super) struct SessionRow {
    pub(super) session_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) user_name: String,
    pub(super) user_active: bool,
    pub(super) must_change_password: bool,
    pub(super) tenant_id: Uuid,
    pub(super) tenant_slug: String,
    pub(super) tenant_zone: String,
    pub(super) membership_active: bool,
    pub(super) role: String,
    pub(super) granted: Vec<String>,
    pub(super) revoked: Vec<String>,
    pub(super) home_entity: Uuid,
    pub(super) entity_ids: Option<Vec<Uuid>>,
    pub(super) entity_codes: Option<Vec<String>>,
    pub(super) entity_zones: Option<Vec<String>>,
    pub(super) written: String,
}

/// The live session with this token, and how far the log is written: everything acknowledged before is in it.
pub(super) async fn find_session(platform: &Platform, token_hash: &[u8]) -> Result<Option<SessionRow>> {
    let row = sqlx::query_as!(
        SessionRow,
        r#"select session_id as "session_id!", user_id as "user_id!", user_name as "user_name!", user_active as "user_active!",
               must_change_password as "must_change_password!", tenant_id as "tenant_id!", tenant_slug as "tenant_slug!", tenant_zone as "tenant_zone!",
               membership_active as "membership_active!", role as "role!", granted as "granted!", revoked as "revoked!",
               home_entity as "home_entity!", entity_ids, entity_codes, entity_zones,
               pg_current_wal_flush_lsn()::text as "written!"
           from platform.authenticate($1, $2)"#,
        token_hash,
        platform.now() as Timestamp
    )
    .fetch_optional(platform.pool())
    .await?;
    Ok(row)
}

/// The account with this address.
pub(super) async fn find_candidate(platform: &Platform, email: &Email) -> Result<Option<Candidate>> {
    let row = sqlx::query_as!(
        Candidate,
        r#"select user_id as "id!: UserId", name as "name!", password_hash as "password_hash!", is_active as "is_active!",
               totp_clear, totp_sealed as "totp_sealed: Sealed", totp_last_step,
               recovery_codes as "recovery_codes!"
           from platform.sign_in_account($1)"#,
        email.as_str()
    )
    .fetch_optional(platform.pool())
    .await?;
    Ok(row)
}

/// Until when an address is locked, or was; whether it has an account or not.
pub(super) async fn find_lock(platform: &Platform, email: &Email) -> Result<Option<Timestamp>> {
    let until = sqlx::query_scalar!(r#"select platform.sign_in_lock($1) as "until: Timestamp""#, email.as_str())
        .fetch_one(platform.pool())
        .await?;
    Ok(until)
}

/// Counts one more failure in a row of an address; whether it is locked now.
pub(super) async fn note_failure(platform: &Platform, email: &Email) -> Result<bool> {
    let now = platform.now();
    let is_locked = sqlx::query_scalar!(
        r#"select platform.note_sign_in_failure($1, $2, $3, $4) as "is_locked!""#,
        email.as_str(),
        now as Timestamp,
        FAILURES_TO_LOCK,
        now.plus(LOCK) as Timestamp
    )
    .fetch_one(platform.pool())
    .await?;
    Ok(is_locked)
}

/// Forgets the failures of addresses that were quiet since `before`; how many. Part of housekeeping.
pub async fn forget_failures(tx: &mut Tx, before: Timestamp) -> Result<i64> {
    let forgotten =
        sqlx::query_scalar!(r#"select platform.forget_sign_in_failures($1) as "forgotten!""#, before as Timestamp)
            .fetch_one(tx.conn())
            .await?;
    Ok(forgotten)
}

/// Uses the proof up; false when somebody used it a moment ago.
pub(super) async fn use_proof(tx: &mut Tx, user: UserId, proof: &Proof) -> Result<bool> {
    let (step, code) = match proof {
        Proof::NotAsked => (None, None),
        Proof::Step(step) => (Some(*step), None),
        Proof::RecoveryCode(hash) => (None, Some(hash.as_str())),
    };
    let done = sqlx::query!(
        "update platform.user
         set failed_sign_ins = 0, locked_until = null, totp_last_step = coalesce($2, totp_last_step),
             recovery_codes = case when $3::text is null then recovery_codes else array_remove(recovery_codes, $3) end
         where id = $1
           and ($2::bigint is null or coalesce(totp_last_step, -1) < $2)
           and ($3::text is null or $3 = any (recovery_codes))",
        user.uuid(),
        step,
        code
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A session about to be opened.
pub(super) struct NewSession<'a> {
    pub(super) user_id: UserId,
    pub(super) token_hash: &'a [u8],
    pub(super) expires_at: Timestamp,
    pub(super) user_agent: &'a str,
    pub(super) ip: &'a str,
}

pub(super) async fn insert_session(tx: &mut Tx, new: &NewSession<'_>) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into platform.session (tenant_id, id, user_id, token_hash, created_at, expires_at, user_agent, ip)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        SessionId::generate(now).uuid(),
        new.user_id.uuid(),
        new.token_hash,
        now as Timestamp,
        new.expires_at as Timestamp,
        new.user_agent,
        new.ip
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A session that has not ended.
#[derive(Clone, Debug)]
pub(super) struct OwnSession {
    pub(super) id: SessionId,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) user_agent: String,
    pub(super) ip: String,
}

/// The sessions of a user in this tenant that have not ended, the newest first, at most a hundred.
pub(super) async fn list_sessions(tx: &mut Tx, user: UserId) -> Result<Vec<OwnSession>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let rows = sqlx::query_as!(
        OwnSession,
        r#"select id as "id: SessionId", created_at, expires_at, user_agent, ip
           from platform.session where tenant_id = $1 and user_id = $2 and expires_at > $3
           order by created_at desc, id desc limit 100"#,
        tenant,
        user.uuid(),
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Ends the sessions of a user in every tenant, but for the one to `keep`; how many.
pub(super) async fn end_all_sessions(tx: &mut Tx, user: UserId, keep: Option<SessionId>) -> Result<i64> {
    let ended = sqlx::query_scalar!(
        r#"select platform.end_all_sessions($1, $2) as "ended!""#,
        user.uuid(),
        keep.map(SessionId::uuid)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(ended)
}

pub(super) async fn delete_session(tx: &mut Tx, id: SessionId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from platform.session where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets the sessions that have ended; how many. Part of housekeeping.
pub async fn delete_expired_sessions(tx: &mut Tx) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let done = sqlx::query!(
        "delete from platform.session where tenant_id = $1 and expires_at <= $2",
        tenant,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
