//! Reading entries.

use kernel::{AccountId, Date, EntityId, EntryId, EntryLineId, LetteringId, Limit, PartyId, Timestamp};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// A posted entry.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of ledger.entry")]
pub struct EntryRow {
    pub id: EntryId,
    pub entity_id: EntityId,
    pub journal: String,
    pub number: i64,
    pub reference: String,
    pub entry_on: Date,
    pub piece_ref: String,
    pub piece_on: Date,
    pub label: String,
    pub source_kind: String,
    pub source_id: Uuid,
    pub second_currency: Option<String>,
    pub second_rate: Option<Decimal>,
    pub second_rate_type: Option<String>,
    pub carried: bool,
    pub reverses: Option<EntryId>,
    pub reversed_by: Option<EntryId>,
    pub total: Decimal,
    pub second_total: Decimal,
    pub posted_at: Timestamp,
    pub posted_by: String,
}

/// A line of a posted entry.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of ledger.entry_line, its account and its lettering")]
pub struct LineRow {
    pub id: EntryLineId,
    pub line_no: i32,
    pub account_id: AccountId,
    pub account_code: String,
    pub account_name_fr: String,
    pub account_name_en: String,
    pub aux_party_id: Option<PartyId>,
    pub aux_code: Option<String>,
    pub aux_name: Option<String>,
    pub label: String,
    pub debit: Decimal,
    pub credit: Decimal,
    pub second_debit: Decimal,
    pub second_credit: Decimal,
    pub due_on: Option<Date>,
    pub lettering_id: Option<LetteringId>,
    pub letter: Option<String>,
}

/// What an entry says for the VAT return.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of ledger.vat_line")]
pub struct VatRow {
    pub line_no: i32,
    pub direction: String,
    pub category: String,
    pub rate: Decimal,
    pub base: Decimal,
    pub vat: Decimal,
    pub second_base: Decimal,
    pub second_vat: Decimal,
    pub tax_on: Date,
}

/// Which entries; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct EntryFilter {
    /// Only of this journal.
    pub journal: Option<String>,
    /// Only those with a line on this account, by code.
    pub account: Option<String>,
    /// Only those with a line of this party.
    pub party: Option<PartyId>,
    /// Only booked on this day or later.
    pub from: Option<Date>,
    /// Only booked on this day or before.
    pub to: Option<Date>,
    /// Only those whose document or label holds it, or whose number it is.
    pub search: Option<String>,
    /// Only posted before this entry.
    pub before: Option<Uuid>,
}

const COLUMNS: &str = "select e.id, e.entity_id, e.journal, e.number, e.reference, e.entry_on, e.piece_ref, e.piece_on, e.label,
     e.source_kind, e.source_id, e.second_currency, e.second_rate, e.second_rate_type, e.carried, e.reverses, e.posted_at, e.posted_by,
     (select r.id from ledger.entry r where r.tenant_id = e.tenant_id and r.reverses = e.id) as reversed_by,
     coalesce(s.total, 0) as total, coalesce(s.second_total, 0) as second_total
 from ledger.entry e
 cross join lateral (select sum(l.debit) as total, sum(l.second_debit) as second_total from ledger.entry_line l
     where l.tenant_id = e.tenant_id and l.entry_id = e.id) s
 where e.tenant_id = ";

/// Entries in scope, the last posted first, one more than `limit`.
pub async fn list_entries(tx: &mut Tx, filter: &EntryFilter, limit: Limit) -> Result<Vec<EntryRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant());
    if let Some(entities) = tx.ctx().counted_entities() {
        sql.push(" and e.entity_id = any (").push_bind(entities).push(")");
    }
    if let Some(journal) = &filter.journal {
        sql.push(" and e.journal = ").push_bind(journal);
    }
    if let Some(account) = &filter.account {
        sql.push(
            " and exists (select from ledger.entry_line l join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
                 where l.tenant_id = e.tenant_id and l.entry_id = e.id and a.code = ",
        );
        sql.push_bind(account).push(")");
    }
    if let Some(party) = filter.party {
        sql.push(" and exists (select from ledger.entry_line l where l.tenant_id = e.tenant_id and l.entry_id = e.id and l.aux_party_id = ");
        sql.push_bind(party).push(")");
    }
    if let Some(from) = filter.from {
        sql.push(" and e.entry_on >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and e.entry_on <= ").push_bind(to);
    }
    if let Some(search) = &filter.search {
        sql.push(" and (strpos(lower(e.label), lower(")
            .push_bind(search)
            .push(")) > 0 or strpos(lower(e.piece_ref), lower(");
        sql.push_bind(search).push(")) > 0 or e.reference = upper(").push_bind(search).push("))");
    }
    if let Some(before) = filter.before {
        sql.push(" and e.id < ").push_bind(before);
    }
    sql.push(" order by e.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One entry within the caller's scope.
pub async fn get_entry(tx: &mut Tx, id: EntryId) -> Result<EntryRow> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" and e.id = ").push_bind(id);
    let row: Option<EntryRow> = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("entry"))
}

/// The entry that takes this one back, if there is one: none can come meanwhile, for its book is held.
pub(crate) async fn lock_reversed(tx: &mut Tx, id: EntryId) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select exists (select from ledger.entry where tenant_id = $1 and reverses = $2) as "found!""#,
        tenant,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// The lines of an entry, in its order, with what they are lettered with now.
