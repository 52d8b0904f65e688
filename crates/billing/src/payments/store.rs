//! Every statement on payments and what they settle.

use kernel::{
    Currency, Date, DocumentId, EntityId, EntryId, EntryLineId, Limit, PartyId, PaymentId, Timestamp, VatCode,
};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{PaymentDirection, PaymentSource, PaymentStatus, Waiting};
use crate::documents::model::PayMethod;
use crate::documents::vat::VatKey;

platform::constraint!("payment_external_key", "external_id", "This payment is recorded already.");
platform::constraint!("payment_party_fkey", "party_id", "There is no such customer or supplier.");
platform::constraint!("payment_frozen", "id", "A payment is never changed: take it back, and record it anew.");
platform::constraint!("allocation_frozen", "id", "A settlement is released, never changed.");

/// A payment as it is stored, with what is left of it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.payment")]
pub struct PaymentRow {
    pub id: PaymentId,
    pub entity_id: EntityId,
    pub party_id: PartyId,
    pub party_name: String,
    pub direction: PaymentDirection,
    pub method: PayMethod,
    pub status: PaymentStatus,
    pub amount: Decimal,
    pub currency: Currency,
    pub rate: Option<Decimal>,
    pub received_on: Date,
    pub reference: String,
    pub note: String,
    pub source: PaymentSource,
    pub external_id: Option<String>,
    pub refund_of: Option<PaymentId>,
    pub entry_id: Option<EntryId>,
    pub bounced_on: Option<Date>,
    pub bounce_reason: String,
    pub created_at: Timestamp,
    pub created_by: String,
    pub updated_at: Timestamp,
    /// What settles documents.
    pub allocated: Decimal,
    /// What was given back.
    pub refunded: Decimal,
}

impl PaymentRow {
    /// What of it settles nothing yet: the customer's credit.
    pub fn unallocated(&self) -> Decimal {
        match self.status {
            PaymentStatus::Completed => self.amount - self.allocated - self.refunded,
            PaymentStatus::Failed => Decimal::ZERO,
        }
    }
}

const COLUMNS: &str = "y.id, y.entity_id, y.party_id, p.name as party_name, y.direction, y.method, y.status, y.amount, y.currency,
    y.rate, y.received_on, y.reference, y.note, y.source, y.external_id, y.refund_of, y.entry_id, y.bounced_on, y.bounce_reason,
    y.created_at, y.created_by, y.updated_at, coalesce(a.amount, 0) as allocated, coalesce(r.amount, 0) as refunded
    from billing.payment y
    join parties.party p on p.tenant_id = y.tenant_id and p.id = y.party_id
    left join lateral (select sum(a.amount) as amount from billing.allocation a
        where a.tenant_id = y.tenant_id and a.payment_id = y.id and a.released_on is null) a on true
    left join lateral (select sum(r.amount) as amount from billing.payment r
        where r.tenant_id = y.tenant_id and r.entity_id = y.entity_id and r.refund_of = y.id and r.status = 'completed') r on true";

/// Which payments; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct PaymentFilter {
    /// Only of this customer or supplier.
    pub party: Option<PartyId>,
    /// Only this way.
    pub direction: Option<PaymentDirection>,
    /// Only where something settles nothing yet.
    pub unallocated: bool,
    /// Only received from this day on.
    pub from: Option<Date>,
    /// Only received until this day.
    pub to: Option<Date>,
    /// Only those that settle this document.
    pub document: Option<DocumentId>,
    /// Only those made like this.
    pub method: Option<PayMethod>,
    /// Only in this state.
    pub status: Option<PaymentStatus>,
    /// Only whose payer or reference has this text.
    pub search: Option<String>,
    /// Only older than this one.
    pub before: Option<Uuid>,
}

