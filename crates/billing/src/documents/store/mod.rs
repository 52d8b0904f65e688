//! Every statement on documents, their lines, their VAT and their files. What writes stands in [`write`].

mod billed;
mod figures;
mod files;
mod write;

use kernel::{
    Currency, Cursor, Date, DocumentId, DocumentLineId, EntityId, EntryId, EntryLineId, Limit, PartyId, Timestamp,
    VatCode, Week,
};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::billed::Billed;
use super::draft::DocumentText;
use super::left::Left;
use super::model::{Direction, DocumentKind, DocumentStatus, LineKind, Origin, PayMethod, PaymentState, Settled};
use super::totals::VatAmounts;
use super::vat::{LineVat, VatKey};

pub use billed::{bind_billed, release_billed};
pub use figures::{InvoiceFigures, list_figures};
pub use files::{PageHash, StoredFile, get_file, insert_files, list_page_hashes};
pub use write::{
    Issue, delete_draft, delete_parts, insert_document, insert_lines, insert_vat, issue_documents, set_mirror, settle,
    update_draft, update_status,
};

platform::constraint!("document_number_key", "number", "There is a document with this number already.");
platform::constraint!("document_purchase_number_key", "number", "This supplier's document is in the books already.");
platform::constraint!("document_source_key", "source_id", "It was converted before.");
platform::constraint!("document_party_fkey", "party_id", "There is no such customer.");
platform::constraint!(
    "document_original_fkey",
    "original_id",
    "The original belongs to another entity, or does not exist."
);
platform::constraint!("document_settled_check", "amount", "More would be settled than is open.");
platform::constraint!("document_locked", "id", "An issued document is locked: take it back with a credit note.");

/// A document as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.document")]
pub struct DocumentRow {
    pub id: DocumentId,
    pub entity_id: EntityId,
    pub kind: DocumentKind,
    pub direction: Direction,
    pub status: DocumentStatus,
    pub origin: Origin,
    pub party_id: PartyId,
    pub party_name: String,
    pub original_id: Option<DocumentId>,
    pub original_number: Option<String>,
    pub source_id: Option<DocumentId>,
    pub mirror_id: Option<DocumentId>,
    pub version: i32,
    pub number: Option<String>,
    pub issue_on: Option<Date>,
    pub due_on: Option<Date>,
    pub seller: Option<Value>,
    pub buyer: Option<Value>,
    pub rate: Option<Decimal>,
    pub gross_functional: Option<Decimal>,
    pub entry_id: Option<EntryId>,
    pub line_id: Option<EntryLineId>,
    pub pdf_sha256: Option<String>,
    pub vat_on_receipt: bool,
    pub issued_at: Option<Timestamp>,
    pub issued_by: Option<String>,
    pub currency: Currency,
    pub language: String,
    pub subject: String,
    pub notes: String,
    pub internal_notes: String,
    pub purchase_order: String,
    pub contract: String,
    pub supply_from: Option<Date>,
    pub supply_to: Option<Date>,
    pub week: Option<Date>,
    pub valid_until: Option<Date>,
    pub payment_terms_days: i32,
    pub payment_method: PayMethod,
    pub discount_pct: Option<Decimal>,
    pub discount_amount: Option<Decimal>,
    pub discount_reason: String,
    pub lines_net: Decimal,
    pub discount: Decimal,
    pub net: Decimal,
    pub vat: Decimal,
    pub gross: Decimal,
    pub paid: Decimal,
    pub credited: Decimal,
    pub payment_state: Option<String>,
    pub settled_on: Option<Date>,
    pub disputed: bool,
    pub created_at: Timestamp,
    pub created_by: String,
    pub updated_at: Timestamp,
}

impl DocumentRow {
    /// What is settled of it.
    pub fn settled(&self) -> Settled {
        Settled { gross: self.gross, paid: self.paid, credited: self.credited }
    }

    /// What is open on it as of `today`; none for a draft and what claims nothing. Computed, not read, so that it is true on
    /// the day a bill falls due (L-41).
    pub fn state(&self, today: Date) -> Option<PaymentState> {
        let is_owed = self.status != DocumentStatus::Draft && self.kind.is_fiscal();
        is_owed.then(|| self.settled().state(self.due_on, today))
    }

    /// Its texts.
    pub fn text(&self) -> DocumentText {
        DocumentText {
            subject: self.subject.clone(),
            notes: self.notes.clone(),
            internal_notes: self.internal_notes.clone(),
            purchase_order: self.purchase_order.clone(),
            contract: self.contract.clone(),
            discount_reason: self.discount_reason.clone(),
        }
    }

