//! Records: writing them.

use kernel::{BillingRecordId, BuyerId, Date, DocumentId, DocumentLineId, EntityId, OrderId, Timestamp, Week};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::billing::invoicing::RecordToInvoice;
use crate::billing::model::{BillingRecordStatus, Draft, Record, Tracking};
use crate::rules::billing::Amounts;
use crate::rules::pricing::{BillingMode, PricingSource};

platform::constraint!("billing_record_external_ttc_check", "external_invoice_ttc", "A total is not negative.");
platform::constraint!(
    "billing_record_prepaid_check",
    "status",
    "Units paid in advance are not invoiced after the week."
);

/// Whether a record of the entity's week is invoiced, overdue or paid, here or elsewhere.
pub async fn has_locked(tx: &mut Tx, entity: EntityId, week: Week) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select exists (select from leads.billing_record
               where tenant_id = $1 and entity_id = $2 and week = $3
                 and (status <> 'not_invoiced' or document_id is not null)) as "found!""#,
        tenant,
        entity.uuid(),
        week.monday() as Date
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// The records of an entity's week, to keep their ids and what was noted of them; held.
pub async fn lock_records(tx: &mut Tx, entity: EntityId, week: Week) -> Result<Vec<Record>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select id as "id: BillingRecordId", buyer_id as "buyer_id: BuyerId", order_id as "order_id: OrderId", product, position,
               billing_mode as "mode: BillingMode", status as "status: BillingRecordStatus", external_invoice_number,
               external_invoice_ttc, issued_on as "issued_on: Date", due_on as "due_on: Date", paid_on as "paid_on: Date",
               document_id as "document_id: DocumentId", document_line_id as "document_line_id: DocumentLineId",
               updated_at as "updated_at: Timestamp"
           from leads.billing_record where tenant_id = $1 and entity_id = $2 and week = $3
           order by id for no key update"#,
        tenant,
        entity.uuid(),
        week.monday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    let record = rows.into_iter().map(|row| Record {
        id: row.id,
        entity_id: entity,
        week: week.monday(),
        buyer_id: row.buyer_id,
        order_id: row.order_id,
        product: row.product,
        position: row.position,
        mode: row.mode,
        status: row.status,
        tracking: Tracking {
            external_invoice_number: row.external_invoice_number,
            external_invoice_ttc: row.external_invoice_ttc,
            issued_on: row.issued_on,
            due_on: row.due_on,
            paid_on: row.paid_on,
        },
        payment_terms_days: 0,
        document_id: row.document_id,
        document_line_id: row.document_line_id,
        updated_at: row.updated_at,
    });
    Ok(record.collect())
}

/// Where a record is: what must be held before it.
pub async fn find_week(tx: &mut Tx, id: BillingRecordId) -> Result<(EntityId, Week)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select entity_id as "entity_id: EntityId", week as "week: Date" from leads.billing_record where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| (row.entity_id, Week::of(row.week))).ok_or_else(|| Error::not_found("record"))
}

/// One record with its buyer's terms, held. Its week is held before.
pub async fn lock_record(tx: &mut Tx, id: BillingRecordId) -> Result<Record> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select r.entity_id as "entity_id: EntityId", r.week as "week: Date", r.buyer_id as "buyer_id: BuyerId",
               r.order_id as "order_id: OrderId", r.product, r.position, r.billing_mode as "mode: BillingMode",
               r.status as "status: BillingRecordStatus", r.external_invoice_number, r.external_invoice_ttc,
               r.issued_on as "issued_on: Date", r.due_on as "due_on: Date", r.paid_on as "paid_on: Date", p.payment_terms_days,
               r.document_id as "document_id: DocumentId", r.document_line_id as "document_line_id: DocumentLineId",
               r.updated_at as "updated_at: Timestamp"
           from leads.billing_record r
           join parties.party p on p.tenant_id = r.tenant_id and p.id = r.buyer_id
           where r.tenant_id = $1 and r.id = $2 for no key update of r"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let row = row.ok_or_else(|| Error::not_found("record"))?;
    Ok(Record {
        id,
        entity_id: row.entity_id,
        week: row.week,
        buyer_id: row.buyer_id,
        order_id: row.order_id,
        product: row.product,
        position: row.position,
        mode: row.mode,
        status: row.status,
        tracking: Tracking {
            external_invoice_number: row.external_invoice_number,
            external_invoice_ttc: row.external_invoice_ttc,
            issued_on: row.issued_on,
            due_on: row.due_on,
            paid_on: row.paid_on,
        },
        payment_terms_days: row.payment_terms_days,
        document_id: row.document_id,
        document_line_id: row.document_line_id,
        updated_at: row.updated_at,
    })
}