/// Payments in scope, the last recorded first, one more than `limit`.
pub async fn list_payments(tx: &mut Tx, filter: &PaymentFilter, limit: Limit) -> Result<Vec<PaymentRow>> {
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" where y.tenant_id = ").push_bind(tx.tenant());
    if let Some(party) = filter.party {
        sql.push(" and y.party_id = ").push_bind(party);
    }
    if let Some(direction) = filter.direction {
        sql.push(" and y.direction = ").push_bind(direction.as_str());
    }
    if let Some(from) = filter.from {
        sql.push(" and y.received_on >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and y.received_on <= ").push_bind(to);
    }
    if filter.unallocated {
        sql.push(" and y.status = 'completed' and y.direction = 'in'");
        sql.push(" and y.amount > coalesce(a.amount, 0) + coalesce(r.amount, 0)");
    }
    if let Some(document) = filter.document {
        sql.push(
            " and exists (select from billing.allocation x where x.tenant_id = y.tenant_id and x.payment_id = y.id",
        );
        sql.push(" and x.document_id = ").push_bind(document).push(")");
    }
    if let Some(method) = filter.method {
        sql.push(" and y.method = ").push_bind(method.as_str());
    }
    if let Some(status) = filter.status {
        sql.push(" and y.status = ").push_bind(status);
    }
    if let Some(text) = &filter.search {
        let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        sql.push(" and (y.reference ilike ").push_bind(pattern.clone());
        sql.push(" or p.name ilike ").push_bind(pattern).push(")");
    }
    if let Some(before) = filter.before {
        sql.push(" and y.id < ").push_bind(before);
    }
    sql.push(" order by y.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One payment within the caller's scope.
pub async fn get_payment(tx: &mut Tx, id: PaymentId) -> Result<PaymentRow> {
    find(tx, id).await
}

/// A payment about to be used or taken back, held until the transaction ends.
pub async fn lock_payment(tx: &mut Tx, id: PaymentId) -> Result<PaymentRow> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "select id from billing.payment where tenant_id = $1 and id = $2 for no key update",
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    // Read only once it is held: what settles what is counted in other tables.
    find(tx, id).await
}

async fn find(tx: &mut Tx, id: PaymentId) -> Result<PaymentRow> {
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" where y.tenant_id = ").push_bind(tx.tenant()).push(" and y.id = ").push_bind(id);
    let row: Option<PaymentRow> = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("payment"))
}

/// A payment to be written.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.payment")]
pub struct NewPayment {
    pub id: PaymentId,
    pub entity_id: EntityId,
    pub party_id: PartyId,
    pub direction: PaymentDirection,
    pub method: PayMethod,
    pub amount: Decimal,
    pub currency: Currency,
    pub rate: Option<Decimal>,
    pub received_on: Date,
    pub reference: String,
    pub note: String,
    pub source: PaymentSource,
    pub external_id: Option<String>,
    pub refund_of: Option<PaymentId>,
    pub entry_id: EntryId,
}

/// Writes a payment.
pub async fn insert_payment(tx: &mut Tx, payment: &NewPayment) -> Result<()> {
    let (tenant, now, by) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    sqlx::query!(
        "insert into billing.payment (tenant_id, id, entity_id, party_id, direction, method, status, amount, currency, rate,
             received_on, reference, note, source, external_id, refund_of, entry_id, created_at, created_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, 'completed', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $17)",
        tenant,
        payment.id.uuid(),
        payment.entity_id.uuid(),
        payment.party_id.uuid(),
        payment.direction.as_str(),
        payment.method.as_str(),
        payment.amount,
        payment.currency.code(),
        payment.rate,
        payment.received_on as Date,
        payment.reference,
        payment.note,
        payment.source.as_str(),
        payment.external_id,
        payment.refund_of.map(PaymentId::uuid),
        payment.entry_id.uuid(),
        now as Timestamp,
        by,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a payment back.
pub async fn fail_payment(tx: &mut Tx, id: PaymentId, entry: EntryId, on: Date, reason: &str) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let done = sqlx::query!(
        "update billing.payment
         set status = 'failed', bounce_entry_id = $3, bounced_on = $4, bounce_reason = $5, updated_at = $6
         where tenant_id = $1 and id = $2 and status = 'completed'",
        tenant,
        id.uuid(),
        entry.uuid(),
        on as Date,
        reason,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::conflict("The payment was changed meanwhile.")) }
}

/// What of a payment or credit note settles a document.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.allocation")]
pub struct Allocation {
    pub id: Uuid,
    pub entity_id: EntityId,
    pub document_id: DocumentId,
    pub payment_id: Option<PaymentId>,
    pub credit_note_id: Option<DocumentId>,
    pub amount: Decimal,
    pub functional: Decimal,
    pub entry_id: Option<EntryId>,
    pub line_id: Option<EntryLineId>,
    pub made_on: Date,
    pub released_on: Option<Date>,
    pub release_reason: String,
}

/// What settles what, with what people call both.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of what it names")]
pub struct Settlement {
    #[sqlx(flatten)]
    pub allocation: Allocation,
    pub document_number: Option<String>,
    pub document_kind: String,
    pub credit_note_number: Option<String>,
    pub method: Option<String>,
}