    /// Its refusal of any change, once it is issued.
    pub fn locked(&self) -> Error {
        let number = self.number.as_deref().unwrap_or_default();
        let kind = match self.kind {
            DocumentKind::Quote => "Quote",
            DocumentKind::ProForma => "Pro forma",
            DocumentKind::Invoice | DocumentKind::DepositInvoice => "Invoice",
            DocumentKind::CreditNote => "Credit note",
        };
        Error::refused("invoice_locked", format!("{kind} {number} is locked (status: {})", self.status))
    }
}

const COLUMNS: &str = "d.id, d.entity_id, d.kind, d.direction, d.status, d.origin, d.party_id, p.name as party_name, d.original_id,
    o.number as original_number, d.source_id, d.mirror_id, d.version, d.number, d.issue_on, d.due_on, d.seller, d.buyer, d.rate,
    d.gross_functional, d.entry_id, d.line_id, d.pdf_sha256, d.vat_on_receipt, d.issued_at, d.issued_by, d.currency, d.language, d.subject, d.notes, d.internal_notes,
    d.purchase_order, d.contract, d.supply_from, d.supply_to, d.week, d.valid_until, d.payment_terms_days, d.payment_method,
    d.discount_pct, d.discount_amount, d.discount_reason, d.lines_net, d.discount, d.net, d.vat, d.gross, d.paid, d.credited,
    d.payment_state, d.settled_on, d.disputed, d.created_at, d.created_by, d.updated_at
    from billing.document d
    join parties.party p on p.tenant_id = d.tenant_id and p.id = d.party_id
    left join billing.document o on o.tenant_id = d.tenant_id and o.id = d.original_id";

/// Which documents; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct DocumentFilter {
    /// Only of these kinds.
    pub kinds: Vec<DocumentKind>,
    /// Only sales, or purchases.
    pub direction: Option<Direction>,
    /// Only in this state.
    pub status: Option<DocumentStatus>,
    /// Only with this much open, as of the day.
    pub state: Option<(PaymentState, Date)>,
    /// Only of this customer or supplier.
    pub party: Option<PartyId>,
    /// Only made from this.
    pub origin: Option<Origin>,
    /// Not made from this.
    pub not_origin: Option<Origin>,
    /// Only for this week.
    pub week: Option<Week>,
    /// Only issued from this day on.
    pub from: Option<Date>,
    /// Only issued until this day.
    pub to: Option<Date>,
    /// Only those that bill this.
    pub bills: Option<Billed>,
    /// Only those made from this document.
    pub of: Option<DocumentId>,
    /// Only whose number, customer or subject has this text.
    pub search: Option<String>,
    /// Only after this place of the list.
    pub after: Option<Cursor>,
}

