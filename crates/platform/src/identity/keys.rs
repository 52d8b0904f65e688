//! Keys of machines: shown once, stored hashed, one live key a subject.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{ApiKeyId, TenantId, Timestamp};
use uuid::Uuid;

use super::token_hash;
use crate::{Platform, Result, Tx};

/// A key just made. The secret is shown once and kept nowhere: mount the route that answers it `confidential()`.
pub struct IssuedKey {
    /// The whole key.
    pub secret: String,
    /// What may be shown later to tell it from others.
    pub hint: String,
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// The tenant it opens.
    pub tenant_id: TenantId,
    /// What holds it, such as `provider`.
    pub kind: String,
    /// The holder.
    pub subject_id: Uuid,
}

/// The hash under which a key is stored and found.
pub fn hash(secret: &str) -> Vec<u8> {
    token_hash(secret)
}

/// Issues the key of a subject: `prefix` and 32 random bytes. The one it had ends at once: this is rotation too.
pub async fn issue(tx: &mut Tx, kind: &'static str, subject_id: Uuid, prefix: &str) -> Result<IssuedKey> {
    revoke(tx, kind, subject_id).await?;
    let key = new_key(prefix, rand::random());
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into platform.api_key (tenant_id, id, kind, subject_id, key_hash, hint, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant,
        ApiKeyId::generate(now).uuid(),
        kind,
        subject_id,
        token_hash(&key.secret),
        key.hint,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(key)
}

/// Ends the live key of a subject; whether it had one.
pub async fn revoke(tx: &mut Tx, kind: &'static str, subject_id: Uuid) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let done = sqlx::query!(
        "update platform.api_key set revoked_at = $4
         where tenant_id = $1 and kind = $2 and subject_id = $3 and revoked_at is null",
        tenant,
        kind,
        subject_id,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whose live key this is; none when there is no such key or it was revoked.
pub async fn owner_of(platform: &Platform, secret: &str) -> Result<Option<KeyOwner>> {
    let row = sqlx::query!(
        r#"select tenant_id as "tenant_id!", kind as "kind!", subject_id as "subject_id!" from platform.key_owner($1)"#,
        token_hash(secret)
    )
    .fetch_optional(platform.pool())
    .await?;
    Ok(row.map(|row| KeyOwner { tenant_id: row.tenant_id.into(), kind: row.kind, subject_id: row.subject_id }))
}

fn new_key(prefix: &str, random: [u8; 32]) -> IssuedKey {
    let body = URL_SAFE_NO_PAD.encode(random);
    let hint = format!("{prefix}…{}", &body[body.len() - 4..]);
    IssuedKey { secret: format!("{prefix}{body}"), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_tells_keys_apart_and_gives_away_24_bits() {
        let key = new_key("prov_", [7; 32]);
        assert_eq!(key.secret.len(), 5 + 43);
        assert!(key.secret.starts_with("prov_BwcH"));
        assert_eq!(key.hint, format!("prov_…{}", &key.secret[44..]));
    }
}
