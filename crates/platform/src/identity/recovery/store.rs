//! Every statement on `platform.password_reset`. What must be known before a tenant is goes through a function that returns only
//! that.

use jiff::SignedDuration;
use kernel::{Email, PasswordResetId, TenantId, Timestamp, UserId};

use crate::{Platform, Result, Tx};

/// How long a link works.
pub(super) const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Who may choose a new password.
#[derive(Clone, Debug)]
pub(super) struct ResetOwner {
    pub(super) tenant_id: TenantId,
    pub(super) reset_id: PasswordResetId,
    pub(super) user_id: UserId,
    pub(super) email: Email,
    pub(super) name: String,
}

/// Whose live link this is.
pub(super) async fn find_owner(platform: &Platform, token_hash: &[u8]) -> Result<Option<ResetOwner>> {
    let owner = sqlx::query_as!(
        ResetOwner,
        r#"select tenant_id as "tenant_id!: TenantId", reset_id as "reset_id!: PasswordResetId", user_id as "user_id!: UserId",
               email as "email!: Email", name as "name!"
           from platform.password_reset_owner($1, $2)"#,
        token_hash,
        platform.now() as Timestamp
    )
    .fetch_optional(platform.pool())
    .await?;
    Ok(owner)
}

pub(super) async fn insert_reset(tx: &mut Tx, user: UserId, token_hash: &[u8]) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into platform.password_reset (tenant_id, id, user_id, token_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant,
        PasswordResetId::generate(now).uuid(),
        user.uuid(),
        token_hash,
        now as Timestamp,
        now.plus(LIFE) as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Uses a link up. False when somebody was faster, or its time is over.
pub(super) async fn use_reset(tx: &mut Tx, id: PasswordResetId) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let used = sqlx::query!(
        "delete from platform.password_reset where tenant_id = $1 and id = $2 and expires_at > $3",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(used.rows_affected() == 1)
}

/// Ends the user's links in every tenant: there is a newer one, or his password has changed.
pub(crate) async fn end_resets(tx: &mut Tx, user: UserId) -> Result<()> {
    sqlx::query!("select platform.end_password_resets($1)", user.uuid()).fetch_one(tx.conn()).await?;
    Ok(())
}

/// Forgets the links whose time is over; how many. Part of housekeeping.
pub async fn delete_expired_resets(tx: &mut Tx) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let done = sqlx::query!(
        "delete from platform.password_reset where tenant_id = $1 and expires_at <= $2",
        tenant,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
