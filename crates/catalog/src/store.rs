//! Statements.

use std::collections::BTreeSet;

use platform::{Result, Tx};

/// The codes of the active items.
pub async fn list_active_codes(tx: &mut Tx) -> Result<BTreeSet<String>> {
    let tenant = tx.tenant().uuid();
    let codes =
        sqlx::query_scalar!("select code from catalog.item where tenant_id = $1 and active order by code", tenant)
            .fetch_all(tx.conn())
            .await?;
    Ok(codes.into_iter().collect())
}