pub async fn list_lines(tx: &mut Tx, entry: EntryId) -> Result<Vec<LineRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        LineRow,
        r#"select l.id as "id: EntryLineId", l.line_no, l.account_id as "account_id: AccountId", a.code as account_code,
               a.name_fr as account_name_fr, a.name_en as account_name_en, l.aux_party_id as "aux_party_id: PartyId", l.aux_code, l.aux_name,
               l.label, l.debit, l.credit, l.second_debit, l.second_credit, l.due_on, t.id as "lettering_id?: LetteringId",
               t.code as "letter?"
           from ledger.entry_line l
           join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
           left join ledger.lettering_line n on n.tenant_id = l.tenant_id and n.line_id = l.id and n.undone_at is null
           left join ledger.lettering t on t.tenant_id = n.tenant_id and t.id = n.lettering_id
           where l.tenant_id = $1 and l.entry_id = $2 order by l.line_no"#,
        tenant,
        entry.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// What an entry says for the VAT return, in its order.
pub async fn list_vat_lines(tx: &mut Tx, entry: EntryId) -> Result<Vec<VatRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        VatRow,
        "select line_no, direction, category, rate, base, vat, second_base, second_vat, tax_on
         from ledger.vat_line where tenant_id = $1 and entry_id = $2 order by line_no",
        tenant,
        entry.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The name of a party within the caller's scope, and the code that it bore in the books of `entity` last.
pub async fn party_of(tx: &mut Tx, entity: EntityId, party: PartyId) -> Result<Option<(String, Option<String>)>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select p.name, (select l.aux_code from ledger.entry_line l where l.tenant_id = $1 and l.entity_id = $2 and l.aux_party_id = p.id
               order by l.id desc limit 1) as code
           from parties.party p where p.tenant_id = $1 and p.id = $3 and (p.entity_id is null or p.entity_id = $2)"#,
        tenant,
        entity.uuid(),
        party.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.name, row.code)))
}

/// A line of a journal, with what stands on its entry.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of ledger.entry and ledger.entry_line")]
pub struct JournalLine {
    pub entry_id: Uuid,
    pub line_no: i32,
    pub journal: String,
    pub reference: String,
    pub entry_on: Date,
    pub account_code: String,
    pub account_name: String,
    pub aux_code: Option<String>,
    pub aux_name: Option<String>,
    pub piece_ref: String,
    pub piece_on: Date,
    pub label: String,
    pub debit: Decimal,
    pub credit: Decimal,
    pub second_currency: Option<String>,
    pub second_debit: Decimal,
    pub second_credit: Decimal,
    pub due_on: Option<Date>,
}

/// Lines of an entity's entries in the order they were posted, those after an entry and line number, so many.
pub async fn list_journal_lines(
    tx: &mut Tx,
    entity: EntityId,
    filter: &EntryFilter,
    (after, rows): (Option<(Uuid, i32)>, i64),
) -> Result<Vec<JournalLine>> {
    let tenant = tx.tenant().uuid();
    let (entry, line) = after.unwrap_or((Uuid::nil(), 0));
    let lines = sqlx::query_as!(
        JournalLine,
        r#"select e.id as "entry_id!", l.line_no, e.journal, e.reference, e.entry_on, a.code as account_code, a.name_fr as account_name,
               l.aux_code, l.aux_name, e.piece_ref, e.piece_on, l.label, l.debit, l.credit, e.second_currency, l.second_debit,
               l.second_credit, l.due_on
           from ledger.entry e
           join ledger.entry_line l on l.tenant_id = e.tenant_id and l.entry_id = e.id
           join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
           where e.tenant_id = $1 and e.entity_id = $2 and e.id >= $3 and (e.id, l.line_no) > ($3, $4)
             and ($5::text is null or e.journal = $5) and ($6::text is null or a.code = $6) and ($7::uuid is null or l.aux_party_id = $7)
             and ($8::date is null or e.entry_on >= $8) and ($9::date is null or e.entry_on <= $9)
             and ($10::text is null or strpos(lower(e.label), lower($10)) > 0 or strpos(lower(e.piece_ref), lower($10)) > 0
                 or e.reference = upper($10))
           order by e.id, l.line_no limit $11"#,
        tenant,
        entity.uuid(),
        entry,
        line,
        filter.journal,
        filter.account,
        filter.party.map(PartyId::uuid),
        filter.from as Option<Date>,
        filter.to as Option<Date>,
        filter.search,
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(lines)
}

/// A party that was looked for by its code in the books, its id or its name.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "a party and what it was looked for by")]
pub struct FoundParty {
    pub wanted: String,
    pub party: PartyId,
    pub name: String,
    pub code: Option<String>,
}

/// The parties that the books of an entity know under these codes, and those within its sight with these ids or names.
pub async fn list_parties(tx: &mut Tx, entity: EntityId, wanted: &[String]) -> Result<Vec<FoundParty>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        FoundParty,
        r#"with used as (
               select distinct on (aux_party_id) aux_party_id as party, aux_code as code from ledger.entry_line
               where tenant_id = $1 and entity_id = $2 and aux_party_id is not null order by aux_party_id, id desc
           )
           select w.name as "wanted!", p.id as "party: PartyId", p.name, u.code as "code?"
           from unnest($3::text[]) as w (name)
           join parties.party p on p.tenant_id = $1 and (p.entity_id is null or p.entity_id = $2)
           left join used u on u.party = p.id
           where u.code = w.name or p.id::text = lower(w.name) or lower(p.name) = lower(w.name)
           order by w.name, u.code is distinct from w.name, p.id"#,
        tenant,
        entity.uuid(),
        wanted
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
