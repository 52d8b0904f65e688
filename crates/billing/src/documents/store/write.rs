//! What writes documents.

use kernel::{Date, DocumentId, DocumentLineId, EntityId, EntryId, EntryLineId, Timestamp, Week};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};

use super::DocumentRow;
use crate::documents::draft::{Draft, DraftLine};
use crate::documents::model::{DocumentStatus, PaymentState, Settled};
use crate::documents::totals::{Totals, VatAmounts};

/// Writes a new draft, without its lines.
pub async fn insert_document(tx: &mut Tx, id: DocumentId, draft: &Draft, totals: &Totals) -> Result<()> {
    let (tenant, now, by) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let (discount_pct, discount_amount) = draft.discount.columns();
    sqlx::query!(
        "insert into billing.document (tenant_id, id, entity_id, kind, direction, series, status, origin, party_id, original_id,
             source_id, version, currency, language, subject, notes, internal_notes, purchase_order, contract, supply_from,
             supply_to, week, valid_until, payment_terms_days, payment_method, discount_pct, discount_amount, discount_reason,
             lines_net, discount, net, vat, gross, created_at, created_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $33)",
        tenant,
        id.uuid(),
        draft.entity.uuid(),
        draft.kind.as_str(),
        draft.direction.as_str(),
        draft.kind.series(draft.origin).as_str(),
        draft.origin.as_str(),
        draft.party_id.uuid(),
        draft.original_id.map(DocumentId::uuid),
        draft.source_id.map(DocumentId::uuid),
        draft.version,
        draft.currency.code(),
        draft.language.as_str(),
        draft.text.subject,
        draft.text.notes,
        draft.text.internal_notes,
        draft.text.purchase_order,
        draft.text.contract,
        draft.supply_from as Option<Date>,
        draft.supply_to as Option<Date>,
        draft.week.map(Week::monday) as Option<Date>,
        draft.valid_until as Option<Date>,
        draft.payment_terms_days,
        draft.payment_method.as_str(),
        discount_pct,
        discount_amount,
        draft.text.discount_reason,
        totals.lines_net,
        totals.discount,
        totals.net,
        totals.vat_total,
        totals.gross,
        now as Timestamp,
        by,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what a draft says now, without its lines.
pub async fn update_draft(tx: &mut Tx, id: DocumentId, draft: &Draft, totals: &Totals) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let (discount_pct, discount_amount) = draft.discount.columns();
    let done = sqlx::query!(
        "update billing.document
         set party_id = $3, currency = $4, language = $5, subject = $6, notes = $7, internal_notes = $8, purchase_order = $9,
             contract = $10, supply_from = $11, supply_to = $12, valid_until = $13, payment_terms_days = $14,
             payment_method = $15, discount_pct = $16, discount_amount = $17, discount_reason = $18, lines_net = $19,
             discount = $20, net = $21, vat = $22, gross = $23, updated_at = $24
         where tenant_id = $1 and id = $2 and status = 'draft'",
        tenant,
        id.uuid(),
        draft.party_id.uuid(),
        draft.currency.code(),
        draft.language.as_str(),
        draft.text.subject,
        draft.text.notes,
        draft.text.internal_notes,
        draft.text.purchase_order,
        draft.text.contract,
        draft.supply_from as Option<Date>,
        draft.supply_to as Option<Date>,
        draft.valid_until as Option<Date>,
        draft.payment_terms_days,
        draft.payment_method.as_str(),
        discount_pct,
        discount_amount,
        draft.text.discount_reason,
        totals.lines_net,
        totals.discount,
        totals.net,
        totals.vat_total,
        totals.gross,
        now as Timestamp,
    )
    .execute(tx.conn())
    .await?;
    expect_one(done.rows_affected())
}

fn expect_one(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::conflict("The document was changed meanwhile: read it again.")) }
}

