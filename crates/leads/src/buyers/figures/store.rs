//! What deliveries, leads and orders say of a buyer. Sent units belong to the instant they were first accepted.

use kernel::{BuyerId, Cursor, Date, Limit, Timestamp, Zone};
use platform::{Error, Result, Tx};
use sqlx::{Postgres, QueryBuilder};

use super::super::model::GroupBy;
use super::model::{BuyerLead, CoveringOrder, Totals};
use crate::rules::departement::DepartementSet;

/// The leads a buyer was given, newest first, one more than `limit`.
pub async fn list_buyer_leads(tx: &mut Tx, id: BuyerId, after: Option<Cursor>, limit: Limit) -> Result<Vec<BuyerLead>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select d.id as delivery_id, d.lead_id, d.product, d.departement, d.phone, coalesce(l.nom, '') as nom,
             coalesce(l.prenom, '') as prenom, coalesce(l.email, '') as email, d.status, d.outcome, d.created_at, d.last_sent_at
         from leads.delivery d left join leads.lead l on l.tenant_id = d.tenant_id and l.id = d.lead_id
         where d.tenant_id = ",
    );
    sql.push_bind(tx.tenant()).push(" and d.buyer_id = ").push_bind(id);
    if let Some(after) = after {
        sql.push(" and (d.created_at, d.id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by d.created_at desc, d.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// All deliveries of a buyer, ever.
pub async fn get_totals(tx: &mut Tx, id: BuyerId) -> Result<Totals> {
    let tenant = tx.tenant().uuid();
    let totals = sqlx::query_as!(
        Totals,
        r#"select count(*) filter (where status = 'sent') as "sent!",
               count(*) filter (where outcome = 'rejected') as "rejected!",
               count(*) filter (where outcome = 'removed') as "removed!",
               count(*) filter (where status = 'failed') as "failed!",
               count(*) filter (where status in ('pending_csv', 'ready_to_send', 'sending')) as "pending!",
               count(*) filter (where status = 'cancelled') as "cancelled!",
               max(last_sent_at) as last_sent_at
           from leads.delivery where tenant_id = $1 and buyer_id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(totals)
}

/// The deliveries of a buyer from the day `days.0` to the day before `days.1`, per period that has some, newest first.
pub async fn list_periods(
    tx: &mut Tx,
    id: BuyerId,
    group_by: GroupBy,
    days: (Date, Date),
    zone: &Zone,
) -> Result<Vec<(Date, Totals)>> {
    let tenant = tx.tenant().uuid();
    let (from, to) = (days.0.start_in(zone), days.1.start_in(zone));
    let rows = sqlx::query!(
        r#"select date_trunc($4, at at time zone $5)::date as "start!",
               count(*) filter (where status = 'sent') as "sent!",
               count(*) filter (where outcome = 'rejected') as "rejected!",
               count(*) filter (where outcome = 'removed') as "removed!",
               count(*) filter (where status = 'failed') as "failed!",
               max(last_sent_at) as last_sent_at
           from (select status, outcome, last_sent_at, coalesce(accepted_at, created_at) as at
                 from leads.delivery
                 where tenant_id = $1 and buyer_id = $2 and status in ('sent', 'failed')) delivery
           where at >= $3 and at < $6
           group by 1 order by 1 desc"#,
        tenant,
        id.uuid(),
        from as Timestamp,
        group_by.as_str(),
        zone.name(),
        to as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    let totals = rows.into_iter().map(|row| {
        let totals = Totals {
            sent: row.sent,
            rejected: row.rejected,
            removed: row.removed,
            failed: row.failed,
            last_sent_at: row.last_sent_at,
            ..Totals::default()
        };
        (row.start, totals)
    });
    Ok(totals.collect())
}

/// The active orders of a buyer, for one product or all.
pub async fn list_covering_orders(tx: &mut Tx, id: BuyerId, product: Option<&str>) -> Result<Vec<CoveringOrder>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        "select product, departements, quota from leads.standing_order
         where tenant_id = $1 and buyer_id = $2 and active and ($3::text is null or product = $3) order by product",
        tenant,
        id.uuid(),
        product
    )
    .fetch_all(tx.conn())
    .await?;
    let orders = rows.into_iter().map(|row| {
        let departements = DepartementSet::try_from_codes(&row.departements)
            .map_err(|error| Error::internal("reading the départements of an order", error))?;
        Ok(CoveringOrder { product: row.product, departements, quota: i64::from(row.quota) })
    });
    orders.collect()
}

/// Units sent to a buyer in a span of time and not returned, per département, for one product or all.
pub async fn list_delivered(
    tx: &mut Tx,
    id: BuyerId,
    product: Option<&str>,
    span: (Timestamp, Timestamp),
) -> Result<Vec<(String, i64)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select departement, count(*) as "units!" from leads.delivery
           where tenant_id = $1 and buyer_id = $2 and status = 'sent' and outcome = 'accepted'
               and accepted_at >= $3 and accepted_at < $4 and ($5::text is null or product = $5)
           group by departement order by departement"#,
        tenant,
        id.uuid(),
        span.0 as Timestamp,
        span.1 as Timestamp,
        product
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.departement, row.units)).collect())
}
