//! Every statement on `leads.credit`.

use kernel::{BuyerId, CreditId, Cursor, Date, EntityId, Limit, OrderId, Timestamp};
use platform::{Error, Result, Tx};

use super::model::{AddCredit, CreditReason, CreditRow};

platform::constraint!("credit_quantity_check", "quantity", "A credit is of 1 to 1 000 000 units.");
platform::constraint!("credit_order_fkey", "order_id", "This order is not the buyer's, or not of this product.");

/// The credits of a buyer, of a week where that is asked, newest first, one more than `limit`.
pub async fn list_credits(
    tx: &mut Tx,
    buyer: BuyerId,
    week: Option<Date>,
    (after, limit): (Option<Cursor>, Limit),
) -> Result<Vec<CreditRow>> {
    let tenant = tx.tenant().uuid();
    let (at, id) = after.map_or((None, None), |after| (Some(after.at), Some(after.id)));
    let credits = sqlx::query_as!(
        CreditRow,
        r#"select id as "id: CreditId", buyer_id as "buyer_id: BuyerId", order_id as "order_id: OrderId", product,
               week as "week: Date", quantity, reason as "reason: CreditReason", note, author_name,
               created_at as "created_at: Timestamp"
           from leads.credit
           where tenant_id = $1 and buyer_id = $2 and ($3::date is null or week = $3)
             and ($4::timestamptz is null or (created_at, id) < ($4, $5::uuid))
           order by created_at desc, id desc limit $6"#,
        tenant,
        buyer.uuid(),
        week as Option<Date>,
        at as Option<Timestamp>,
        id,
        limit.probe()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(credits)
}

/// A credit of a buyer, with the entity and week that it counts in.
pub async fn get_credit(tx: &mut Tx, buyer: BuyerId, id: CreditId) -> Result<CreditRow> {
    let tenant = tx.tenant().uuid();
    let credit = sqlx::query_as!(
        CreditRow,
        r#"select id as "id: CreditId", buyer_id as "buyer_id: BuyerId", order_id as "order_id: OrderId", product,
               week as "week: Date", quantity, reason as "reason: CreditReason", note, author_name,
               created_at as "created_at: Timestamp"
           from leads.credit where tenant_id = $1 and buyer_id = $2 and id = $3"#,
        tenant,
        buyer.uuid(),
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    credit.ok_or_else(|| Error::not_found("credit"))
}

/// Writes a new credit.
pub async fn insert_credit(tx: &mut Tx, entity: EntityId, buyer: BuyerId, credit: &AddCredit) -> Result<CreditId> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let id = CreditId::generate(now);
    let (author_id, author) = (tx.ctx().actor().id(), tx.ctx().actor().name().to_owned());
    sqlx::query!(
        "insert into leads.credit (tenant_id, id, entity_id, buyer_id, order_id, product, week, quantity, reason, note, author_id,
             author_name, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tenant,
        id.uuid(),
        entity.uuid(),
        buyer.uuid(),
        credit.order_id.uuid(),
        credit.product,
        credit.week.monday() as Date,
        credit.quantity,
        credit.reason.as_str(),
        credit.note,
        author_id,
        author,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Deletes a credit.
pub async fn delete_credit(tx: &mut Tx, id: CreditId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from leads.credit where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