/// Documents in scope, newest first, one more than `limit`.
pub async fn list_documents(tx: &mut Tx, filter: &DocumentFilter, limit: Limit) -> Result<Vec<DocumentRow>> {
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" where d.tenant_id = ").push_bind(tx.tenant());
    narrow(&mut sql, filter);
    if let Some(after) = filter.after {
        sql.push(" and (d.created_at, d.id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by d.created_at desc, d.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

fn narrow(sql: &mut QueryBuilder<Postgres>, filter: &DocumentFilter) {
    if !filter.kinds.is_empty() {
        let kinds: Vec<_> = filter.kinds.iter().map(|kind| kind.as_str()).collect();
        sql.push(" and d.kind = any (").push_bind(kinds).push(")");
    }
    if let Some(direction) = filter.direction {
        sql.push(" and d.direction = ").push_bind(direction.as_str());
    }
    if let Some(status) = filter.status {
        sql.push(" and d.status = ").push_bind(status);
    }
    if let Some(party) = filter.party {
        sql.push(" and d.party_id = ").push_bind(party);
    }
    if let Some(origin) = filter.origin {
        sql.push(" and d.origin = ").push_bind(origin.as_str());
    }
    if let Some(origin) = filter.not_origin {
        sql.push(" and d.origin <> ").push_bind(origin.as_str());
    }
    if let Some(week) = filter.week {
        sql.push(" and d.week = ").push_bind(week.monday());
    }
    if let Some(from) = filter.from {
        sql.push(" and d.issue_on >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and d.issue_on <= ").push_bind(to);
    }
    if let Some(of) = filter.of {
        sql.push(" and (d.original_id = ").push_bind(of).push(" or d.source_id = ").push_bind(of).push(")");
    }
    if let Some(billed) = &filter.bills {
        sql.push(" and exists (select from billing.billed b where b.tenant_id = d.tenant_id and b.document_id = d.id and b.kind = ");
        sql.push_bind(billed.kind.clone()).push(" and b.reference = ").push_bind(billed.reference.clone()).push(")");
    }
    if let Some((state, today)) = filter.state {
        narrow_to_state(sql, state, today);
    }
    if let Some(text) = &filter.search {
        let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        sql.push(" and (d.number ilike ").push_bind(pattern.clone());
        sql.push(" or p.name ilike ").push_bind(pattern.clone());
        sql.push(" or d.subject ilike ").push_bind(pattern).push(")");
    }
}

/// The states as conditions, the same as [`Settled::state`] (L-41): a stored word would be wrong from midnight until its job.
fn narrow_to_state(sql: &mut QueryBuilder<Postgres>, state: PaymentState, today: Date) {
    sql.push(" and d.status <> 'draft' and d.kind in ('invoice', 'deposit_invoice', 'credit_note')");
    match state {
        PaymentState::Paid => sql.push(" and d.paid + d.credited >= d.gross and d.credited < d.gross"),
        PaymentState::Credited => sql.push(" and d.credited >= d.gross"),
        PaymentState::Overdue => sql.push(" and d.paid + d.credited < d.gross and d.due_on < ").push_bind(today),
        PaymentState::Partial => {
            sql.push(" and d.paid + d.credited < d.gross and d.paid + d.credited > 0 and coalesce(d.due_on >= ");
            sql.push_bind(today).push(", true)")
        }
        PaymentState::Unpaid => {
            sql.push(" and d.paid + d.credited = 0 and d.gross > 0 and coalesce(d.due_on >= ");
            sql.push_bind(today).push(", true)")
        }
    };
}

/// One document within the caller's scope.
pub async fn get_document(tx: &mut Tx, id: DocumentId) -> Result<DocumentRow> {
    let found = list_by_id(tx, &[id], false).await?;
    found.into_iter().next().ok_or_else(|| Error::not_found("document"))
}

/// A document about to be changed, held until the transaction ends.
///
/// Not found outside the caller's scope; stale when the caller saw an older version.
pub async fn lock_document(tx: &mut Tx, id: DocumentId) -> Result<DocumentRow> {
    let row = lock_documents(tx, &[id]).await?.into_iter().next().ok_or_else(|| Error::not_found("document"))?;
    tx.ctx().expect_version(row.updated_at)?;
    Ok(row)
}

/// Documents about to be changed, in the order of their ids so that nobody waits for nobody.
pub async fn lock_documents(tx: &mut Tx, ids: &[DocumentId]) -> Result<Vec<DocumentRow>> {
    list_by_id(tx, ids, true).await
}

async fn list_by_id(tx: &mut Tx, ids: &[DocumentId], held: bool) -> Result<Vec<DocumentRow>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" where d.tenant_id = ").push_bind(tx.tenant());
    sql.push(" and d.id = any (").push_bind(ids).push(") order by d.id");
    if held {
        sql.push(" for no key update of d");
    }
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// The document of a supplier with this number, the latest of them.
pub async fn find_purchase(tx: &mut Tx, entity: EntityId, party: PartyId, number: &str) -> Result<Option<DocumentId>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select id as "id: DocumentId" from billing.document
           where tenant_id = $1 and entity_id = $2 and party_id = $3 and direction = 'purchase' and lower(number) = lower($4)
           order by issue_on desc, id desc limit 1"#,
        tenant,
        entity.uuid(),
        party.uuid(),
        number
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// What issued credit notes took back of a document.
pub async fn sum_credit_notes(tx: &mut Tx, original: DocumentId) -> Result<Decimal> {
    let tenant = tx.tenant().uuid();
    let sum = sqlx::query_scalar!(
        "select sum(gross) from billing.document where tenant_id = $1 and original_id = $2 and status <> 'draft'",
        tenant,
        original.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(sum.unwrap_or_default())
}

/// What issued credit notes left of a document.
pub async fn get_left(tx: &mut Tx, original: DocumentId) -> Result<Left> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select v.category as "category!", v.rate as "rate!", sum(case when d.id = $2 then v.base else -v.base end) as "base!",
               sum(case when d.id = $2 then v.base + v.vat else -v.base - v.vat end) as "gross!"
           from billing.document d
           join billing.document_vat v on v.tenant_id = d.tenant_id and v.document_id = d.id
           where d.tenant_id = $1 and (d.id = $2 or d.original_id = $2 and d.status <> 'draft')
           group by v.category, v.rate"#,
        tenant,
        original.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let mut left = Left::default();
    for row in rows {
        let category: VatCode =
            row.category.parse().map_err(|error| Error::internal("reading what is left of a document", error))?;
        left.gross += row.gross;
        left.bases.insert(VatKey { category, rate: row.rate.normalize() }, row.base);
    }
    Ok(left)
}

/// Offers that were sent and whose last day is before the day of their entity, held until the transaction ends.
pub async fn lock_outlived_offers(tx: &mut Tx, days: &[(EntityId, Date)]) -> Result<Vec<DocumentRow>> {
    let (entities, today): (Vec<Uuid>, Vec<Date>) = days.iter().map(|(id, day)| (id.uuid(), *day)).unzip();
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" join unnest(").push_bind(entities).push("::uuid[], ").push_bind(today);
    sql.push("::date[]) as t (entity_id, today) on t.entity_id = d.entity_id where d.tenant_id = ")
        .push_bind(tx.tenant());
    sql.push(" and d.kind in ('quote', 'pro_forma') and d.status = 'sent' and d.valid_until < t.today");
    sql.push(" order by d.id for no key update of d");
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// A line as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.document_line")]
pub struct LineRow {
    pub id: DocumentLineId,
    pub document_id: DocumentId,
    pub position: i32,
    pub kind: LineKind,
    pub item_code: String,
    pub name: String,
    pub description: String,
    pub quantity: Decimal,
    pub unit_code: String,
    pub unit_price: Decimal,
    pub discount_pct: Decimal,
    pub gross: Decimal,
    pub net: Decimal,
    #[sqlx(try_from = "String")]
    pub vat_category: VatCode,
    pub vat_rate: Decimal,
    pub vat_reason: String,
    pub vat_reason_code: Option<String>,
    pub revenue_role: String,
    pub account: Option<String>,
    pub supply_from: Option<Date>,
    pub supply_to: Option<Date>,
    pub bills: Json<Vec<Billed>>,
}

impl LineRow {
    /// Its VAT.
    pub fn line_vat(&self) -> LineVat {
        LineVat {
            category: self.vat_category,
            rate: self.vat_rate,
            reason: self.vat_reason.clone(),
            reason_code: self.vat_reason_code.clone(),
        }
    }
}

/// The lines of documents, in their order.
pub async fn list_lines(tx: &mut Tx, documents: &[DocumentId]) -> Result<Vec<LineRow>> {
    let tenant = tx.tenant();
    let ids: Vec<Uuid> = documents.iter().map(|id| id.uuid()).collect();
    let lines = sqlx::query_as(
        "select l.id, l.document_id, l.position, l.kind, l.item_code, l.name, l.description, l.quantity, l.unit_code,
             l.unit_price, l.discount_pct, l.gross, l.net, l.vat_category, l.vat_rate, l.vat_reason, l.vat_reason_code,
             l.revenue_role, l.account, l.supply_from, l.supply_to, coalesce(b.bills, '[]') as bills
         from billing.document_line l
         left join (
             select line_id, jsonb_agg(jsonb_build_object('kind', kind, 'reference', reference) order by kind, reference) as bills
             from billing.billed where tenant_id = $1 and document_id = any ($2) group by line_id
         ) b on b.line_id = l.id
         where l.tenant_id = $1 and l.document_id = any ($2)
         order by l.document_id, l.position",
    )
    .bind(tenant)
    .bind(ids);
    Ok(lines.fetch_all(tx.conn()).await?)
}

/// VAT of a document under one rate, as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.document_vat")]
pub struct VatRow {
    pub document_id: DocumentId,
    #[sqlx(try_from = "String")]
    pub category: VatCode,
    pub rate: Decimal,
    pub lines_net: Decimal,
    pub discount: Decimal,
    pub base: Decimal,
    pub vat: Decimal,
    pub reason: String,
    pub reason_code: Option<String>,
}

impl VatRow {
    /// The amounts, as they were computed.
    pub fn amounts(&self) -> VatAmounts {
        VatAmounts {
            key: VatKey { category: self.category, rate: self.rate.normalize() },
            lines: self.lines_net,
            discount: self.discount,
            base: self.base,
            vat: self.vat,
        }
    }
}

/// The VAT of documents, highest rate first.
pub async fn list_vat(tx: &mut Tx, documents: &[DocumentId]) -> Result<Vec<VatRow>> {
    let tenant = tx.tenant();
    let ids: Vec<Uuid> = documents.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as(
        "select document_id, category, rate, lines_net, discount, base, vat, reason, reason_code
         from billing.document_vat where tenant_id = $1 and document_id = any ($2)
         order by document_id, rate desc, category",
    )
    .bind(tenant)
    .bind(ids);
    Ok(rows.fetch_all(tx.conn()).await?)
}
