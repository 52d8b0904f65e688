//! Who stands for an entity in the books of another, and whether both sides agree.

use kernel::{Date, EntityId, PartyId, Week};
use platform::{Result, Tx};
use rust_decimal::Decimal;

/// The party that stands for an entity in the books of another.
pub async fn find_counterpart(tx: &mut Tx, entity: EntityId, other: EntityId) -> Result<Option<PartyId>> {
    let tenant = tx.tenant().uuid();
    let party = sqlx::query_scalar!(
        r#"select party_id as "id: PartyId" from leads.counterpart
           where tenant_id = $1 and entity_id = $2 and counterpart_id = $3"#,
        tenant,
        entity.uuid(),
        other.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(party)
}

/// Writes which party stands for an entity in the books of another.
pub async fn insert_counterpart(tx: &mut Tx, entity: EntityId, other: EntityId, party: PartyId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into leads.counterpart (tenant_id, entity_id, counterpart_id, party_id) values ($1, $2, $3, $4)",
        tenant,
        entity.uuid(),
        other.uuid(),
        party.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What two entities invoiced each other in a week, from both sides.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Reconciled {
    /// Who is owed, by code.
    pub from: String,
    /// Who owes, by code.
    pub to: String,
    /// What the invoiced transfers of the week amount to, what takes back taken off.
    pub transfers: Decimal,
    /// What is invoiced in the books of who is owed, credit notes taken off.
    pub sales: Decimal,
    /// What is entered in the books of who owes.
    pub purchases: Decimal,
    /// Transfers of the week that are not invoiced yet.
    pub pending: i64,
    /// Whether all three agree; unknown to who sees one side alone.
    pub agrees: Option<bool>,
}

/// Compares what entities invoiced each other in a week: the transfers, the sales, the purchases.
pub async fn reconcile(tx: &mut Tx, week: Week) -> Result<Vec<Reconciled>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"with owed as (
               select from_entity_id, to_entity_id,
                   coalesce(sum(units * unit_price) filter (where status = 'invoiced'), 0) as amount,
                   count(*) filter (where status in ('pending', 'error')) as pending
               from leads.transfer where tenant_id = $1 and week = $2
               group by from_entity_id, to_entity_id),
           billed as (
               select d.entity_id, c.counterpart_id, d.direction,
                   sum(case d.kind when 'credit_note' then -d.net else d.net end) as amount
               from billing.document d
               join leads.counterpart c
                   on c.tenant_id = d.tenant_id and c.entity_id = d.entity_id and c.party_id = d.party_id
               where d.tenant_id = $1 and d.week = $2 and d.origin = 'intercompany' and d.status <> 'draft'
               group by d.entity_id, c.counterpart_id, d.direction)
           select o.from_entity_id as "from: EntityId", o.to_entity_id as "to: EntityId", o.amount as "transfers!",
               o.pending as "pending!", coalesce(s.amount, 0) as "sales!", coalesce(p.amount, 0) as "purchases!"
           from owed o
           left join billed s on s.entity_id = o.from_entity_id and s.counterpart_id = o.to_entity_id and s.direction = 'sale'
           left join billed p on p.entity_id = o.to_entity_id and p.counterpart_id = o.from_entity_id and p.direction = 'purchase'
           order by o.from_entity_id, o.to_entity_id"#,
        tenant,
        week.monday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    let ctx = tx.ctx();
    let sees_both = ctx.scope().whole_tenant;
    let reconciled = rows.into_iter().map(|row| Reconciled {
        from: ctx.entity_code(row.from).to_owned(),
        to: ctx.entity_code(row.to).to_owned(),
        transfers: row.transfers,
        sales: row.sales,
        purchases: row.purchases,
        pending: row.pending,
        agrees: sees_both.then_some(row.transfers == row.sales && row.sales == row.purchases),
    });
    Ok(reconciled.collect())
}
