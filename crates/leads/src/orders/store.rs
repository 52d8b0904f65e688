//! Every statement on `leads.standing_order`.

use kernel::{BasisPoints, BuyerId, Cursor, Date, EntityId, Limit, OrderId, Timestamp};
use platform::{Error, Result, Tx};
use sqlx::{Postgres, QueryBuilder};

use super::model::{Order, Terms, Used};
use crate::rules::departement::DepartementSet;

platform::constraint!(
    "standing_order_active_key",
    "product",
    "This buyer already has an active order for this product: pause that one first."
);
platform::constraint!("standing_order_quota_check", "quota_semaine", "A quota lies between 0 and 1 000 000.");
platform::constraint!("standing_order_lb_target_check", "lb_target_pct", "A target lies between 0 and 1.");
platform::constraint!("standing_order_priority_check", "priorite", "A priority lies between 1 and 10.");
platform::constraint!("standing_order_departements_check", "departements", "Name départements, or * alone.");
platform::constraint!("standing_order_product_fkey", "product", "There is no such product in the catalogue.");
platform::constraint!("standing_order_buyer_fkey", "buyer_id", "The buyer and its orders belong to one entity.");

/// An order with its buyer and what it used of a week.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of leads.standing_order and leads.order_week")]
pub struct OrderRow {
    pub id: OrderId,
    pub entity_id: EntityId,
    pub buyer_id: BuyerId,
    pub buyer_name: String,
    pub product: String,
    pub departements: Vec<String>,
    pub quota: i32,
    pub lb_target: BasisPoints,
    pub priority: i32,
    pub auto_renew: bool,
    pub replace_suspicious: bool,
    pub active: bool,
    pub ends_on: Option<Date>,
    pub notes: String,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sqlx(flatten)]
    pub usage: Used,
}

/// Which orders; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// Only this buyer's.
    pub buyer: Option<BuyerId>,
    /// Only for this product.
    pub product: Option<String>,
    /// Only those that take leads now, or do not.
    pub active: Option<bool>,
    /// Archived ones too.
    pub archived: bool,
    /// Only after this place of the list.
    pub after: Option<Cursor>,
}

