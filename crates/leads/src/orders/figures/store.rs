//! What deliveries and weeks say of an order.

use kernel::{Cursor, Date, DeliveryId, LeadId, Limit, OrderId, Timestamp};
use platform::{Result, Tx};
use serde::Serialize;
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;

use super::super::model::Used;

/// A delivery under an order.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct OrderDelivery {
    /// The delivery.
    pub id: DeliveryId,
    /// The lead.
    pub lead_id: LeadId,
    /// Its département.
    pub departement: String,
    /// Its phone.
    pub phone: String,
    /// Where the delivery stands.
    pub status: String,
    /// What became of it once sent.
    pub outcome: Option<String>,
    /// Whether it was aged stock.
    pub is_lb: bool,
    /// When it was assigned.
    pub created_at: Timestamp,
    /// When it was last sent.
    pub last_sent_at: Option<Timestamp>,
}

/// The deliveries under an order, newest first, one more than `limit`.
pub async fn list_order_deliveries(
    tx: &mut Tx,
    id: OrderId,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Vec<OrderDelivery>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select id, lead_id, departement, phone, status, outcome, is_lb, created_at, last_sent_at
         from leads.delivery where tenant_id = ",
    );
    sql.push_bind(tx.tenant()).push(" and order_id = ").push_bind(id);
    if let Some(after) = after {
        sql.push(" and (created_at, id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by created_at desc, id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// What an order used per week since the Monday `from`.
pub async fn list_weeks(tx: &mut Tx, id: OrderId, from: Date) -> Result<Vec<(Date, Used)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        "select week, used, accepted, lb_accepted from leads.order_week
         where tenant_id = $1 and order_id = $2 and week >= $3 order by week desc",
        tenant,
        id.uuid(),
        from as Date
    )
    .fetch_all(tx.conn())
    .await?;
    let used = |row: (i32, i32, i32)| Used { used: row.0, accepted: row.1, lb_accepted: row.2 };
    Ok(rows.into_iter().map(|row| (row.week, used((row.used, row.accepted, row.lb_accepted)))).collect())
}
