//! Every statement on a user's own secrets. His membership must be in scope.

use kernel::{Email, SessionId, Timestamp, UserId};

use crate::{Error, Result, Tx};

/// What a user proves himself with.
pub(super) struct Secrets {
    pub(super) email: Email,
    pub(super) password_hash: String,
    pub(super) totp_secret: Option<Vec<u8>>,
    pub(super) totp_confirmed_at: Option<Timestamp>,
    pub(super) totp_last_step: Option<i64>,
}

/// Reads, and holds until the transaction ends, the secrets of a user.
pub(super) async fn lock_secrets(tx: &mut Tx, user: UserId) -> Result<Secrets> {
    let row = sqlx::query_as!(
        Secrets,
        r#"select email as "email: Email", password_hash, totp_secret, totp_confirmed_at, totp_last_step
           from platform.user where id = $1 for update"#,
        user.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or_else(|| Error::not_found("user"))
}

/// Sets the password; failures and lockout are forgotten with the old one.
pub(crate) async fn update_password(tx: &mut Tx, user: UserId, hash: &str) -> Result<()> {
    let now = tx.now();
    let done = sqlx::query!(
        "update platform.user
         set password_hash = $2, password_changed_at = $3, failed_sign_ins = 0, locked_until = null, updated_at = $3
         where id = $1",
        user.uuid(),
        hash,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::not_found("user")) }
}

/// Keeps a secret that is still to be confirmed.
pub(super) async fn update_totp_secret(tx: &mut Tx, user: UserId, secret: &[u8]) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "update platform.user set totp_secret = $2, totp_last_step = null, updated_at = $3
         where id = $1 and totp_confirmed_at is null",
        user.uuid(),
        secret,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts the second factor in force; `step` is used up.
pub(super) async fn confirm_totp(tx: &mut Tx, user: UserId, step: i64, recovery_hashes: &[String]) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "update platform.user
         set totp_confirmed_at = $2, totp_last_step = $3, recovery_codes = $4, updated_at = $2
         where id = $1 and totp_confirmed_at is null and totp_secret is not null",
        user.uuid(),
        now as Timestamp,
        step,
        recovery_hashes
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the second factor and its recovery codes.
pub(crate) async fn clear_totp(tx: &mut Tx, user: UserId) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update platform.user
         set totp_secret = null, totp_confirmed_at = null, totp_last_step = null, recovery_codes = '{}', updated_at = $2
         where id = $1",
        user.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the user's sessions in every tenant, except `keep`.
pub(crate) async fn end_sessions(tx: &mut Tx, user: UserId, keep: Option<SessionId>) -> Result<()> {
    sqlx::query!("select platform.end_sessions($1, $2)", user.uuid(), keep.map(SessionId::uuid))
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}