/// Takes the lines and VAT of a draft away, before they are written anew.
pub async fn delete_parts(tx: &mut Tx, id: DocumentId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from billing.document_line where tenant_id = $1 and document_id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    sqlx::query!("delete from billing.document_vat where tenant_id = $1 and document_id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Writes the lines of a draft; returns their ids in order.
pub async fn insert_lines(
    tx: &mut Tx,
    id: DocumentId,
    entity: EntityId,
    lines: &[DraftLine],
    totals: &Totals,
) -> Result<Vec<DocumentLineId>> {
    let ids: Vec<_> = lines.iter().map(|_| DocumentLineId::generate(tx.now())).collect();
    let mut sql = QueryBuilder::<Postgres>::new(
        "insert into billing.document_line (tenant_id, id, entity_id, document_id, position, kind, item_code, name, description,
             quantity, unit_code, unit_price, discount_pct, gross, net, vat_category, vat_rate, vat_reason, vat_reason_code,
             revenue_role, account, supply_from, supply_to) ",
    );
    let tenant = tx.tenant();
    let rows = ids.iter().zip(lines).zip(&totals.lines).zip(1_i32..);
    sql.push_values(rows, |mut row, (((line_id, line), amounts), position)| {
        row.push_bind(tenant).push_bind(*line_id).push_bind(entity).push_bind(id).push_bind(position);
        row.push_bind(line.kind.as_str()).push_bind(&line.item_code).push_bind(&line.name).push_bind(&line.description);
        row.push_bind(line.quantity).push_bind(&line.unit_code).push_bind(line.unit_price).push_bind(line.discount_pct);
        row.push_bind(amounts.gross).push_bind(amounts.net).push_bind(line.vat.category.code());
        row.push_bind(line.vat.rate).push_bind(&line.vat.reason).push_bind(&line.vat.reason_code);
        row.push_bind(line.revenue.as_str())
            .push_bind(&line.account)
            .push_bind(line.supply_from)
            .push_bind(line.supply_to);
    });
    sql.build().execute(tx.conn()).await?;
    Ok(ids)
}

/// Writes the VAT of a draft, with the reason its lines give for each rate.
pub async fn insert_vat(
    tx: &mut Tx,
    id: DocumentId,
    entity: EntityId,
    vat: &[(VatAmounts, String, Option<String>)],
) -> Result<()> {
    if vat.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    let mut sql = QueryBuilder::<Postgres>::new(
        "insert into billing.document_vat (tenant_id, entity_id, document_id, category, rate, lines_net, discount, base, vat,
             reason, reason_code) ",
    );
    sql.push_values(vat, |mut row, (group, reason, code)| {
        row.push_bind(tenant)
            .push_bind(entity)
            .push_bind(id)
            .push_bind(group.key.category.code())
            .push_bind(group.key.rate);
        row.push_bind(group.lines).push_bind(group.discount).push_bind(group.base).push_bind(group.vat);
        row.push_bind(reason).push_bind(code);
    });
    sql.build().execute(tx.conn()).await?;
    Ok(())
}

