//! Weeks and their lines.

use kernel::{BuyerId, Date, EntityId, OrderId, Timestamp, Week};
use platform::{Result, Tx};

use crate::billing::model::{CreditTotal, Group};
use crate::rules::pricing::{BillingMode, PricingSource};

platform::constraint!("ledger_line_pkey", "week", "A unit of this week stands in the ledger of another already.");

/// Units of an entity, sent from an instant until before another.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The entity.
    pub entity: EntityId,
    /// The week they are of.
    pub week: Week,
    /// From.
    pub from: Timestamp,
    /// Until before.
    pub to: Timestamp,
}

/// Holds an entity's week until the transaction ends: who builds, credits or invoices it waits here. Says how often it was
/// built.
pub async fn lock_week(tx: &mut Tx, entity: EntityId, week: Week) -> Result<i32> {
    let tenant = tx.tenant().uuid();
    let generation = sqlx::query_scalar!(
        "insert into leads.billing_week as w (tenant_id, entity_id, week) values ($1, $2, $3)
         on conflict (tenant_id, entity_id, week) do update set generation = w.generation
         returning generation",
        tenant,
        entity.uuid(),
        week.monday() as Date
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(generation)
}

/// How a week was built.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.billing_week")]
pub struct Built {
    pub entity_id: EntityId,
    pub week: Date,
    pub generation: i32,
    pub built_at: Timestamp,
    pub built_by: String,
}

/// The built weeks among these, of the entities in scope.
pub async fn list_built(tx: &mut Tx, weeks: &[Week]) -> Result<Vec<Built>> {
    let tenant = tx.tenant().uuid();
    let mondays: Vec<Date> = weeks.iter().map(|week| week.monday()).collect();
    let built = sqlx::query_as!(
        Built,
        r#"select entity_id as "entity_id: EntityId", week as "week: Date", generation,
               built_at as "built_at!: Timestamp", built_by as "built_by!"
           from leads.billing_week where tenant_id = $1 and week = any($2) and generation > 0
           order by entity_id, week"#,
        tenant,
        &mondays as &[Date]
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(built)
}

/// Notes that a held week was built, and says how often it was by now.
pub async fn finish_week(tx: &mut Tx, entity: EntityId, week: Week) -> Result<i32> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let by = tx.ctx().actor().name().to_owned();
    let generation = sqlx::query_scalar!(
        "update leads.billing_week set generation = generation + 1, built_at = $4, built_by = $5
         where tenant_id = $1 and entity_id = $2 and week = $3
         returning generation",
        tenant,
        entity.uuid(),
        week.monday() as Date,
        now as Timestamp,
        by
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(generation)
}

/// Deletes the lines and records of a held week.
pub async fn delete_week(tx: &mut Tx, entity: EntityId, week: Week) -> Result<()> {
    let tenant = tx.tenant().uuid();
    let monday = week.monday();
    sqlx::query!(
        "with line as (delete from leads.ledger_line where tenant_id = $1 and entity_id = $2 and week = $3)
         delete from leads.billing_record where tenant_id = $1 and entity_id = $2 and week = $3",
        tenant,
        entity.uuid(),
        monday as Date
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes the lines of a held week, one per unit sent, at the price of its day; says what groups they make. The records that
/// they refer to are written in the same transaction.
pub async fn insert_lines(tx: &mut Tx, span: Span) -> Result<Vec<Group>> {
    let tenant = tx.tenant().uuid();
    let groups = sqlx::query_as!(
        Group,
        r#"with unit as materialized (
               select u.*, dense_rank() over (order by u.buyer_id, u.product, u.order_id, u.billing_mode, u.pricing_source,
                   u.unit_price, u.discount_pct)::integer as number
               from leads.sold_unit u
               where u.tenant_id = $1 and u.entity_id = $2 and u.sent_at >= $3 and u.sent_at < $4
           ), line as (
               insert into leads.ledger_line (tenant_id, delivery_id, entity_id, week, number, lead_id, buyer_id, order_id, product,
                   departement, unit_type, source_entity_id, outcome, is_billable, sent_at, sent_on, billing_mode, pricing_source,
                   unit_price, discount_pct, vat_rate, gross, net)
               select $1, delivery_id, entity_id, $5, number, lead_id, buyer_id, order_id, product, departement, unit_type,
                   source_entity_id, outcome, is_billable, sent_at, sent_on, billing_mode, pricing_source, unit_price,
                   discount_pct, vat_rate, case when is_billable then round(unit_price, 2) else 0 end,
                   case when is_billable then round(round(unit_price, 2) * (1 - discount_pct / 100), 2) else 0 end
               from unit
               returning 1
           )
           select number as "number!", buyer_id as "buyer_id!: BuyerId", order_id as "order_id!: OrderId", product as "product!",
               billing_mode as "mode!: BillingMode", pricing_source as "source!: PricingSource", unit_price as "unit_price!",
               discount_pct as "discount_pct!", max(vat_rate) as "vat_rate!", count(*) as "units_sent!",
               count(*) filter (where is_billable) as "units_billable!",
               count(*) filter (where is_billable and unit_type = 'lb') as "units_lb!",
               count(*) filter (where is_billable) as "units_within!", min(sent_on) as "first_on!: Date"
           from unit
           group by number, buyer_id, order_id, product, billing_mode, pricing_source, unit_price, discount_pct
           order by number"#,
        tenant,
        span.entity.uuid(),
        span.from as Timestamp,
        span.to as Timestamp,
        span.week.monday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(groups)
}

/// What groups the units make, without writing; counted besides: the billable ones sent on days from `within.0` until before
/// `within.1`.
pub async fn list_groups(tx: &mut Tx, span: Span, within: (Date, Date)) -> Result<Vec<Group>> {
    let tenant = tx.tenant().uuid();
    let groups = sqlx::query_as!(
        Group,
        r#"with unit as materialized (
               select u.*, dense_rank() over (order by u.buyer_id, u.product, u.order_id, u.billing_mode, u.pricing_source,
                   u.unit_price, u.discount_pct)::integer as number
               from leads.sold_unit u
               where u.tenant_id = $1 and u.entity_id = $2 and u.sent_at >= $3 and u.sent_at < $4
           )
           select number as "number!", buyer_id as "buyer_id!: BuyerId", order_id as "order_id!: OrderId", product as "product!",
               billing_mode as "mode!: BillingMode", pricing_source as "source!: PricingSource", unit_price as "unit_price!",
               discount_pct as "discount_pct!", max(vat_rate) as "vat_rate!", count(*) as "units_sent!",
               count(*) filter (where is_billable) as "units_billable!",
               count(*) filter (where is_billable and unit_type = 'lb') as "units_lb!",
               count(*) filter (where is_billable and sent_on >= $5 and sent_on < $6) as "units_within!",
               min(sent_on) as "first_on!: Date"
           from unit
           group by number, buyer_id, order_id, product, billing_mode, pricing_source, unit_price, discount_pct
           order by number"#,
        tenant,
        span.entity.uuid(),
        span.from as Timestamp,
        span.to as Timestamp,
        within.0 as Date,
        within.1 as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(groups)
}

/// What is credited to each order of an entity's week, with the price of the week's last day.
pub async fn list_credit_totals(tx: &mut Tx, entity: EntityId, week: Week) -> Result<Vec<CreditTotal>> {
    let tenant = tx.tenant().uuid();
    let totals = sqlx::query_as!(
        CreditTotal,
        r#"select c.buyer_id as "buyer_id: BuyerId", c.order_id as "order_id: OrderId", c.product, c.units as "units!",
               case when price.active then 'client_product_pricing' when discount.discount_pct is not null
                   then 'client_pricing_global' else 'none' end as "source!: PricingSource",
               case when price.active then price.unit_price else 0 end as "unit_price!",
               case when price.active then price.discount_pct else coalesce(discount.discount_pct, 0) end as "discount_pct!",
               p.vat_rate
           from (
               select buyer_id, order_id, product, sum(quantity) as units from leads.credit
               where tenant_id = $1 and entity_id = $2 and week = $3 group by buyer_id, order_id, product) c
           join parties.party p on p.tenant_id = $1 and p.id = c.buyer_id
           left join lateral (
               select v.active, v.unit_price, v.discount_pct from leads.buyer_product_price v
               where v.tenant_id = $1 and v.buyer_id = c.buyer_id and v.product = c.product and v.valid_from <= $4
               order by v.valid_from desc limit 1) price on true
           left join lateral (
               select v.discount_pct from leads.buyer_discount v
               where v.tenant_id = $1 and v.buyer_id = c.buyer_id and v.valid_from <= $4
               order by v.valid_from desc limit 1) discount on true
           order by c.buyer_id, c.product, c.order_id"#,
        tenant,
        entity.uuid(),
        week.monday() as Date,
        week.sunday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(totals)
}

/// Billable lines of built weeks among these whose unit was taken back since.
pub async fn count_returned_since(tx: &mut Tx, entities: &[EntityId], week: Week) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let entities: Vec<_> = entities.iter().map(|id| id.uuid()).collect();
    let returned = sqlx::query_scalar!(
        r#"select count(*) as "count!" from leads.ledger_line l
           join leads.delivery d on d.tenant_id = l.tenant_id and d.id = l.delivery_id
           where l.tenant_id = $1 and l.entity_id = any($2) and l.week = $3 and l.is_billable and d.outcome <> 'accepted'"#,
        tenant,
        &entities,
        week.monday() as Date
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(returned)
}