/// Writes where a record stands and what was noted of its invoice.
pub async fn update_tracking(tx: &mut Tx, record: &Record) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let tracking = &record.tracking;
    sqlx::query!(
        "update leads.billing_record
         set status = $3, external_invoice_number = $4, external_invoice_ttc = $5, issued_on = $6, due_on = $7, paid_on = $8,
             updated_at = $9
         where tenant_id = $1 and id = $2",
        tenant,
        record.id.uuid(),
        record.status.as_str(),
        tracking.external_invoice_number,
        tracking.external_invoice_ttc,
        tracking.issued_on as Option<Date>,
        tracking.due_on as Option<Date>,
        tracking.paid_on as Option<Date>,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct Row<'a> {
    id: BillingRecordId,
    number: i32,
    buyer_id: BuyerId,
    product: &'a str,
    order_id: OrderId,
    position: i32,
    billing_mode: BillingMode,
    pricing_source: PricingSource,
    unit_price: Decimal,
    discount_pct: Decimal,
    vat_rate: Decimal,
    units_sent: i64,
    units_billable: i64,
    units_lb: i64,
    units_free: u32,
    units_invoiced: u32,
    #[serde(flatten)]
    amounts: Amounts,
    #[serde(flatten)]
    tracking: &'a Tracking,
}

/// A record to be written: its id, what it comes to, and what was noted of it before.
pub type NewRecord = (BillingRecordId, Draft, Tracking);

/// Writes the records of a held week.
pub async fn insert_records(tx: &mut Tx, entity: EntityId, week: Week, records: &[NewRecord]) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let rows: Vec<_> = records.iter().map(|(id, draft, tracking)| row(*id, draft, tracking)).collect();
    let rows = serde_json::to_value(rows).map_err(|error| Error::internal("serialising records", error))?;
    sqlx::query!(
        "insert into leads.billing_record (tenant_id, id, entity_id, week, number, buyer_id, product, order_id, position,
             billing_mode, pricing_source, unit_price, discount_pct, vat_rate, units_sent, units_billable, units_lb, units_free,
             units_invoiced, before_discount, net, vat, gross, status, external_invoice_number, external_invoice_ttc, issued_on,
             due_on, created_at, updated_at)
         select $1, id, $2, $3, number, buyer_id, product, order_id, position, billing_mode, pricing_source, unit_price,
             discount_pct, vat_rate, units_sent, units_billable, units_lb, units_free, units_invoiced, before_discount, net, vat,
             gross, 'not_invoiced', external_invoice_number, external_invoice_ttc, issued_on, due_on, $5, $5
         from jsonb_to_recordset($4) as x (id uuid, number integer, buyer_id uuid, product text, order_id uuid, position integer,
             billing_mode text, pricing_source text, unit_price numeric, discount_pct numeric, vat_rate numeric,
             units_sent integer, units_billable integer, units_lb integer, units_free integer, units_invoiced integer,
             before_discount numeric, net numeric, vat numeric, gross numeric, external_invoice_number text,
             external_invoice_ttc numeric, issued_on date, due_on date)
         returning 1 as one",
        tenant,
        entity.uuid(),
        week.monday() as Date,
        rows,
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

fn row<'a>(id: BillingRecordId, draft: &'a Draft, tracking: &'a Tracking) -> Row<'a> {
    let group = &draft.group;
    Row {
        id,
        number: group.number,
        buyer_id: group.buyer_id,
        product: &group.product,
        order_id: group.order_id,
        position: draft.position,
        billing_mode: group.mode,
        pricing_source: group.source,
        unit_price: group.unit_price,
        discount_pct: group.discount_pct,
        vat_rate: group.vat_rate,
        units_sent: group.units_sent,
        units_billable: group.units_billable,
        units_lb: group.units_lb,
        units_free: draft.units_free,
        units_invoiced: draft.units_invoiced,
        amounts: draft.amounts,
        tracking,
    }
}

/// What of an entity's week is to be invoiced to a buyer: records not invoiced yet with units to invoice; held.
pub async fn lock_to_invoice(
    tx: &mut Tx,
    entity: EntityId,
    week: Week,
    buyer: BuyerId,
) -> Result<Vec<RecordToInvoice>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select r.id as "id: BillingRecordId", r.order_id as "order_id: OrderId", r.product, i.name as product_name, r.position,
               r.pricing_source as "source: PricingSource", r.unit_price, r.discount_pct, r.vat_rate, r.units_billable,
               r.units_free, r.units_invoiced, r.before_discount, r.net, r.vat, r.gross
           from leads.billing_record r
           join catalog.item i on i.tenant_id = r.tenant_id and i.code = r.product
           where r.tenant_id = $1 and r.entity_id = $2 and r.week = $3 and r.buyer_id = $4 and r.status = 'not_invoiced'
             and r.billing_mode = 'WEEKLY_INVOICE' and r.units_invoiced > 0
           order by r.product, r.order_id, r.position
           for no key update of r"#,
        tenant,
        entity.uuid(),
        week.monday() as Date,
        buyer.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let count = |units: i32| u32::try_from(units).unwrap_or(0);
    let record = rows.into_iter().map(|row| RecordToInvoice {
        id: row.id,
        order_id: row.order_id,
        product: row.product,
        product_name: row.product_name,
        position: row.position,
        pricing_missing: row.source.is_missing(),
        units_billable: count(row.units_billable),
        units_free: count(row.units_free),
        units: count(row.units_invoiced),
        unit_price: row.unit_price,
        discount_pct: row.discount_pct,
        vat_rate: row.vat_rate,
        amounts: Amounts { before_discount: row.before_discount, net: row.net, vat: row.vat, gross: row.gross },
    });
    Ok(record.collect())
}