/// Writes what settles what.
pub async fn insert_allocations(tx: &mut Tx, rows: &[Allocation]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let mut sql = QueryBuilder::<Postgres>::new(
        "insert into billing.allocation (tenant_id, id, entity_id, document_id, payment_id, credit_note_id, amount, functional,
             entry_id, line_id, made_on, created_at) ",
    );
    sql.push_values(rows, |mut row, new| {
        row.push_bind(tenant).push_bind(new.id).push_bind(new.entity_id).push_bind(new.document_id);
        row.push_bind(new.payment_id).push_bind(new.credit_note_id).push_bind(new.amount).push_bind(new.functional);
        row.push_bind(new.entry_id).push_bind(new.line_id).push_bind(new.made_on).push_bind(now);
    });
    sql.build().execute(tx.conn()).await?;
    Ok(())
}

/// Writes the VAT that settlements made due.
pub async fn insert_allocation_vat(tx: &mut Tx, entity: EntityId, rows: &[(Uuid, Waiting)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    let mut sql = QueryBuilder::<Postgres>::new(
        "insert into billing.allocation_vat (tenant_id, entity_id, allocation_id, category, rate, base, vat) ",
    );
    sql.push_values(rows, |mut row, (allocation, due)| {
        row.push_bind(tenant).push_bind(entity).push_bind(*allocation).push_bind(due.key.category.code());
        row.push_bind(due.key.rate).push_bind(due.base).push_bind(due.vat);
    });
    sql.build().execute(tx.conn()).await?;
    Ok(())
}

/// Which settlements.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// Of this document, by payments and credit notes.
    Document(DocumentId),
    /// Made by this payment.
    Payment(PaymentId),
    /// Made by this credit note.
    CreditNote(DocumentId),
}

/// The settlements in the order they were made, released ones too.
pub async fn list_allocations(tx: &mut Tx, of: Of) -> Result<Vec<Allocation>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select id, entity_id, document_id, payment_id, credit_note_id, amount, functional, entry_id, line_id, made_on,
             released_on, release_reason
         from billing.allocation where tenant_id = ",
    );
    sql.push_bind(tx.tenant());
    match of {
        Of::Document(id) => sql.push(" and document_id = ").push_bind(id),
        Of::Payment(id) => sql.push(" and payment_id = ").push_bind(id),
        Of::CreditNote(id) => sql.push(" and credit_note_id = ").push_bind(id),
    };
    sql.push(" order by id");
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// The same for people to read.
pub async fn list_settlements(tx: &mut Tx, of: Of) -> Result<Vec<Settlement>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select a.id, a.entity_id, a.document_id, a.payment_id, a.credit_note_id, a.amount, a.functional, a.entry_id, a.line_id,
             a.made_on, a.released_on, a.release_reason, d.number as document_number, d.kind as document_kind,
             n.number as credit_note_number, y.method
         from billing.allocation a
         join billing.document d on d.tenant_id = a.tenant_id and d.id = a.document_id
         left join billing.document n on n.tenant_id = a.tenant_id and n.id = a.credit_note_id
         left join billing.payment y on y.tenant_id = a.tenant_id and y.id = a.payment_id
         where a.tenant_id = ",
    );
    sql.push_bind(tx.tenant());
    match of {
        Of::Document(id) => sql.push(" and a.document_id = ").push_bind(id),
        Of::Payment(id) => sql.push(" and a.payment_id = ").push_bind(id),
        Of::CreditNote(id) => sql.push(" and a.credit_note_id = ").push_bind(id),
    };
    sql.push(" order by a.id");
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// Gives settlements up.
pub async fn release_allocations(tx: &mut Tx, ids: &[Uuid], on: Date, reason: &str) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "update billing.allocation set released_on = $3, release_reason = $4
         where tenant_id = $1 and id = any ($2) and released_on is null",
        tenant,
        ids,
        on as Date,
        reason
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The VAT of a document that still waits for its payment: what its lines bear less what live settlements made due, and less
/// what its credit notes took back.
pub async fn list_waiting(tx: &mut Tx, document: DocumentId) -> Result<Vec<Waiting>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select v.category, v.rate, v.base - coalesce(due.base, 0) as "base!", v.vat - coalesce(due.vat, 0) as "vat!"
           from billing.document_vat v
           left join lateral (
               select sum(x.base) as base, sum(x.vat) as vat
               from billing.allocation a
               join billing.allocation_vat x on x.tenant_id = a.tenant_id and x.allocation_id = a.id
               where a.tenant_id = $1 and a.document_id = $2 and a.released_on is null
                 and x.category = v.category and x.rate = v.rate) due on true
           where v.tenant_id = $1 and v.document_id = $2
           order by v.rate desc, v.category"#,
        tenant,
        document.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let category: VatCode =
                row.category.parse().map_err(|error| Error::internal("reading a VAT category", error))?;
            let key = VatKey { category, rate: row.rate.normalize() };
            Ok(Waiting { key, base: row.base, vat: row.vat })
        })
        .collect()
}
