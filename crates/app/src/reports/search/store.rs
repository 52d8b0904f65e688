//! The statements of the search. A text is compared literally: patterns would not be, and under row security they use no
//! index. Of buyers and orders there are so few in an entity that reading them all through its index is quick.

use kernel::{BuyerId, DeliveryId, EntityId, Limit, OrderId, Timestamp};
use leads::deliveries::model::{DeliveryOutcome, DeliveryStatus};
use platform::{Result, Tx};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::Wanted;

/// A buyer that was found.
#[derive(Debug)]
pub(super) struct BuyerHit {
    pub(super) id: BuyerId,
    pub(super) entity_id: EntityId,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) active: bool,
    pub(super) archived: bool,
}

/// Buyers whose name or e-mail contains the text: those that buy first, by name.
pub(super) async fn find_buyers(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<BuyerHit>> {
    let (tenant, entities) = (tx.tenant().uuid(), tx.ctx().counted_entities());
    let buyers = sqlx::query_as!(
        BuyerHit,
        r#"select b.id as "id: BuyerId", b.entity_id as "entity_id: EntityId", p.name, p.email, b.active,
               p.archived_at is not null as "archived!"
           from leads.buyer b join parties.party p on p.tenant_id = b.tenant_id and p.id = b.id
           where b.tenant_id = $1 and ($2::uuid[] is null or b.entity_id = any($2))
             and strpos(lower(p.name || ' ' || p.email), lower($3)) > 0
           order by p.archived_at is not null, not b.active, p.name, b.id
           limit $4"#,
        tenant,
        entities.as_deref(),
        wanted.text,
        i64::from(wanted.limit.get())
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(buyers)
}

/// An order that was found.
#[derive(Debug)]
pub(super) struct OrderHit {
    pub(super) id: OrderId,
    pub(super) entity_id: EntityId,
    pub(super) buyer_name: String,
    pub(super) product: String,
    pub(super) departements: Vec<String>,
    pub(super) active: bool,
    pub(super) archived: bool,
}

/// Orders whose buyer's name or whose product contains the text: active ones first, by buyer.
pub(super) async fn find_orders(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<OrderHit>> {
    let (tenant, entities) = (tx.tenant().uuid(), tx.ctx().counted_entities());
    let orders = sqlx::query_as!(
        OrderHit,
        r#"select o.id as "id: OrderId", o.entity_id as "entity_id: EntityId", p.name as buyer_name, o.product, o.departements,
               o.active, o.archived_at is not null as "archived!"
           from leads.standing_order o join parties.party p on p.tenant_id = o.tenant_id and p.id = o.buyer_id
           where o.tenant_id = $1 and ($2::uuid[] is null or o.entity_id = any($2))
             and strpos(lower(p.name || ' ' || o.product), lower($3)) > 0
           order by o.archived_at is not null, not o.active, p.name, o.product, o.id
           limit $4"#,
        tenant,
        entities.as_deref(),
        wanted.text,
        i64::from(wanted.limit.get())
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(orders)
}

/// A delivery that was found.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct DeliveryHit {
    pub(super) id: DeliveryId,
    pub(super) entity_id: EntityId,
    pub(super) buyer_name: String,
    pub(super) phone: String,
    pub(super) product: String,
    pub(super) departement: String,
    pub(super) status: DeliveryStatus,
    pub(super) outcome: Option<DeliveryOutcome>,
    pub(super) created_at: Timestamp,
}

/// How deliveries are found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'a> {
    /// Their lead's phone begins so.
    Phone(&'a str),
    /// Their id lies between these.
    Id(Uuid, Uuid),
    /// Their buyer's name contains this.
    Buyer(&'a str),
}

const COLUMNS: &str =
    "d.id, d.entity_id, d.buyer_name, d.phone, d.product, d.departement, d.status, d.outcome, d.created_at";

/// The newest deliveries found in one way.
pub(super) async fn find_deliveries(tx: &mut Tx, way: Way<'_>, limit: Limit) -> Result<Vec<DeliveryHit>> {
    let newest = format!(" order by created_at desc, id desc limit {}", limit.get());
    let mut sql = QueryBuilder::<Postgres>::new("");
    let of_buyer = matches!(way, Way::Buyer(_));
    if let Way::Buyer(text) = way {
        // Each buyer's newest, from his part of the index, and of these the newest.
        sql.push(
            "select newest.* from leads.buyer b join parties.party p on p.tenant_id = b.tenant_id and p.id = b.id ",
        );
        sql.push("and strpos(lower(p.name), lower(").push_bind(text).push(")) > 0 cross join lateral (");
    }
    sql.push(format!("select {COLUMNS} from leads.delivery d where d.tenant_id = ")).push_bind(tx.tenant());
    match way {
        Way::Phone(digits) => {
            sql.push(" and d.phone ~>=~ ").push_bind(digits).push(" and d.phone ~<~ ").push_bind(format!("{digits}~"))
        }
        Way::Id(first, last) => sql.push(" and d.id >= ").push_bind(first).push(" and d.id <= ").push_bind(last),
        Way::Buyer(_) => sql.push(" and d.buyer_id = b.id"),
    };
    if let Some(entities) = tx.ctx().counted_entities() {
        sql.push(" and d.entity_id = any(").push_bind(entities).push(")");
    }
    sql.push(&newest);
    if of_buyer {
        sql.push(") newest where b.tenant_id = ").push_bind(tx.tenant());
        if let Some(entities) = tx.ctx().counted_entities() {
            sql.push(" and b.entity_id = any(").push_bind(entities).push(")");
        }
        sql.push(&newest);
    }
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}