/// Throws a draft away with its lines.
pub async fn delete_draft(tx: &mut Tx, id: DocumentId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    let done = sqlx::query!(
        "delete from billing.document where tenant_id = $1 and id = $2 and status = 'draft'",
        tenant,
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    expect_one(done.rows_affected())
}

/// Names the document that a draft is in the books of another entity.
pub async fn set_mirror(tx: &mut Tx, id: DocumentId, mirror: DocumentId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    let done = sqlx::query!(
        "update billing.document set mirror_id = $3 where tenant_id = $1 and id = $2 and status = 'draft'",
        tenant,
        id.uuid(),
        mirror.uuid()
    )
    .execute(tx.conn())
    .await?;
    expect_one(done.rows_affected())
}

/// What issue adds to a draft.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.document")]
pub struct Issue {
    pub id: DocumentId,
    pub number: String,
    pub number_value: Option<i64>,
    pub number_year: i32,
    pub issue_on: Date,
    pub due_on: Option<Date>,
    pub valid_until: Option<Date>,
    pub seller: Value,
    pub buyer: Value,
    pub mentions: Value,
    pub rate: Option<Decimal>,
    pub gross_functional: Option<Decimal>,
    pub entry_id: Option<EntryId>,
    pub line_id: Option<EntryLineId>,
    pub pdf_sha256: Option<String>,
    pub vat_on_receipt: bool,
    pub payment_state: Option<PaymentState>,
}

/// Freezes drafts: from here on only payments change them.
pub async fn issue_documents(tx: &mut Tx, issues: &[Issue]) -> Result<()> {
    let (tenant, now, by) = (tx.tenant(), tx.now(), tx.ctx().actor().name().to_owned());
    let mut sql = QueryBuilder::<Postgres>::new(
        "update billing.document d
         set status = 'sent', number = i.number, number_value = i.number_value, number_year = i.number_year,
             issue_on = i.issue_on, due_on = i.due_on, valid_until = i.valid_until, seller = i.seller, buyer = i.buyer,
             mentions = i.mentions, rate = i.rate,
             gross_functional = i.gross_functional, entry_id = i.entry_id, line_id = i.line_id, pdf_sha256 = i.pdf_sha256,
             vat_on_receipt = i.vat_on_receipt, payment_state = i.payment_state, issued_at = ",
    );
    sql.push_bind(now).push(", issued_by = ").push_bind(by).push(", updated_at = ").push_bind(now).push(" from (");
    sql.push_values(issues, |mut row, issue| {
        row.push_bind(issue.id).push_bind(&issue.number).push_bind(issue.number_value).push_bind(issue.number_year);
        row.push_bind(issue.issue_on).push_bind(issue.due_on).push_bind(issue.valid_until).push_bind(&issue.seller);
        row.push_bind(&issue.buyer).push_bind(&issue.mentions).push_bind(issue.rate).push_bind(issue.gross_functional);
        row.push_bind(issue.entry_id).push_bind(issue.line_id).push_bind(&issue.pdf_sha256);
        row.push_bind(issue.vat_on_receipt);
        row.push_bind(issue.payment_state.map(PaymentState::as_str));
    });
    sql.push(
        ") i (id, number, number_value, number_year, issue_on, due_on, valid_until, seller, buyer, mentions, rate,
             gross_functional, entry_id, line_id, pdf_sha256, vat_on_receipt, payment_state)
         where d.tenant_id = ",
    );
    sql.push_bind(tenant).push(" and d.id = i.id and d.status = 'draft'");
    let done = sql.build().execute(tx.conn()).await?;
    if done.rows_affected() == issues.len() as u64 { Ok(()) } else { expect_one(0) }
}

/// Moves an offer along its life.
pub async fn update_status(tx: &mut Tx, row: &DocumentRow, to: DocumentStatus) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let done = sqlx::query!(
        "update billing.document set status = $4, updated_at = $5 where tenant_id = $1 and id = $2 and status = $3",
        tenant,
        row.id.uuid(),
        row.status.as_str(),
        to.as_str(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    expect_one(done.rows_affected())
}

/// Writes what is settled of issued documents now, and where that leaves them.
pub async fn settle(
    tx: &mut Tx,
    rows: &[(DocumentId, Settled, DocumentStatus, PaymentState, Option<Date>)],
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let mut sql = QueryBuilder::<Postgres>::new(
        "update billing.document d
         set paid = s.paid, credited = s.credited, status = s.status, payment_state = s.state, settled_on = s.settled_on,
             updated_at = ",
    );
    sql.push_bind(now).push(" from (");
    sql.push_values(rows, |mut row, (id, settled, status, state, settled_on)| {
        row.push_bind(*id).push_bind(settled.paid).push_bind(settled.credited).push_bind(*status);
        row.push_bind(state.as_str()).push_bind(*settled_on);
    });
    sql.push(") s (id, paid, credited, status, state, settled_on) where d.tenant_id = ");
    sql.push_bind(tenant).push(" and d.id = s.id and d.status in ('sent', 'paid')");
    let done = sql.build().execute(tx.conn()).await?;
    if done.rows_affected() == rows.len() as u64 { Ok(()) } else { expect_one(0) }
}
