//! What lines bill, each thing once.

use kernel::{Date, DocumentId, DocumentLineId, EntityId};
use platform::{Error, Result, Tx};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::documents::draft::DraftLine;

/// Binds what the lines of a draft bill to them. Whoever binds the same at the same time waits for this transaction.
///
/// Conflict, naming the invoice, where one of them is billed already.
pub async fn bind_billed(
    tx: &mut Tx,
    (entity, document): (EntityId, DocumentId),
    lines: &[DraftLine],
    ids: &[DocumentLineId],
) -> Result<()> {
    // In one order everywhere, so that two that bill the same in different orders do not wait for each other.
    let mut bound: Vec<_> =
        lines.iter().zip(ids).flat_map(|(line, id)| line.bills.iter().map(move |billed| (billed, *id))).collect();
    if bound.is_empty() {
        return Ok(());
    }
    bound.sort_unstable_by_key(|(billed, _)| *billed);
    let kinds: Vec<&str> = bound.iter().map(|(billed, _)| billed.kind.as_str()).collect();
    let references: Vec<&str> = bound.iter().map(|(billed, _)| billed.reference.as_str()).collect();
    let ids: Vec<Uuid> = bound.iter().map(|(_, id)| id.uuid()).collect();
    let mut sql = QueryBuilder::<Postgres>::new(
        "insert into billing.billed (tenant_id, entity_id, document_id, line_id, kind, reference) select ",
    );
    sql.push_bind(tx.tenant()).push(", ").push_bind(entity).push(", ").push_bind(document);
    sql.push(", line_id, kind, reference from unnest(").push_bind(ids).push("::uuid[], ").push_bind(&kinds);
    sql.push("::text[], ").push_bind(&references);
    sql.push("::text[]) as n (line_id, kind, reference) on conflict do nothing returning 1");
    if sql.build().fetch_all(tx.conn()).await?.len() == bound.len() {
        return Ok(());
    }
    let tenant = tx.tenant().uuid();
    let taken = sqlx::query!(
        r#"select b.kind, b.reference, d.number
           from billing.billed b
           join unnest($4::text[], $5::text[]) as n (kind, reference) on n.kind = b.kind and n.reference = b.reference
           join billing.document d on d.tenant_id = b.tenant_id and d.id = b.document_id
           where b.tenant_id = $1 and b.entity_id = $2 and b.document_id <> $3 and b.released_on is null
           order by b.kind, b.reference limit 1"#,
        tenant,
        entity.uuid(),
        document.uuid(),
        &kinds as &[&str],
        &references as &[&str]
    )
    .fetch_optional(tx.conn())
    .await?;
    let why = taken.map_or_else(
        || "Something it bills was billed meanwhile.".to_owned(),
        |taken| {
            let on = taken.number.map_or_else(|| "in a draft".to_owned(), |number| format!("on {number}"));
            format!("{} {} is billed already, {on}.", taken.kind, taken.reference)
        },
    );
    Err(Error::refused("already_billed", why))
}

/// Invoices that were taken back as a whole let go of what they billed: it may be billed anew.
pub async fn release_billed(tx: &mut Tx, documents: &[DocumentId], on: Date) -> Result<()> {
    if documents.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant().uuid();
    let documents: Vec<Uuid> = documents.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "update billing.billed set released_on = $3
         where tenant_id = $1 and document_id = any ($2) and released_on is null",
        tenant,
        &documents,
        on as Date
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