/// Orders in scope, newest first, one more than `limit`. `weeks` pairs each entity with the Monday looked at.
pub async fn list_orders(
    tx: &mut Tx,
    filter: &OrderFilter,
    weeks: &[(EntityId, Date)],
    limit: Limit,
) -> Result<Vec<OrderRow>> {
    let mut sql = select_with_usage(tx, weeks);
    if let Some(buyer) = filter.buyer {
        sql.push(" and o.buyer_id = ").push_bind(buyer);
    }
    if let Some(product) = &filter.product {
        sql.push(" and o.product = ").push_bind(product);
    }
    if let Some(active) = filter.active {
        sql.push(" and o.active = ").push_bind(active);
    }
    if !filter.archived {
        sql.push(" and o.archived_at is null");
    }
    if let Some(after) = filter.after {
        sql.push(" and (o.created_at, o.id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by o.created_at desc, o.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// Every active order in scope that wants aged leads, or got some in the week, in routing order.
pub async fn list_lb_orders(tx: &mut Tx, weeks: &[(EntityId, Date)]) -> Result<Vec<OrderRow>> {
    let mut sql = select_with_usage(tx, weeks);
    sql.push(" and o.active and (o.lb_target > 0 or w.lb_accepted > 0) order by o.priority, o.created_at, o.id");
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One order within the caller's scope.
pub async fn get_order(tx: &mut Tx, id: OrderId, weeks: &[(EntityId, Date)]) -> Result<OrderRow> {
    let mut sql = select_with_usage(tx, weeks);
    sql.push(" and o.id = ").push_bind(id);
    let row: Option<OrderRow> = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("order"))
}

fn select_with_usage(tx: &Tx, weeks: &[(EntityId, Date)]) -> QueryBuilder<Postgres> {
    let (entities, mondays): (Vec<_>, Vec<Date>) = weeks.iter().map(|(id, week)| (id.uuid(), *week)).unzip();
    let mut sql = QueryBuilder::<Postgres>::new(
        "select o.id, o.entity_id, o.buyer_id, p.name as buyer_name, o.product, o.departements, o.quota, o.lb_target,
             o.priority, o.auto_renew, o.replace_suspicious, o.active, o.ends_on, o.notes, o.archived_at, o.created_at,
             o.updated_at, coalesce(w.used, 0) as used, coalesce(w.accepted, 0) as accepted,
             coalesce(w.lb_accepted, 0) as lb_accepted
         from leads.standing_order o
         join parties.party p on p.tenant_id = o.tenant_id and p.id = o.buyer_id
         left join unnest(",
    );
    sql.push_bind(entities).push("::uuid[], ").push_bind(mondays).push(
        "::date[]) as looked_at (entity_id, week) on looked_at.entity_id = o.entity_id
         left join leads.order_week w on w.tenant_id = o.tenant_id and w.order_id = o.id and w.week = looked_at.week
         where o.tenant_id = ",
    );
    sql.push_bind(tx.tenant());
    sql
}

/// An order about to be changed, held until the transaction ends.
///
/// Not found outside the caller's scope; stale when the caller saw an older version.
pub async fn lock_order(tx: &mut Tx, id: OrderId) -> Result<Order> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select id as "id: OrderId", entity_id as "entity_id: EntityId", buyer_id as "buyer_id: BuyerId", product,
               departements, quota, lb_target as "lb_target: BasisPoints", priority, auto_renew, replace_suspicious, active,
               ends_on, notes, archived_at, updated_at
           from leads.standing_order where tenant_id = $1 and id = $2 for no key update"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::not_found("order"))?;
    tx.ctx().expect_version(row.updated_at)?;
    let departements = DepartementSet::try_from_codes(&row.departements)
        .map_err(|error| Error::internal("reading the départements of an order", error))?;
    let terms = Terms {
        departements,
        quota: row.quota,
        lb_target: row.lb_target,
        priority: row.priority,
        auto_renew: row.auto_renew,
        replace_suspicious: row.replace_suspicious,
        notes: row.notes,
    };
    Ok(Order {
        id: row.id,
        entity_id: row.entity_id,
        buyer_id: row.buyer_id,
        product: row.product,
        terms,
        active: row.active,
        ends_on: row.ends_on,
        archived_at: row.archived_at,
    })
}

/// Writes a new order.
///
/// Conflict when it is active and the buyer has an active one for the product (L-12).
pub async fn insert_order(tx: &mut Tx, order: &Order) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let terms = &order.terms;
    sqlx::query!(
        "insert into leads.standing_order (tenant_id, id, entity_id, buyer_id, product, departements, quota, lb_target,
             priority, auto_renew, replace_suspicious, active, ends_on, notes, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
        tenant,
        order.id.uuid(),
        order.entity_id.uuid(),
        order.buyer_id.uuid(),
        order.product,
        &codes(terms.departements),
        terms.quota,
        terms.lb_target.points(),
        terms.priority,
        terms.auto_renew,
        terms.replace_suspicious,
        order.active,
        order.ends_on as Option<Date>,
        terms.notes,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what may change of an order, whether it is active and archived.
///
/// Conflict when it becomes active and the buyer has an active one for the product (L-12).
pub async fn update_order(tx: &mut Tx, order: &Order) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let terms = &order.terms;
    sqlx::query!(
        "update leads.standing_order
         set departements = $3, quota = $4, lb_target = $5, priority = $6, auto_renew = $7, replace_suspicious = $8,
             active = $9, ends_on = $10, notes = $11, archived_at = $12, updated_at = $13
         where tenant_id = $1 and id = $2",
        tenant,
        order.id.uuid(),
        &codes(terms.departements),
        terms.quota,
        terms.lb_target.points(),
        terms.priority,
        terms.auto_renew,
        terms.replace_suspicious,
        order.active,
        order.ends_on as Option<Date>,
        terms.notes,
        order.archived_at as Option<Timestamp>,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn codes(departements: DepartementSet) -> Vec<String> {
    departements.codes().into_iter().map(str::to_owned).collect()
}

/// Whether anything refers to an order.
pub async fn has_history(tx: &mut Tx, id: OrderId) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select exists (select from leads.delivery where tenant_id = $1 and order_id = $2)
               or exists (select from leads.order_week where tenant_id = $1 and order_id = $2)
               or exists (select from leads.delivery_batch where tenant_id = $1 and order_id = $2)
               or exists (select from leads.credit where tenant_id = $1 and order_id = $2) as "found!""#,
        tenant,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// Deletes an order that nothing refers to.
pub async fn delete_order(tx: &mut Tx, id: OrderId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from leads.standing_order where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Pauses the active orders whose last day lies before the entity's `today`.
pub async fn close_ended(tx: &mut Tx, today: &[(EntityId, Date)]) -> Result<Vec<(OrderId, EntityId, BuyerId)>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let (entities, days): (Vec<_>, Vec<Date>) = today.iter().map(|(id, day)| (id.uuid(), *day)).unzip();
    let rows = sqlx::query!(
        r#"update leads.standing_order o set active = false, updated_at = $4
           from unnest($2::uuid[], $3::date[]) as now_in (entity_id, today)
           where o.tenant_id = $1 and o.entity_id = now_in.entity_id and o.active and o.ends_on < now_in.today
           returning o.id as "id: OrderId", o.entity_id as "entity_id: EntityId", o.buyer_id as "buyer_id: BuyerId""#,
        tenant,
        &entities,
        &days as &[Date],
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.entity_id, row.buyer_id)).collect())
}
