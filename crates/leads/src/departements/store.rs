//! What leads, deliveries and orders say of départements.

use std::collections::HashMap;

use kernel::{BuyerId, Date, EntityId, OrderId, Timestamp, Zone};
use platform::{Error, Result, Tx};

use super::model::{Demand, Place, Produced, Sent};
use crate::rules::departement::DepartementSet;
use crate::rules::monitoring::OrderLoad;

/// What the figures are narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrow<'a> {
    /// Only this product.
    pub product: Option<&'a str>,
    /// Only this buyer's deliveries and orders.
    pub buyer: Option<BuyerId>,
}

/// Leads that came in from `start` to `end`, and from `before` to `start`, per département and product.
pub async fn list_produced(
    tx: &mut Tx,
    narrow: Narrow<'_>,
    (before, start, end): (Timestamp, Timestamp, Timestamp),
) -> Result<HashMap<Place, Produced>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select departement, product as "product!", count(*) filter (where created_at >= $3) as "current!",
               count(*) filter (where created_at < $3) as "previous!"
           from leads.lead
           where tenant_id = $1 and created_at >= $2 and created_at < $4 and product is not null
               and ($5::text is null or product = $5)
           group by departement, product order by departement, product"#,
        tenant,
        before as Timestamp,
        start as Timestamp,
        end as Timestamp,
        narrow.product
    )
    .fetch_all(tx.conn())
    .await?;
    let produced = rows
        .into_iter()
        .map(|row| ((row.departement, row.product), Produced { current: row.current, previous: row.previous }));
    Ok(produced.collect())
}

/// Units first accepted from `start` to `end`, per département and product.
pub async fn list_sent(
    tx: &mut Tx,
    narrow: Narrow<'_>,
    (start, end): (Timestamp, Timestamp),
) -> Result<HashMap<Place, Sent>> {
    let tenant = tx.tenant().uuid();
    // A unit that is sent again keeps its first acceptance; its last sending, which is indexed, is never earlier.
    let rows = sqlx::query!(
        r#"select departement, product, count(*) filter (where outcome = 'accepted') as "billable!",
               count(*) filter (where outcome <> 'accepted') as "non_billable!"
           from leads.delivery
           where tenant_id = $1 and status = 'sent' and accepted_at >= $2 and accepted_at < $3
               and ($4::text is null or product = $4) and ($5::uuid is null or buyer_id = $5)
           group by departement, product order by departement, product"#,
        tenant,
        start as Timestamp,
        end as Timestamp,
        narrow.product,
        narrow.buyer.map(BuyerId::uuid)
    )
    .fetch_all(tx.conn())
    .await?;
    let sent = rows
        .into_iter()
        .map(|row| ((row.departement, row.product), Sent { billable: row.billable, non_billable: row.non_billable }));
    Ok(sent.collect())
}

/// The orders that are not archived, with what they got of the week that begins on `monday`.
pub async fn list_demands(tx: &mut Tx, narrow: Narrow<'_>, monday: Date) -> Result<Vec<Demand>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select o.id as "id: OrderId", o.buyer_id as "buyer_id: BuyerId", o.product, o.departements, o.quota, o.active,
               coalesce(w.accepted, 0) as "accepted!"
           from leads.standing_order o
           left join leads.order_week w on w.tenant_id = o.tenant_id and w.order_id = o.id and w.week = $2
           where o.tenant_id = $1 and o.archived_at is null and ($3::text is null or o.product = $3)
               and ($4::uuid is null or o.buyer_id = $4)
           order by o.priority, o.created_at, o.id"#,
        tenant,
        monday as Date,
        narrow.product,
        narrow.buyer.map(BuyerId::uuid)
    )
    .fetch_all(tx.conn())
    .await?;
    let count = |units: i32| u32::try_from(units).unwrap_or(0);
    let demands = rows.into_iter().map(|row| {
        let departements = DepartementSet::try_from_codes(&row.departements)
            .map_err(|error| Error::internal("reading the départements of an order", error))?;
        let load = OrderLoad { active: row.active, quota: count(row.quota), billable: count(row.accepted) };
        Ok(Demand { order: row.id, buyer: row.buyer_id, product: row.product, departements, load })
    });
    demands.collect()
}

/// Names and entities of buyers within the caller's scope.
pub async fn list_buyer_names(tx: &mut Tx, buyers: &[BuyerId]) -> Result<HashMap<BuyerId, (String, EntityId)>> {
    let tenant = tx.tenant().uuid();
    let ids: Vec<_> = buyers.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"select b.id as "id: BuyerId", p.name, b.entity_id as "entity_id: EntityId"
           from leads.buyer b join parties.party p on p.tenant_id = b.tenant_id and p.id = b.id
           where b.tenant_id = $1 and b.id = any($2) order by b.id"#,
        tenant,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, (row.name, row.entity_id))).collect())
}

/// Leads of a département that came in from `start` to `end`, per week of `zone`.
pub async fn list_produced_weeks(
    tx: &mut Tx,
    departement: &str,
    product: Option<&str>,
    (start, end): (Timestamp, Timestamp),
    zone: &Zone,
) -> Result<HashMap<Date, i64>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select date_trunc('week', created_at at time zone $6)::date as "monday!", count(*) as "leads!"
           from leads.lead
           where tenant_id = $1 and departement = $2 and created_at >= $3 and created_at < $4 and product is not null
               and ($5::text is null or product = $5)
           group by 1 order by 1"#,
        tenant,
        departement,
        start as Timestamp,
        end as Timestamp,
        product,
        zone.name()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.monday, row.leads)).collect())
}

/// Units of a département first accepted from `start` to `end`, per week of `zone`.
pub async fn list_sent_weeks(
    tx: &mut Tx,
    departement: &str,
    product: Option<&str>,
    (start, end): (Timestamp, Timestamp),
    zone: &Zone,
) -> Result<HashMap<Date, Sent>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select date_trunc('week', accepted_at at time zone $6)::date as "monday!",
               count(*) filter (where outcome = 'accepted') as "billable!",
               count(*) filter (where outcome <> 'accepted') as "non_billable!"
           from leads.delivery
           where tenant_id = $1 and departement = $2 and status = 'sent' and accepted_at >= $3 and accepted_at < $4
               and ($5::text is null or product = $5)
           group by 1 order by 1"#,
        tenant,
        departement,
        start as Timestamp,
        end as Timestamp,
        product,
        zone.name()
    )
    .fetch_all(tx.conn())
    .await?;
    let sent = |billable, non_billable| Sent { billable, non_billable };
    Ok(rows.into_iter().map(|row| (row.monday, sent(row.billable, row.non_billable))).collect())
}
