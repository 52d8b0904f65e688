//! Every statement on a user's own secrets. His membership must be in scope.

use kernel::{Email, SessionId, Timestamp, UserId};
use sqlx::PgConnection;

use crate::identity::factor::StoredFactor;
use crate::secret::{Sealed, SealedColumn};
use crate::{Error, Result, Tx};

/// The secret of a second factor. Without it neither the factor nor its recovery codes mean anything.
pub(crate) const TOTP_SECRET: SealedColumn = SealedColumn {
    table: "platform.user",
    column: "totp_secret_sealed",
    of_tenant: false,
    forget: "totp_secret_sealed = null, totp_confirmed_at = null, totp_last_step = null, recovery_codes = '{}'",
    about: "second factors",
};

inventory::submit! { TOTP_SECRET }

/// What a user proves himself with.
pub(super) struct Secrets {
    pub(super) email: Email,
    pub(super) password_hash: String,
    pub(super) totp_clear: Option<Vec<u8>>,
    pub(super) totp_sealed: Option<Sealed>,
    pub(super) totp_confirmed_at: Option<Timestamp>,
    pub(super) totp_last_step: Option<i64>,
}

impl Secrets {
    /// The second factor, in force or still to be confirmed.
    pub(super) fn factor(&self) -> Option<StoredFactor> {
        StoredFactor::of(self.totp_clear.clone(), self.totp_sealed.clone())
    }
}

/// Reads, and holds until the transaction ends, the secrets of a user.
pub(super) async fn lock_secrets(tx: &mut Tx, user: UserId) -> Result<Secrets> {
    let row = sqlx::query_as!(
        Secrets,
        r#"select email as "email: Email", password_hash, totp_secret as totp_clear,
               totp_secret_sealed as "totp_sealed: Sealed", totp_confirmed_at, totp_last_step
           from platform.user where id = $1 for update"#,
        user.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or_else(|| Error::not_found("user"))
}

/// Sets the password, and whether it has to be changed before anything else.
pub(super) async fn update_password(tx: &mut Tx, user: UserId, hash: &str, must_change: bool) -> Result<()> {
    let now = tx.now();
    let done = sqlx::query!(
        "update platform.user
         set password_hash = $2, password_changed_at = $3, failed_sign_ins = 0, locked_until = null, must_change_password = $4,
             updated_at = $3
         where id = $1",
        user.uuid(),
        hash,
        now as Timestamp,
        must_change
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::not_found("user")) }
}

/// Forgets the failed sign-ins of a member; whether there was a lock.
pub(super) async fn forgive_sign_ins(tx: &mut Tx, user: UserId) -> Result<bool> {
    let was_locked = sqlx::query_scalar!(r#"select platform.forgive_sign_ins($1) as "was_locked!""#, user.uuid())
        .fetch_one(tx.conn())
        .await?;
    Ok(was_locked)
}

/// Keeps a secret that is still to be confirmed.
pub(super) async fn update_totp_secret(tx: &mut Tx, user: UserId, secret: &Sealed) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "update platform.user
         set totp_secret_sealed = $2, totp_secret = null, totp_last_step = null, updated_at = $3
         where id = $1 and totp_confirmed_at is null",
        user.uuid(),
        secret.as_str(),
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
         where id = $1 and totp_confirmed_at is null and (totp_secret_sealed is not null or totp_secret is not null)",
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
         set totp_secret = null, totp_secret_sealed = null, totp_confirmed_at = null, totp_last_step = null,
             recovery_codes = '{}', updated_at = $2
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

/// Waits until no other instance seals what stands in clear, until the transaction ends.
pub(crate) async fn lock_clear(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('comptoir/clear-secrets', 0))").execute(conn).await?;
    Ok(())
}

/// Secrets of second factors that stand in clear, `limit` at most.
pub(crate) async fn list_clear(conn: &mut PgConnection, limit: i32) -> Result<Vec<(UserId, Vec<u8>)>> {
    let rows = sqlx::query!(
        r#"select user_id as "user_id!: UserId", secret as "secret!" from platform.clear_totp_secrets($1)"#,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.secret)).collect())
}

/// Puts sealed secrets in the place of those in clear, as far as they still stand there. How many were put.
pub(crate) async fn seal_clear(conn: &mut PgConnection, clear: &[(UserId, Vec<u8>)], sealed: &[Sealed]) -> Result<i64> {
    let users: Vec<_> = clear.iter().map(|(user, _)| user.uuid()).collect();
    let secrets: Vec<_> = clear.iter().map(|(_, secret)| secret.clone()).collect();
    let sealed: Vec<_> = sealed.iter().map(|sealed| sealed.as_str().to_owned()).collect();
    let count =
        sqlx::query_scalar!(r#"select platform.seal_totp_secrets($1, $2, $3) as "count!""#, &users, &secrets, &sealed)
            .fetch_one(conn)
            .await?;
    Ok(count)
}
