//! Every statement on `leads.prepaid` and its moves.

use kernel::{BuyerId, DeliveryId, EntityId, Limit, PricingId, Timestamp};
use platform::{Result, Tx};
use uuid::Uuid;

use super::model::{BuyerBalance, PrepaidBalance, PrepaidMove, PrepaidMoveKind, PrepaidStatus};

platform::constraint!("prepaid_remaining_check", "units", "Fewer units are left than are needed.");
platform::constraint!("prepaid_signs_check", "units", "A balance holds at most 1 000 000 000 units.");

/// The balances of a buyer, by product.
pub async fn list_balances(tx: &mut Tx, buyer: BuyerId) -> Result<Vec<PrepaidBalance>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select product, purchased, held, delivered, remaining as "remaining!"
           from leads.prepaid where tenant_id = $1 and buyer_id = $2 order by product"#,
        tenant,
        buyer.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| PrepaidBalance {
            product: row.product,
            purchased: row.purchased,
            held: row.held,
            delivered: row.delivered,
            remaining: row.remaining,
            status: PrepaidStatus::of(row.remaining),
        })
        .collect())
}

/// The balances of every buyer in scope, what runs out first.
pub async fn list_all_balances(tx: &mut Tx) -> Result<Vec<BuyerBalance>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select b.buyer_id as "buyer_id: BuyerId", p.name, b.product, b.purchased, b.held, b.delivered, b.remaining as "remaining!"
           from leads.prepaid b join parties.party p on p.tenant_id = b.tenant_id and p.id = b.buyer_id
           where b.tenant_id = $1 order by b.remaining, p.name, b.product"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| BuyerBalance {
            buyer_id: row.buyer_id,
            buyer_name: row.name,
            balance: PrepaidBalance {
                product: row.product,
                purchased: row.purchased,
                held: row.held,
                delivered: row.delivered,
                remaining: row.remaining,
                status: PrepaidStatus::of(row.remaining),
            },
        })
        .collect())
}

/// The changes of a buyer's balances before another, newest first, one more than `limit`.
pub async fn list_moves(tx: &mut Tx, buyer: BuyerId, before: Option<Uuid>, limit: Limit) -> Result<Vec<PrepaidMove>> {
    let tenant = tx.tenant().uuid();
    let moves = sqlx::query_as!(
        PrepaidMove,
        r#"select id, product, kind as "kind: PrepaidMoveKind", units, delivery_id as "delivery_id: DeliveryId", note, author,
               created_at as "created_at: Timestamp"
           from leads.prepaid_move
           where tenant_id = $1 and buyer_id = $2 and ($3::uuid is null or id < $3)
           order by id desc limit $4"#,
        tenant,
        buyer.uuid(),
        before,
        limit.probe()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(moves)
}

/// Whether a buyer ever bought units.
pub async fn has_balance(tx: &mut Tx, buyer: BuyerId) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select exists (select from leads.prepaid where tenant_id = $1 and buyer_id = $2) as "found!""#,
        tenant,
        buyer.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// Units that were bought.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.prepaid_move")]
pub struct Purchase<'a> {
    pub entity: EntityId,
    pub buyer: BuyerId,
    pub product: &'a str,
    pub units: i32,
    pub note: &'a str,
}

/// Adds units that were bought.
pub async fn add_units(tx: &mut Tx, purchase: &Purchase<'_>) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let author = tx.ctx().actor().name().to_owned();
    sqlx::query!(
        "with balance as (
             insert into leads.prepaid as b (tenant_id, entity_id, buyer_id, product, purchased, updated_at)
             values ($1, $3, $4, $5, $6, $9)
             on conflict (tenant_id, buyer_id, product) do update
             set purchased = b.purchased + excluded.purchased, updated_at = excluded.updated_at
         )
         insert into leads.prepaid_move (tenant_id, id, entity_id, buyer_id, product, kind, units, note, author, created_at)
         values ($1, $2, $3, $4, $5, 'purchase', $6, $7, $8, $9)",
        tenant,
        PricingId::generate(now).uuid(),
        purchase.entity.uuid(),
        purchase.buyer.uuid(),
        purchase.product,
        purchase.units,
        purchase.note,
        author,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Moves a unit for each of these deliveries that is prepaid; one whose unit was moved so before is passed over. All entities
/// of the deliveries are in scope.
pub async fn move_units(tx: &mut Tx, kind: PrepaidMoveKind, deliveries: &[DeliveryId]) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let author = tx.ctx().actor().name().to_owned();
    let ids: Vec<_> = deliveries.iter().map(|_| PricingId::generate(now).uuid()).collect();
    let deliveries: Vec<_> = deliveries.iter().map(|id| id.uuid()).collect();
    let (held, delivered) = kind.effect();
    sqlx::query!(
        "with moved as (
             insert into leads.prepaid_move (tenant_id, id, entity_id, buyer_id, product, kind, units, delivery_id, author, created_at)
             select $1, x.id, d.entity_id, d.buyer_id, d.product, $4, 1, d.id, $5, $6
             from unnest($2::uuid[], $3::uuid[]) as x (id, delivery_id)
             join leads.delivery d on d.tenant_id = $1 and d.id = x.delivery_id and d.prepaid
             on conflict (tenant_id, delivery_id, kind) do nothing
             returning buyer_id, product
         ), total as (
             select buyer_id, product, count(*)::integer as units from moved group by buyer_id, product
         )
         update leads.prepaid b
         set held = b.held + $7 * total.units, delivered = b.delivered + $8 * total.units, updated_at = $6
         from total
         where b.tenant_id = $1 and b.buyer_id = total.buyer_id and b.product = total.product",
        tenant,
        &ids,
        &deliveries,
        kind.as_str(),
        author,
        now as Timestamp,
        held,
        delivered
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
