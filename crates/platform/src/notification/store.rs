//! The statements of notifications that are not those of events.

use kernel::{EventId, UserId};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::event::store::Notable;
use crate::{Error, Result, Tx};

/// Unread ones are counted up to here.
const COUNTED: i64 = 100;

/// The last event that a member has seen; what happened before he joined is no news to him. His entity must be in scope.
pub(super) async fn get_seen(tx: &mut Tx, user: UserId) -> Result<Uuid> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select notifications_seen_id, created_at as "created_at: kernel::Timestamp"
           from platform.membership where tenant_id = $1 and user_id = $2"#,
        tenant,
        user.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::not_found("user"))?;
    Ok(row.notifications_seen_id.unwrap_or_else(|| row.created_at.first_uuid()))
}

/// Moves a member's place forward to an event. His entity must be in scope.
pub(super) async fn update_seen(tx: &mut Tx, user: UserId, up_to: EventId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "update platform.membership set notifications_seen_id = greatest(notifications_seen_id, $3)
         where tenant_id = $1 and user_id = $2",
        tenant,
        user.uuid(),
        up_to.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Events that a person is notified of, after `seen`, within scope: 100 at most.
pub(super) async fn count_unread(tx: &mut Tx, notable: &Notable, seen: Uuid) -> Result<i64> {
    let mut sql =
        QueryBuilder::<Postgres>::new("select count(*) from (select 1 from platform.event where tenant_id = ");
    sql.push_bind(tx.tenant()).push(" and id > ").push_bind(seen);
    notable.push(&mut sql);
    sql.push(" limit ").push_bind(COUNTED).push(") unread");
    Ok(sql.build_query_scalar().fetch_one(tx.conn()).await?)
}
