//! Every statement on suppliers' invoices and their files.

use kernel::{Currency, Cursor, Date, DocumentId, EntityId, IncomingInvoiceId, Limit, PartyId, Timestamp};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};

use super::model::{Head, IncomingFinding, IncomingStatus};

platform::constraint!("incoming_invoice_file_key", "file", "This file came in before.");
platform::constraint!("incoming_invoice_number_key", "file", "This invoice of the seller came in before.");
platform::constraint!("incoming_invoice_party_fkey", "party_id", "There is no such supplier.");
platform::constraint!("incoming_invoice_frozen", "id", "What came in is never changed.");
platform::constraint!("incoming_file_frozen", "file", "What came in is never changed.");
platform::constraint!("document_line_account_check", "account", "The code of an account has 1 to 20 of A-Z and 0-9.");

/// A supplier's invoice as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.incoming_invoice")]
pub struct IncomingRow {
    pub id: IncomingInvoiceId,
    pub entity_id: EntityId,
    pub format: String,
    pub file_name: String,
    pub sha256: String,
    pub size: i32,
    pub kind: String,
    pub number: String,
    pub issue_on: Date,
    pub due_on: Option<Date>,
    pub currency: Currency,
    pub net: Decimal,
    pub vat: Decimal,
    pub gross: Decimal,
    pub due: Decimal,
    pub seller_name: String,
    pub seller_vat_number: Option<String>,
    pub seller_siren: Option<String>,
    pub seller_iban: Option<String>,
    pub finding_count: i32,
    pub received_at: Timestamp,
    pub received_by: String,
    pub status: IncomingStatus,
    pub party_id: Option<PartyId>,
    pub party_name: Option<String>,
    pub approved_at: Option<Timestamp>,
    pub approved_by: Option<String>,
    pub refused_at: Option<Timestamp>,
    pub refused_by: Option<String>,
    pub refusal_reason: String,
    pub booked_at: Option<Timestamp>,
    pub booked_by: Option<String>,
    pub document_id: Option<DocumentId>,
    /// What is open of it in the books, once it is there.
    pub open: Option<Decimal>,
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "select i.id, i.entity_id, i.format, i.file_name, i.sha256, i.size, i.kind, i.number, i.issue_on, i.due_on,
    i.currency, i.net, i.vat, i.gross, i.due, i.seller_name, i.seller_vat_number, i.seller_siren, i.seller_iban,
    jsonb_array_length(i.findings) as finding_count, i.received_at, i.received_by, i.status, i.party_id, p.name as party_name,
    i.approved_at, i.approved_by, i.refused_at, i.refused_by, i.refusal_reason, i.booked_at, i.booked_by, i.document_id,
    d.gross - d.paid - d.credited as open, i.updated_at
    from billing.incoming_invoice i
    left join parties.party p on p.tenant_id = i.tenant_id and p.id = i.party_id
    left join billing.document d on d.tenant_id = i.tenant_id and d.id = i.document_id
    where i.tenant_id = ";

/// A file that was read.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.incoming_invoice")]
pub struct NewIncoming {
    pub entity: EntityId,
    pub format: &'static str,
    pub file_name: String,
    pub sha256: String,
    pub content: Vec<u8>,
    pub head: Head,
    pub said: Value,
    pub findings: Value,
    pub warnings: Value,
}

/// Writes an invoice and its file.
pub async fn insert_incoming(tx: &mut Tx, id: IncomingInvoiceId, new: &NewIncoming) -> Result<()> {
    let (tenant, now, by) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let head = &new.head;
    sqlx::query!(
        "insert into billing.incoming_invoice (tenant_id, id, entity_id, format, file_name, sha256, size, kind, number, issue_on,
             due_on, currency, net, vat, gross, due, seller_key, seller_name, seller_vat_number, seller_siren, seller_iban, said,
             findings, warnings, received_at, received_by, status, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
             $25, $26, 'received', $25)",
        tenant,
        id.uuid(),
        new.entity.uuid(),
        new.format,
        new.file_name,
        new.sha256,
        i32::try_from(new.content.len()).unwrap_or(i32::MAX),
        head.kind,
        head.number,
        head.issue_on as Date,
        head.due_on as Option<Date>,
        head.currency.code(),
        head.net,
        head.vat,
        head.gross,
        head.due,
        head.seller_key,
        head.seller_name,
        head.seller_vat_number,
        head.seller_siren,
        head.seller_iban,
        new.said,
        new.findings,
        new.warnings,
        now as Timestamp,
        by
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into billing.incoming_file (tenant_id, entity_id, invoice_id, content, sha256) values ($1, $2, $3, $4, $5)",
        tenant,
        new.entity.uuid(),
        id.uuid(),
        new.content,
        new.sha256
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What an entity has of a file already: the same bytes, or the same number of the same seller and day in other bytes.
pub async fn find_known(
    tx: &mut Tx,
    entity: EntityId,
    sha256: &str,
    head: &Head,
) -> Result<Option<(IncomingInvoiceId, bool)>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query!(
        r#"select id as "id: IncomingInvoiceId", sha256 = $3 as "is_same_file!" from billing.incoming_invoice
           where tenant_id = $1 and entity_id = $2
             and (sha256 = $3 or (seller_key = $4 and number = $5 and issue_on = $6))
           order by sha256 = $3 desc limit 1"#,
        tenant,
        entity.uuid(),
        sha256,
        head.seller_key,
        head.number,
        head.issue_on as Date
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(|row| (row.id, row.is_same_file)))
}

/// Which invoices; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct IncomingFilter {
    /// Only in this state.
    pub status: Option<IncomingStatus>,
    /// Only of this supplier.
    pub supplier: Option<PartyId>,
    /// Only issued from this day on.
    pub from: Option<Date>,
    /// Only issued until this day.
    pub to: Option<Date>,
    /// Only whose number or seller has this text.
    pub search: Option<String>,
    /// Only after this place of the list.
    pub after: Option<Cursor>,
}