/// The buyers whom a week owes an invoice, by name.
pub async fn list_buyers_to_invoice(tx: &mut Tx, entity: EntityId, week: Week) -> Result<Vec<BuyerId>> {
    let tenant = tx.tenant().uuid();
    let buyers = sqlx::query_scalar!(
        r#"select p.id as "id: BuyerId"
           from parties.party p
           where p.tenant_id = $1 and exists (
               select from leads.billing_record r
               where r.tenant_id = $1 and r.buyer_id = p.id and r.entity_id = $2 and r.week = $3
                 and r.status = 'not_invoiced' and r.billing_mode = 'WEEKLY_INVOICE' and r.units_invoiced > 0)
           order by p.name, p.id"#,
        tenant,
        entity.uuid(),
        week.monday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(buyers)
}

/// Marks held records invoiced by a document; says how many were not invoiced before.
pub async fn mark_invoiced(
    tx: &mut Tx,
    lines: &[(BillingRecordId, DocumentLineId)],
    document: DocumentId,
    (issued_on, due_on): (Date, Date),
) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let (records, lines): (Vec<_>, Vec<_>) = lines.iter().map(|(record, line)| (record.uuid(), line.uuid())).unzip();
    let marked = sqlx::query!(
        "update leads.billing_record r
         set status = 'invoiced', document_id = $4, document_line_id = x.line, issued_on = $5, due_on = $6, updated_at = $7
         from unnest($2::uuid[], $3::uuid[]) as x (record, line)
         where r.tenant_id = $1 and r.id = x.record and r.status = 'not_invoiced' and r.document_id is null",
        tenant,
        &records,
        &lines,
        document.uuid(),
        issued_on as Date,
        due_on as Date,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(marked.rows_affected())
}

/// A record that became overdue.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.billing_record")]
pub struct LateRecord {
    pub id: BillingRecordId,
    pub entity_id: EntityId,
    pub week: Date,
    pub buyer_id: BuyerId,
    pub order_id: OrderId,
    pub due_on: Option<Date>,
}

/// Marks up to `limit` records overdue whose invoice was made elsewhere and was due before the day of their entity, each once.
pub async fn mark_overdue(tx: &mut Tx, days: &[(EntityId, Date)], limit: i64) -> Result<Vec<LateRecord>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let (entities, today): (Vec<_>, Vec<Date>) = days.iter().map(|(id, day)| (id.uuid(), *day)).unzip();
    let late = sqlx::query_as!(
        LateRecord,
        r#"with late as (
               select r.id from leads.billing_record r
               join unnest($2::uuid[], $3::date[]) as t (entity_id, today) on t.entity_id = r.entity_id
               where r.tenant_id = $1 and r.status = 'invoiced' and r.document_id is null and r.due_on < t.today
               order by r.id limit $4
               for no key update of r skip locked
           )
           update leads.billing_record r set status = 'overdue', updated_at = $5
           from late where r.tenant_id = $1 and r.id = late.id
           returning r.id as "id: BillingRecordId", r.entity_id as "entity_id: EntityId", r.week as "week: Date",
               r.buyer_id as "buyer_id: BuyerId", r.order_id as "order_id: OrderId", r.due_on as "due_on: Date""#,
        tenant,
        &entities,
        &today as &[Date],
        limit,
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(late)
}

/// Moves the records of a document along with it, those that may move so.
pub async fn move_with_document(
    tx: &mut Tx,
    document: DocumentId,
    (from, to): (&[BillingRecordStatus], BillingRecordStatus),
    paid_on: Option<Date>,
) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let from: Vec<_> = from.iter().map(|status| status.as_str().to_owned()).collect();
    let moved = sqlx::query!(
        "update leads.billing_record set status = $4, paid_on = $5, updated_at = $6
         where tenant_id = $1 and document_id = $2 and status = any($3)",
        tenant,
        document.uuid(),
        &from,
        to.as_str(),
        paid_on as Option<Date>,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(moved.rows_affected())
}