/// Invoices in scope, the last received first, one more than `limit`.
pub async fn list_incoming(tx: &mut Tx, filter: &IncomingFilter, limit: Limit) -> Result<Vec<IncomingRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant());
    if let Some(status) = filter.status {
        sql.push(" and i.status = ").push_bind(status);
    }
    if let Some(supplier) = filter.supplier {
        sql.push(" and i.party_id = ").push_bind(supplier);
    }
    if let Some(from) = filter.from {
        sql.push(" and i.issue_on >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and i.issue_on <= ").push_bind(to);
    }
    if let Some(text) = &filter.search {
        let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        sql.push(" and concat_ws(' ', i.number, i.seller_name, p.name) ilike ").push_bind(pattern);
    }
    if let Some(after) = filter.after {
        sql.push(" and (i.received_at, i.id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by i.received_at desc, i.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One invoice within the caller's scope.
pub async fn get_incoming(tx: &mut Tx, id: IncomingInvoiceId) -> Result<IncomingRow> {
    one(tx, id, "").await
}

/// An invoice about to be moved, held until the transaction ends.
///
/// Not found outside the caller's scope; stale when the caller saw an older version.
pub async fn lock_incoming(tx: &mut Tx, id: IncomingInvoiceId) -> Result<IncomingRow> {
    let row = one(tx, id, " for no key update of i").await?;
    tx.ctx().expect_version(row.updated_at)?;
    Ok(row)
}

async fn one(tx: &mut Tx, id: IncomingInvoiceId, end: &'static str) -> Result<IncomingRow> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" and i.id = ").push_bind(id).push(end);
    let row = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("incoming invoice"))
}

/// What an invoice says, what is odd about it, and what of it was not taken over.
pub async fn get_said(
    tx: &mut Tx,
    id: IncomingInvoiceId,
) -> Result<(einvoice::Invoice, Vec<IncomingFinding>, Vec<IncomingFinding>)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        "select said, findings, warnings from billing.incoming_invoice where tenant_id = $1 and id = $2",
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let row = row.ok_or_else(|| Error::not_found("incoming invoice"))?;
    let broken = |error: serde_json::Error| Error::internal("reading a stored invoice", error);
    Ok((
        serde_json::from_value(row.said).map_err(broken)?,
        serde_json::from_value(row.findings).map_err(broken)?,
        serde_json::from_value(row.warnings).map_err(broken)?,
    ))
}

/// The bytes that came in.
pub async fn get_file(tx: &mut Tx, id: IncomingInvoiceId) -> Result<Vec<u8>> {
    let tenant = tx.tenant().uuid();
    let content = sqlx::query_scalar!(
        "select content from billing.incoming_file where tenant_id = $1 and invoice_id = $2",
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    content.ok_or_else(|| Error::not_found("file"))
}

/// What becomes of an invoice.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// It is owed.
    Approved,
    /// It is not, and why.
    Refused(&'a str),
    /// It is looked at anew.
    Received,
    /// It is in the books as this document.
    Booked(DocumentId),
}

/// Moves an invoice along its life.
///
/// Refused where its life has no such move.
pub async fn update_status(tx: &mut Tx, row: &IncomingRow, outcome: Outcome<'_>) -> Result<()> {
    let (to, reason, document) = match outcome {
        Outcome::Approved => (IncomingStatus::Approved, "", None),
        Outcome::Refused(reason) => (IncomingStatus::Refused, reason, None),
        Outcome::Received => (IncomingStatus::Received, "", None),
        Outcome::Booked(document) => (IncomingStatus::Booked, "", Some(document.uuid())),
    };
    row.status.move_to(to)?;
    let (tenant, now, by) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let done = sqlx::query!(
        "update billing.incoming_invoice
         set status = $4,
             approved_at = case when $4 = 'approved' then $5 when $4 = 'received' then null else approved_at end,
             approved_by = case when $4 = 'approved' then $6 when $4 = 'received' then null else approved_by end,
             refused_at = case when $4 = 'refused' then $5 end, refused_by = case when $4 = 'refused' then $6 end, refusal_reason = $7,
             booked_at = case when $4 = 'booked' then $5 end, booked_by = case when $4 = 'booked' then $6 end, document_id = $8,
             updated_at = $5
         where tenant_id = $1 and id = $2 and status = $3",
        tenant,
        row.id.uuid(),
        row.status.as_str(),
        to.as_str(),
        now as Timestamp,
        by,
        reason,
        document
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::conflict("It was changed meanwhile: read it again.")) }
}

/// Says who sells.
pub async fn update_supplier(tx: &mut Tx, id: IncomingInvoiceId, party: PartyId) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update billing.incoming_invoice set party_id = $3, updated_at = $4 where tenant_id = $1 and id = $2 and status = 'received'",
        tenant,
        id.uuid(),
        party.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
